"""The journal: where writes go while the database is away.

Append-only lines of JSON in one file, fsynced a batch at a time, replayed when the database is back
and at the next start. Every write is idempotent (see `operations.py`), so nothing needs to be told
apart on the way back. Blocking file work: the writer calls it in a thread.
"""

import errno
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from softswitch.store.operations import OPERATIONS, Write, from_fields, to_fields

# Some months of an office. More would take the disk from the recordings and the mails.
MOST_BYTES = 512 * 1024 * 1024
# The end of the name of the file for writes that no database takes.
DAMAGED = ".damaged"


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the journal: its writes, its unreadable lines, where the next one begins."""

    writes: tuple[Write, ...]
    damaged: tuple[str, ...]
    end: int


class Journal:
    """One file; all methods raise OSError when the disk does."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._damaged = path.with_suffix(path.suffix + DAMAGED)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    def size(self) -> int:
        """Bytes waiting; 0 without a file."""
        try:
            return self._path.stat().st_size
        except FileNotFoundError:
            return 0

    def append(self, writes: Sequence[Write]) -> None:
        """Add the writes and have them on the disk before returning; all of them or none.

        What would make it longer than MOST_BYTES is refused as by a full disk.
        """
        data = "".join(_line(write) for write in writes).encode("utf-8")
        if self.size() + len(data) > MOST_BYTES:
            raise OSError(errno.ENOSPC, f"it would be longer than {MOST_BYTES} bytes")
        self._append(self._path, data)

    def read(self, offset: int, limit: int) -> Page:
        """At most `limit` lines from a byte `offset` on."""
        writes: list[Write] = []
        damaged: list[str] = []
        with self._path.open("rb") as file:
            file.seek(offset)
            for _ in range(limit):
                line = file.readline()
                if not line:
                    break
                write = _parse(line)
                if write is not None:
                    writes.append(write)
                elif line.strip():
                    damaged.append(line.decode("utf-8", "replace"))
            return Page(tuple(writes), tuple(damaged), file.tell())

    def set_aside(self, lines: Iterable[str]) -> None:
        """Keep what the database will never take in a file for a person to look at."""
        text = "".join(line if line.endswith("\n") else line + "\n" for line in lines)
        self._append(self._damaged, text.encode("utf-8", "replace"))

    def set_aside_writes(self, writes: Iterable[Write]) -> None:
        """`set_aside` for writes."""
        self.set_aside(_line(write) for write in writes)

    def clear(self) -> None:
        """All of it is in the database."""
        self._path.unlink(missing_ok=True)

    def _append(self, path: Path, data: bytes) -> None:
        is_new = not path.exists()
        with path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                _write_all(file.fileno(), _glue(path, before) + data)
                os.fsync(file.fileno())
            except OSError:
                # A half line would swallow the next one. Shrinking needs no space on the disk.
                os.ftruncate(file.fileno(), before)
                raise
        if is_new:
            _sync_folder(path.parent)


def _glue(path: Path, size: int) -> bytes:
    """A line feed, if a crash left the file in the middle of a line."""
    if not size:
        return b""
    with path.open("rb") as file:
        file.seek(size - 1)
        return b"" if file.read(1) == b"\n" else b"\n"


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:  # a nearly full disk takes a part and refuses the rest
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    """Make the file's name as durable as its content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(write: Write) -> str:
    try:
        content: object = to_fields(write)
    except (KeyError, ValueError):  # no operation of ours: kept as it is, set aside when replayed
        content = repr(write.values)
    return json.dumps([write.operation, content], separators=(",", ":"), default=str) + "\n"


def _parse(line: bytes) -> Write | None:
    """A write, or None for a line that is torn, foreign or of an unknown operation."""
    try:
        operation, fields = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return None
    if not isinstance(operation, str) or not isinstance(fields, dict):
        return None
    if operation not in OPERATIONS:
        return None
    return from_fields(operation, fields)
