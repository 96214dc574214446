"""Whose sound is wanted as samples - recordings, mixes, keys in the sound - and its decoding.

Columns say why a row is heard; the index sets are made of them after a change, in columns too. A
row is decoded once a block of ticks, or earlier where somebody needs what it said until now; how
far it is stands in `rows.decoded`. Knows nothing of bridges or recordings.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from media.g722 import Coders
from media.inflow import CONCEALED
from media.legs import Leg
from media.passes.decode import decode_objects, decode_rows, mend, narrow, widen
from media.passes.order import pass_by, shed, take
from media.rows import SLOTS, Index, Law, Rows


class Hearing:
    def __init__(self, rows: Rows, coders: Coders) -> None:
        self._rows = rows
        self._coders = coders
        # Why a row is heard (recordings are counted in rows.tapes), and whether it may be.
        self._is_toned = np.zeros(rows.capacity, np.bool_)
        self._is_mixed = np.zeros(rows.capacity, np.bool_)
        self._is_in_wide_mix = np.zeros(rows.capacity, np.bool_)
        self._is_listened_to = np.zeros(rows.capacity, np.bool_)
        self._is_heard = np.zeros(rows.capacity, np.bool_)
        nobody: Index = np.zeros(0, np.intp)
        self.rows = self.toned = nobody
        # Of the rows that are heard: coded by tables, by objects, as G.722; low ones wanted at
        # 16 kHz too; high ones wanted at 8 kHz too.
        self._plain = self._coded = self._banded = self._widened = self._narrowed = nobody

    def sort(self, leg: Leg) -> None:
        """The leg changed."""
        self._is_listened_to[leg.row] = leg.is_listened_to
        self._is_toned[leg.row] = leg.sends_tones

    def forget(self, leg: Leg) -> None:
        """The row is given back: whoever has it next begins anew."""
        for column in (self._is_listened_to, self._is_toned, self._is_heard):
            column[leg.row] = False
        self._is_mixed[leg.row] = self._is_in_wide_mix[leg.row] = False

    def mix(self, mixed: Iterable[int], wide: Iterable[int]) -> None:
        """These rows and no others are heard in mixes; those in wideband ones."""
        self._is_mixed[:] = False
        self._is_mixed[list(mixed)] = True
        self._is_in_wide_mix[:] = False
        self._is_in_wide_mix[list(wide)] = True

    def renew(self, frame: int) -> None:
        """The index sets; who is heard from now on begins in this frame of the block."""
        rows = self._rows
        is_wanted = (rows.tapes > 0) | self._is_toned
        is_heard = is_wanted | self._is_mixed
        rows.decoded[is_heard & ~self._is_heard] = frame
        self._lose(np.flatnonzero(self._is_heard & ~is_heard))
        self._is_heard = is_heard
        heard = self.rows = np.flatnonzero(is_heard)
        is_coded, is_banded = rows.has_law(heard, Law.OBJECT), rows.has_law(heard, Law.G722)
        self._plain, self._coded = heard[~(is_coded | is_banded)], heard[is_coded]
        self._banded = heard[is_banded]
        self._raise(self._banded)
        self.toned = np.flatnonzero(self._is_toned)
        mixed = np.flatnonzero(self._is_in_wide_mix)
        self._widened = mixed[~rows.is_high[mixed]]
        is_low_too = (is_wanted | ~self._is_in_wide_mix)[heard]
        self._narrowed = heard[is_low_too & rows.is_high[heard]]
        rows.hears[:] = is_heard & self._is_listened_to  # in place: the packet loop looks there

    def _raise(self, banded: Index) -> None:
        """Both bands of G.722 are decoded where somebody hears the high one, else the low one."""
        rows, is_high = self._rows, self._is_in_wide_mix[banded]
        rows.wide[banded[is_high & ~rows.is_high[banded]]] = 0
        rows.is_high[banded] = is_high

    def _lose(self, lost: Index) -> None:
        rows = self._rows
        rows.is_started[lost] = False
        rows.conceals[lost] = CONCEALED
        rows.pcm[lost] = 0
        rows.wide[lost] = 0

    def begin_block(self) -> None:
        self._rows.decoded[self.rows] = 0

    def is_behind(self, some: tuple[int, ...], frame: int) -> bool:
        """Whether any of these rows has frames of the block that are no samples yet."""
        heard, decoded = self._is_heard, self._rows.decoded
        return any(heard[row] and decoded[row] < frame for row in some)

    def decode_some(self, some: tuple[int, ...], frame: int) -> None:
        """These rows, if they are heard, up to this frame of the block."""
        r = np.array(sorted(set(some)), np.intp)
        self._decode(r[self._is_heard[r]], frame)

    def decode(self, frame: int) -> None:
        """All rows that are heard, up to this frame of the block."""
        self._decode(self.rows, frame)

    def _decode(self, r: Index, frame: int) -> None:
        """Nearly always all of them are equally far."""
        if not r.size:
            return
        decoded = self._rows.decoded[r]
        for first in range(int(decoded.min()), min(frame, int(decoded.max()) + 1)):
            as_far = decoded == first
            if as_far.all():
                self._decode_from(first, frame, r)
            elif as_far.any():
                self._decode_from(first, frame, r[as_far])
        self._rows.decoded[r] = frame

    def _decode_from(self, first: int, frame: int, r: Index) -> None:
        rows, count = self._rows, frame - first
        left_out = shed(rows, r, first)
        plain, coded, banded, widened, narrowed = self._parts(r)
        if plain.size:
            codes, present = take(rows, plain, count)
            decode_rows(rows, plain, first, codes, present)
        if coded.size:
            plays = rows.play[coded]
            pass_by(rows, coded, count)
            decode_objects(rows, coded, first, plays, count)
        if banded.size:
            self._decode_banded(banded, first, count, left_out)
        for one in range(first, frame):
            widen(rows, widened, one)
            narrow(rows, narrowed, one)

    def _decode_banded(self, banded: Index, first: int, count: int, left_out: Index) -> None:
        """A frame that is left out is decoded too: the next one builds upon it."""
        rows, decode = self._rows, self._coders.decode
        if left_out.size:
            left_out = left_out[rows.has_law(left_out, Law.G722)]
            slots = (rows.play[left_out] - 1) % SLOTS
            decode(left_out, first, slots[:, None], np.ones((left_out.size, 1), np.bool_))
        slots, present = pass_by(rows, banded, count)
        rows.was_heard[banded] = True
        decode(banded, first, slots, present)
        mend(rows, banded, first, present)

    def _parts(self, r: Index) -> tuple[Index, Index, Index, Index, Index]:
        parts = self._plain, self._coded, self._banded, self._widened, self._narrowed
        if r.size == self.rows.size:
            return parts
        among: NDArray[np.bool_] = np.zeros(self._rows.capacity, np.bool_)
        among[r] = True
        plain, coded, banded, widened, narrowed = (part[among[part]] for part in parts)
        return plain, coded, banded, widened, narrowed
