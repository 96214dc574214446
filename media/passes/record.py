"""The record pass: what legs said in a block of ticks, side by side, recording by recording.

Left and right are the sums of the legs on each side; a mono recording adds both sides. A tape
that begins, ends or is turned to other legs within a block takes its part of it. One that is paused
hears nobody and only counts what it misses.
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from media.rows import BLOCK, FRAME, Index, Rows

# -42 dBFS: above a quiet room on a desk phone, below a whisper into the handset.
SPEECH_PEAK: Final = 260
# Blocks wait for the disk for half a second, each as large as there are recordings. In sizes of so
# many the next one fits where an old one was; else the memory fills with holes of all sizes.
ALIKE: Final = 16

Samples = NDArray[np.int16]


class Sink(Protocol):
    """Where sound goes: a part of one tape, or a block of many at once."""

    def write(self, recording: int, samples: Samples) -> object:
        """samples: (n, 2), or (n,) of a mono tape."""

    def write_all(self, recordings: tuple[int, ...], samples: Samples) -> object:
        """samples: (recordings, n, 2); it is the sink's from now on."""


class Tape:
    """One recording: which rows are on which side, and how far it is."""

    __slots__ = (
        *("number", "is_mono", "left", "right", "begin"),
        *("frames", "limit", "silent", "stop_silence", "is_paused", "paused"),
    )

    def __init__(
        self, number: int, is_mono: bool, limit: int | None, stop_silence: int | None
    ) -> None:
        self.number = number
        self.is_mono = is_mono
        self.left: tuple[int, ...] = ()
        self.right: tuple[int, ...] = ()
        # The first frame of the block that it has not taken yet.
        self.begin = 0
        # Counted if there is a limit.
        self.frames = 0
        self.limit = limit
        # Frames of silence in a row, and how many of them end it.
        self.silent = 0
        self.stop_silence = stop_silence
        # Frames since it is paused.
        self.is_paused = False
        self.paused = 0

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.frames >= self.limit

    @property
    def is_silent(self) -> bool:
        return self.stop_silence is not None and self.silent >= self.stop_silence

    @property
    def is_whole(self) -> bool:
        """Whether it takes the next block as it is, whatever is in it."""
        is_endless = self.limit is None and self.stop_silence is None
        return is_endless and not (self.is_mono or self.is_paused or self.begin)

    @property
    def rows(self) -> tuple[int, ...]:
        """The legs that it hears."""
        return () if self.is_paused else self.left + self.right


class Tapes:
    """All recordings. Which rows are on which side is kept in index sets, renewed before the next
    block after a change; `rows.tapes` counts at once who is listened to.
    """

    def __init__(self) -> None:
        self._tapes: dict[int, Tape] = {}
        self._is_stale = False
        # Those that take every block whole go in columns, all others one by one.
        self._whole: tuple[int, ...] = ()
        self._sides: list[tuple[Index, Index]] = []
        self._more: list[tuple[int, int, int]] = []
        self._singles: list[Tape] = []

    def add(self, tape: Tape) -> None:
        self._tapes[tape.number] = tape
        self._is_stale = True

    def get(self, number: int) -> Tape | None:
        return self._tapes.get(number)

    def wire(
        self,
        rows: Rows,
        tape: Tape,
        left: tuple[int, ...],
        right: tuple[int, ...],
        is_paused: bool = False,
    ) -> None:
        """From now on it hears these."""
        self._count(rows, tape, -1)
        tape.left, tape.right, tape.is_paused = left, right, is_paused
        self._count(rows, tape, 1)

    def remove(self, rows: Rows, tape: Tape) -> None:
        self._count(rows, tape, -1)
        del self._tapes[tape.number]

    def _count(self, rows: Rows, tape: Tape, step: int) -> None:
        self._is_stale = True
        for row in tape.rows:
            rows.tapes[row] += step

    def _rewire(self) -> None:
        self._is_stale = False
        whole = [tape for tape in self._tapes.values() if tape.is_whole]
        self._singles = [tape for tape in self._tapes.values() if not tape.is_whole]
        self._whole = tuple([tape.number for tape in whole])
        sides = [[tape.left for tape in whole], [tape.right for tape in whole]]
        self._sides = [_first_legs(legs) for legs in sides]
        self._more = [
            (place, side, row)
            for side, legs in enumerate(sides)
            for place, each in enumerate(legs)
            for row in each[1:]
        ]

    def record(self, rows: Rows, sink: Sink) -> None:
        """A whole block into every tape; the next one begins."""
        if self._is_stale:
            self._rewire()
        if self._whole:
            sink.write_all(self._whole, self._block(rows))
        for tape in self._singles:
            # One that began within this block takes all of the next.
            self._is_stale |= tape.begin > 0
            self.cut(rows, tape, BLOCK, sink)

    def _block(self, rows: Rows) -> Samples:
        count = len(self._whole)
        block = np.zeros((count + -count % ALIKE, BLOCK, FRAME, 2), np.int16)[:count]
        for side, (places, said) in enumerate(self._sides):
            if places.size == len(block):
                block[..., side] = rows.pcm[said]
            else:
                block[places, :, :, side] = rows.pcm[said]
        for place, side, row in self._more:
            total = block[place, :, :, side].astype(np.int32) + rows.pcm[row]
            block[place, :, :, side] = np.clip(total, -32768, 32767)
        return block.reshape(len(block), -1, 2)

    def cut(self, rows: Rows, tape: Tape, end: int, sink: Sink) -> None:
        """The frames before `end` of the block that the tape has not taken yet."""
        begin, tape.begin = tape.begin, end % BLOCK
        self._is_stale |= tape.begin > 0
        if tape.is_paused:
            tape.paused += max(0, end - begin)
            return
        if tape.limit is not None:
            end = min(end, begin + tape.limit - tape.frames)
        if end <= begin:
            return
        sink.write(tape.number, _part(rows, tape, begin, end))
        tape.frames += end - begin
        if tape.stop_silence is not None:
            peak = max(
                (int(np.abs(rows.pcm[row, begin:end]).max()) for row in tape.rows), default=0
            )
            tape.silent = 0 if peak > SPEECH_PEAK else tape.silent + end - begin

    def ended(self) -> list[Tape]:
        """Tapes that reached their length, or in which nobody speaks any more."""
        return [tape for tape in self._singles if tape.is_full or tape.is_silent]

    def dump(self) -> dict[str, int]:
        return {"tapes": len(self._tapes)}


def _first_legs(legs: list[tuple[int, ...]]) -> tuple[Index, Index]:
    """(places, rows) of the first leg of each side that has one."""
    places = [place for place, each in enumerate(legs) if each]
    return np.array(places, np.intp), np.array([legs[place][0] for place in places], np.intp)


def _part(rows: Rows, tape: Tape, begin: int, end: int) -> Samples:
    if tape.is_mono:
        return _sum(rows, tape.left + tape.right, begin, end)
    sides = [_sum(rows, legs, begin, end) for legs in (tape.left, tape.right)]
    return np.stack(sides, axis=1)


def _sum(rows: Rows, legs: tuple[int, ...], begin: int, end: int) -> Samples:
    """What these rows said together: (n,)."""
    said = rows.pcm[list(legs), begin:end].reshape(len(legs), (end - begin) * FRAME)
    total: Samples = np.clip(said.sum(axis=0, dtype=np.int32), -32768, 32767).astype(np.int16)
    return total
