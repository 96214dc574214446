"""Packets that a tick has made, on their way: by descriptor, or by Python where only it can send.

Confidential: which descriptor is whose stands in one column, `rows.out`, which media/forward.py
writes when a talker comes and before it is closed. Nothing of it is kept here from tick to tick.
"""

from collections.abc import Sequence

import numpy as np

from media.legs import Leg
from media.native.functions import TRANSMIT, Interpreted, Loops
from media.native.system import addresses
from media.native.transmit import AT, COUNT, STATE
from media.rows import Index, Rows


class Transmitter:
    """`aim` says who is spoken to; `send` sends each what stands in his row of `rows.packets`."""

    def __init__(self, rows: Rows) -> None:
        self._memory = (
            np.zeros(rows.capacity, np.int64),
            addresses(),
            rows.out,
            rows.packets.reshape(-1),
            np.zeros(STATE, np.int64),
        )
        self._state = self._memory[-1].data
        self._legs: Sequence[Leg] = ()
        self.use(Interpreted())

    def use(self, loops: Loops) -> None:
        """The loop in this form from now on."""
        self._run = loops.bind(TRANSMIT, self._memory)

    @property
    def rows(self) -> Index:
        """Of those who are spoken to."""
        return self._memory[0][: len(self._legs)]

    def aim(self, legs: Sequence[Leg]) -> None:
        self._legs = legs
        self.rows[:] = [leg.row for leg in legs]

    def send(self) -> None:
        state, legs = self._state, self._legs
        state[COUNT], state[AT] = len(legs), 0
        while self._run():
            leg = legs[state[AT] - 1]
            leg.line.send(leg.packet)
