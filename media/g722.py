"""G.722 of all rows: their frames out of the ring into samples, and samples into their packets.

Every leg has a coder of its own either way, and what it remembers stands in its row. Compiled, a
tick's frames are one call (media/native/g722.py); else libg722 is asked, frame by frame. The two
make the same octets and samples; where one takes over from the other in the middle of a call, it
begins anew, and is right again within milliseconds.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np
from G722 import G722 as LibG722
from numpy.typing import NDArray

from media.native.functions import (
    DECODE_G722,
    ENCODE_G722,
    Function,
    Interpreted,
    Loops,
    Memory,
    checked,
)
from media.native.g722 import HOW, JOB, MODE, NARROW, OCTET, ROW, SOUND, STATE, WIDE, WORK
from media.native.g722_tables import inverses, tables
from media.rows import BLOCK, FRAME, HEADER, PACKET, SLOTS, WIDE_FRAME, Index, Rows

# RFC 3551 4.5.2: of G.722's three rates the one that RTP carries.
_BITS: Final = 64_000
_RATES: Final = {NARROW: 8000, WIDE: 16000}


class Coders:
    """`use` says in which form; libg722 stands in for what is only interpreted."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        count, work = np.zeros(1, np.int64), np.zeros(WORK, np.int32)
        self._count = count.data
        self._jobs = np.zeros((rows.capacity * BLOCK, JOB), np.int64)
        self._sounds = np.zeros((rows.capacity, WIDE_FRAME), np.int16)
        self._decoded = (
            *(self._jobs, rows.g722_in, tables(), work, rows.ring, rows.pcm, rows.wide, count),
        )
        self._encoded = (
            *(self._jobs, rows.g722_out, tables(), inverses(), work),
            *(rows.packets, self._sounds, count),
        )
        self.use(Interpreted())

    def use(self, loops: Loops) -> None:
        """What Python would be too slow for is done in this form from now on."""
        if isinstance(loops, Interpreted):
            loops = _Library()
        self._decode = loops.bind(DECODE_G722, self._decoded)
        self._encode = loops.bind(ENCODE_G722, self._encoded)

    def decode(self, r: Index, first: int, slots: Index, present: NDArray[np.bool_]) -> None:
        """The frames that are there, from the rows' frame `first` on. slots, present: (n, count).

        At 16 kHz where that is heard (`rows.is_high`), else at 8.
        """
        place, who = np.nonzero(present.T)  # all rows' first frames first
        row = r[who]
        jobs = self._jobs[: row.size]
        how = np.where(self._rows.is_high[row], WIDE, NARROW)
        jobs[:, ROW], jobs[:, HOW] = row, how
        jobs[:, OCTET] = (row * SLOTS + slots[who, place]) * FRAME
        jobs[:, SOUND] = (row * BLOCK + first + place) * FRAME * how
        self._count[0] = row.size
        self._decode()

    def encode(self, r: Index, sounds: NDArray[np.int16], which: Index) -> None:
        """sounds: (k, 320) at 16 kHz; which: (n,) that each row hears -> payloads."""
        jobs = self._jobs[: r.size]
        np.take(sounds, which, axis=0, out=self._sounds[: r.size], mode="clip")
        jobs[:, ROW], jobs[:, OCTET] = r, r * PACKET + HEADER
        jobs[:, SOUND] = np.arange(0, r.size * WIDE_FRAME, WIDE_FRAME)
        self._count[0] = r.size
        self._encode()


class _Library:
    """The same by libg722, whose decoders cannot change their rate: they begin anew with it."""

    def bind(self, function: Function, memory: Sequence[Memory]) -> Callable[[], int]:
        columns = [one.reshape(-1) for one in checked(function, memory)]
        coders: dict[int, LibG722] = {}
        if function is DECODE_G722:
            return partial(_decode, coders, columns)
        return partial(_encode, coders, columns)


def _decode(coders: dict[int, LibG722], columns: Sequence[Memory]) -> int:
    jobs, words, _, _, octets, narrow, wide, (count,) = columns
    for row, octet, sound, how in jobs[: count * JOB].reshape(-1, JOB).tolist():
        decode = _coder(coders, words, row, how).decode
        samples = np.frombuffer(decode(octets[octet : octet + FRAME].tobytes()), np.int16)
        (wide if how == WIDE else narrow)[sound : sound + samples.size] = samples
    return 0


def _encode(coders: dict[int, LibG722], columns: Sequence[Memory]) -> int:
    jobs, words, _, _, _, octets, sounds, (count,) = columns
    for row, octet, sound, _ in jobs[: count * JOB].reshape(-1, JOB).tolist():
        payload = _coder(coders, words, row, WIDE).encode(sounds[sound : sound + WIDE_FRAME])
        octets[octet : octet + FRAME] = np.frombuffer(payload, np.uint8)
    return 0


def _coder(coders: dict[int, LibG722], words: Memory, row: int, how: int) -> LibG722:
    """The row's; a new one if the row is another leg's now, or was coded at another rate."""
    mode = row * STATE + MODE
    if row not in coders or words[mode] != how:
        words[mode] = how
        coders[row] = LibG722(_RATES[how], _BITS)
    return coders[row]
