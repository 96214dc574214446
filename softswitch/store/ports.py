"""What the tables of the store ask of the database: to take writes, and to answer queries.

`Database` is both; a test may give something smaller. `StoreError` is the package's one exception:
only reading raises it, writing never does.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from sqlalchemy import Executable

from softswitch.store.operations import Value


class StoreError(Exception):
    """The database cannot be read now; the message says why."""


class Disk(Protocol):
    """Takes a write at once and has it on the disk within a second."""

    def put(self, operation: str, values: tuple[Value, ...]) -> None:
        """Queue one write of `operations.OPERATIONS`. Never waits, never raises."""

    async def flush(self) -> bool:
        """Wait until everything put so far is on the disk; False if it could not be."""


class Shelf(Protocol):
    """Answers queries, from what has reached the database."""

    async def read(self, query: Executable) -> Sequence[Any]:
        """All rows of the query. Raises StoreError."""


class Store(Disk, Shelf, Protocol):
    """Both ways."""

    async def scrub(self) -> None:
        """Overwrite what was deleted or changed so far. Raises StoreError."""
