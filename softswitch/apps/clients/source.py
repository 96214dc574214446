"""Another system that knows the office's clients: what `room` asks of it, and how it may fail."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class SourceFailed(Exception):
    """No answer, or none that can be read; the message says why, for the log."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who calls which number of the office, both E.164."""

    number: str
    called: str


class Source(Protocol):
    """`kind`: for logs and metrics."""

    kind: str
    where: str

    async def ask(self, question: Question, seconds: float) -> Mapping[str, object] | None:
        """`name`, `caretaker`, `card`, `privileged`; None: it does not know the number.

        Raises `SourceFailed`, after so many seconds at the latest.
        """

    def close(self) -> None:
        """Give back what it holds; nothing is asked any more."""
