"""One recording of a call, from its key to its closed file.

What it is to hear is said at any moment (`follow`); it is done as soon as its key is on the disk.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from media.api import RecordingEnd, SealedError, SealedReader, Sound
from softswitch.calls.recording import Recording, Recordings, Seal, SoundError
from softswitch.calls.sound import Sound as LegSound
from softswitch.store.recordings import GapRow, RecordingRow

# Who is heard on the left, and who on the right; of a conference all on the left.
Sides = tuple[tuple[LegSound, ...], tuple[LegSound, ...]]
SAMPLE = 2
# Its media worker died, or the whole switch: what was written is there.
INTERRUPTED = "interrupted"


class Tape:
    """`row`: as it stands in the store from the beginning on."""

    def __init__(self, engine: Recordings, row: RecordingRow, path: Path) -> None:
        self.row, self.path = row, path
        self._engine = engine
        self._recording: Recording | None = None
        self._seal: Seal | None = None
        self._sides: Sides | None = None
        self._why: str | None = None
        self._is_stopped = False
        self._changed = asyncio.Event()
        self.trouble: str | None = None
        # Of its owner: it begins to be written; sound of it is being lost.
        self.on_begin: Callable[[], None] = lambda: None
        self.on_trouble: Callable[[str], None] = lambda error: None

    @property
    def is_over(self) -> bool:
        """Nothing more will be written into it."""
        return self._is_stopped or (self._recording is not None and self._recording.ended.done())

    @property
    def is_running(self) -> bool:
        """What is said now is written."""
        return self._recording is not None and not self.is_over and self._why is None

    def follow(self, sides: Sides | None, why: str | None, person: str | None) -> None:
        """Hear these from now on; or nobody, for this reason."""
        before, self._sides, self._why = (self._sides, self._why), sides, why
        self.row = replace(self.row, person=person or self.row.person)
        if self.is_over or (sides, why) == before:
            return
        if self._recording is None:
            self._begin()
        elif why is not None or sides is None:
            self._recording.pause(why or INTERRUPTED)
            self._recording.turn((), ())
        else:
            self._recording.turn(*sides)
            self._recording.resume()

    def use(self, key: bytes) -> None:
        """Its key is on the disk."""
        self._seal = Seal(key, self.row.id)
        self._begin()

    def _begin(self) -> None:
        if self._seal is None or self._sides is None or self._why is not None or self.is_over:
            return
        self._recording = self._engine.talk(*self._sides, str(self.path), self._seal)
        self._recording.on_trouble = self._troubled
        self.on_begin()
        self._changed.set()

    def _troubled(self, error: str) -> None:
        self.trouble = error
        self.on_trouble(error)

    def stop(self) -> None:
        """For good."""
        self._is_stopped = True
        if self._recording is not None:
            self._recording.stop()
        self._changed.set()

    async def ended(self) -> str | None:
        """Wait for its file: how it ended; None when nothing was ever to be written."""
        while self._recording is None:
            if self._is_stopped:
                return None
            self._changed.clear()
            await self._changed.wait()
        try:
            stopping = asyncio.ensure_future(self._stopped())
            try:
                waited: list[asyncio.Future[object]] = [self._recording.ended, stopping]  # type: ignore[list-item]
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopping.cancel()
            return (await self._recording.finished()).reason.value
        except SoundError as error:
            self.trouble = self.trouble or str(error)
            return INTERRUPTED if self._recording.ended.done() else RecordingEnd.ERROR.value

    async def _stopped(self) -> None:
        while not self._is_stopped:
            self._changed.clear()
            await self._changed.wait()


def measure(path: Path, key: bytes) -> tuple[float, tuple[GapRow, ...]]:
    """Seconds of sound in a sealed file, and its gaps; (0, none) when nothing can be read.

    Reads the whole file: not for the event loop.
    """
    total, gaps = 0, list[GapRow]()
    try:
        with path.open("rb") as file:
            reader = SealedReader(file, key)
            second = reader.rate * reader.channels * SAMPLE
            for piece in reader.pieces():
                if isinstance(piece, Sound):
                    total += len(piece.samples)
                else:
                    gaps.append(GapRow(piece.why, round(total / second, 2), piece.seconds))
            return round(total / second, 2), tuple(gaps)
    except (OSError, SealedError):
        return 0.0, ()
