"""The record pass: what legs said in a block of ticks, side by side, recording by recording.

Left and right are the sums of the legs on each side; a mono recording adds both sides. A tape
that begins, ends or is turned to other legs within a block takes its part of it. One that is paused
hears nobody and only counts what it misses.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.rows import BLOCK, FRAME, Index, Rows

# -42 dBFS: above a quiet room on a desk phone, below a whisper into the handset.
SPEECH_PEAK: Final = 260

Write = Callable[[int, NDArray[np.int16]], None]


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
    def rows(self) -> tuple[int, ...]:
        """The legs that it hears."""
        return () if self.is_paused else self.left + self.right


class Tapes:
    """All recordings. `rewire` after any change of sides."""

    def __init__(self) -> None:
        self._tapes: dict[int, Tape] = {}
        self._order: list[Tape] = []
        self._sides: list[tuple[Index, Index]] = []
        self._more: list[tuple[int, int, int]] = []
        self._block = np.zeros((0, BLOCK, FRAME, 2), np.int16)

    def add(self, tape: Tape) -> None:
        self._tapes[tape.number] = tape

    def get(self, number: int) -> Tape | None:
        return self._tapes.get(number)

    def remove(self, number: int) -> None:
        del self._tapes[number]

    def rewire(self) -> None:
        """Reads the sides of all tapes into index sets."""
        self._order = list(self._tapes.values())
        self._more = []
        self._sides = [self._wire(0), self._wire(1)]
        self._block = np.zeros((len(self._order), BLOCK, FRAME, 2), np.int16)

    def _wire(self, side: int) -> tuple[Index, Index]:
        """(places, rows) of the first leg of a side; further legs go into `_more`."""
        places, rows = [], []
        for place, tape in enumerate(self._order):
            legs = tape.right if side else tape.left
            if tape.is_paused:
                legs = ()
            elif tape.is_mono:
                legs = () if side else tape.rows
            if legs:
                places.append(place)
                rows.append(legs[0])
            self._more += [(place, side, row) for row in legs[1:]]
        return np.array(places, np.intp), np.array(rows, np.intp)

    def rows_heard(self) -> set[int]:
        return {row for tape in self._tapes.values() for row in tape.rows}

    def record(self, rows: Rows, write: Write, only: int | None = None, end: int = BLOCK) -> None:
        """The frames before `end` of the block into every tape, or into one. At the end of a
        block the next one begins.
        """
        if not self._order:
            return
        self._fill(rows)
        for place, tape in enumerate(self._order):
            if only is None or tape.number == only:
                self._write(rows, tape, self._block[place], end, write)

    def _fill(self, rows: Rows) -> None:
        block = self._block
        for side, (places, said) in enumerate(self._sides):
            block[places, :, :, side] = rows.pcm[said]
        for place, side, row in self._more:
            total = block[place, :, :, side].astype(np.int32) + rows.pcm[row]
            block[place, :, :, side] = np.clip(total, -32768, 32767)

    def _write(
        self, rows: Rows, tape: Tape, block: NDArray[np.int16], end: int, write: Write
    ) -> None:
        begin, tape.begin = tape.begin, end % BLOCK
        if tape.is_paused:
            tape.paused += max(0, end - begin)
            return
        if tape.limit is not None:
            end = min(end, begin + tape.limit - tape.frames)
        if end <= begin:
            return
        part = block[begin:end]
        write(tape.number, part[..., 0].reshape(-1) if tape.is_mono else part.reshape(-1, 2))
        tape.frames += end - begin
        if tape.stop_silence is not None:
            peak = max(
                (int(np.abs(rows.pcm[row, begin:end]).max()) for row in tape.rows), default=0
            )
            tape.silent = 0 if peak > SPEECH_PEAK else tape.silent + end - begin

    def ended(self) -> list[Tape]:
        """Tapes that reached their length, or in which nobody speaks any more."""
        return [tape for tape in self._order if tape.is_full or tape.is_silent]

    def dump(self) -> dict[str, int]:
        return {"tapes": len(self._tapes)}
