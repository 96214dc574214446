"""Packets that a tick has made, on their way: by descriptor, or by Python where only it can send.

Confidential: which descriptor is whose stands in one column, `rows.out`, which media/forward.py
writes when a talker comes and before it is closed, and which session seals what goes there in that
descriptor's record. Nothing of it is kept here from tick to tick.
"""

from collections.abc import Sequence

import numpy as np

from media.legs import Leg
from media.native.functions import TRANSMIT, Interpreted, Loops
from media.native.pump import SLOT_SIZE
from media.native.system import addresses
from media.native.transmit import AT, COUNT, STATE
from media.records import Records
from media.rows import Index, Rows


class Transmitter:
    """`aim` says who is spoken to; `send` sends each what stands in his row of `rows.packets`."""

    def __init__(self, rows: Rows, records: Records) -> None:
        self._rows, self._records = np.zeros(rows.capacity, np.int64), records
        # What is sealed, and its size.
        worked_in = np.zeros(SLOT_SIZE, np.uint8), np.zeros(1, np.int32)
        self._memory = rows.out, rows.packets.reshape(-1), *worked_in, np.zeros(STATE, np.int64)
        self._system = addresses()
        self._state = self._memory[-1].data
        self._legs: Sequence[Leg] = ()
        self.use(Interpreted())

    def use(self, loops: Loops) -> None:
        """The loop in this form from now on."""
        self._loops = loops
        self._bind()

    def _bind(self) -> None:
        self._words = self._records.words
        memory = (self._rows, self._system, self._words, *self._memory)
        self._run = self._loops.bind(TRANSMIT, memory)

    @property
    def rows(self) -> Index:
        """Of those who are spoken to."""
        return self._rows[: len(self._legs)]

    def aim(self, legs: Sequence[Leg]) -> None:
        self._legs = legs
        self.rows[:] = [leg.row for leg in legs]

    def send(self) -> None:
        if self._words is not self._records.words:  # there are more of them, elsewhere
            self._bind()
        state, legs = self._state, self._legs
        state[COUNT], state[AT] = len(legs), 0
        while self._run():
            leg = legs[state[AT] - 1]
            leg.line.send(leg.packet)
