"""The record pass: what legs said in this tick, into the blocks of their recordings.

A recording has a place in columns of its own. Left and right are the sums of the legs on each
side; a mono recording adds both sides. Blocks of BLOCK frames go to whoever writes files.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.rows import FRAME, Index, Rows

# 100 ms: of the second that a crash may cost, little is spent here; and each hand-over is paid
# ten times a second, not fifty.
BLOCK: Final = 5
# -42 dBFS: above a quiet room on a desk phone, below a whisper into the handset.
SPEECH_PEAK: Final = 260

Write = Callable[[int, NDArray[np.int16]], None]


class Tape:
    """One recording's wiring: which rows are on which side."""

    __slots__ = ("is_mono", "left", "number", "place", "right", "silent", "stop_silence")

    def __init__(self, number: int, place: int, is_mono: bool, stop_silence: int | None) -> None:
        self.number = number
        self.place = place
        self.is_mono = is_mono
        # Frames of silence that end it, and frames of silence so far.
        self.stop_silence = stop_silence
        self.silent = 0
        self.left: tuple[int, ...] = ()
        self.right: tuple[int, ...] = ()


class Tapes:
    """All recordings in columns. `rewire` after any change of sides; `record` once a tick."""

    def __init__(self, capacity: int) -> None:
        self._free = list(range(capacity - 1, -1, -1))
        self._tapes: dict[int, Tape] = {}
        self._block = np.zeros((capacity, BLOCK, FRAME, 2), np.int16)
        self._fill = np.zeros(capacity, np.intp)
        self.frames = np.zeros(capacity, np.int64)
        self.limit = np.zeros(capacity, np.int64)  # frames; 0: none
        self._places = self._empty()
        self._sides = [(self._empty(), self._empty())] * 2
        self._more: list[tuple[int, int, int]] = []
        self._mono = np.zeros(0, np.bool_)
        self._numbers: list[Tape] = []

    @staticmethod
    def _empty() -> Index:
        return np.zeros(0, np.intp)

    def add(self, number: int, is_mono: bool, limit: int, stop_silence: int | None) -> Tape | None:
        """None: no place is left."""
        if not self._free:
            return None
        tape = Tape(number, self._free.pop(), is_mono, stop_silence)
        self._tapes[number] = tape
        self._fill[tape.place] = self.frames[tape.place] = 0
        self._block[tape.place] = 0
        self.limit[tape.place] = limit
        return tape

    def remove(self, number: int, write: Write) -> None:
        """What is in the block is written first. The caller rewires."""
        tape = self._tapes.pop(number)
        self._flush(tape, write)
        self._free.append(tape.place)

    def rewire(self) -> None:
        """Reads the sides of all tapes into index sets."""
        self._numbers = list(self._tapes.values())
        self._places = np.array([tape.place for tape in self._numbers], np.intp)
        self._more = []
        self._sides = [self._wire(0), self._wire(1)]

    def _wire(self, side: int) -> tuple[Index, Index]:
        """(places, rows) of the first leg of a side; further legs go into `_more`."""
        places, rows = [], []
        for tape in self._numbers:
            legs = tape.right if side else tape.left
            if tape.is_mono:
                legs = () if side else tape.left + tape.right
            if legs:
                places.append(tape.place)
                rows.append(legs[0])
            self._more += [(tape.place, side, row) for row in legs[1:]]
        return np.array(places, np.intp), np.array(rows, np.intp)

    def rows_heard(self) -> set[int]:
        return {row for tape in self._tapes.values() for row in tape.left + tape.right}

    def record(self, rows: Rows, write: Write) -> None:
        """Adds this tick to every recording."""
        if not self._places.size:
            return
        fill = self._fill
        for side, (places, said) in enumerate(self._sides):
            self._block[places, fill[places], :, side] = rows.pcm[said]
        for place, side, row in self._more:
            into = self._block[place, fill[place], :, side]
            total = into.astype(np.int32) + rows.pcm[row]
            into[:] = np.clip(total, -32768, 32767)
        fill[self._places] += 1
        self.frames[self._places] += 1
        self._watch_silence(rows)
        for i in np.flatnonzero(fill[self._places] == BLOCK):
            self._flush(self._numbers[i], write)

    def _watch_silence(self, rows: Rows) -> None:
        for tape in self._numbers:
            if tape.stop_silence is not None:
                peaks = [int(np.abs(rows.pcm[row]).max()) for row in tape.left + tape.right]
                tape.silent = 0 if max(peaks, default=0) > SPEECH_PEAK else tape.silent + 1

    def _flush(self, tape: Tape, write: Write) -> None:
        count = int(self._fill[tape.place])
        if count:
            block = self._block[tape.place, :count]
            samples = block[..., 0].reshape(-1) if tape.is_mono else block.reshape(-1, 2)
            write(tape.number, samples)
            block[:] = 0
        self._fill[tape.place] = 0

    def full(self) -> list[int]:
        """Recordings that reached their length."""
        limit = self.limit[self._places]
        done = np.flatnonzero((limit > 0) & (self.frames[self._places] >= limit))
        return [self._numbers[i].number for i in done]

    def silenced(self) -> list[int]:
        """Recordings in which nobody spoke for as long as they allow."""
        return [
            tape.number
            for tape in self._numbers
            if tape.stop_silence is not None and tape.silent >= tape.stop_silence
        ]

    def get(self, number: int) -> Tape | None:
        return self._tapes.get(number)

    def dump(self) -> dict[str, int]:
        return {"tapes": len(self._tapes)}
