"""What the packet loop knows of each descriptor: one record, a cache line (media/native/pump.py).

Confidential: a record says where a phone's voice goes. So whoever's descriptor is closed is struck
out of all records at once, whatever else is known of it: the number may be another call's next.
"""

from typing import Final

import numpy as np

from media.native.pump import IS_TALKER, KEY, NEVER, NOBODY, OUT, RECORD, ROW

# As many as a worker of some hundred calls needs; doubled when a descriptor lies beyond.
FIRST_SIZE: Final = 4096


class Records:
    def __init__(self, size: int = FIRST_SIZE) -> None:
        self.words = np.zeros((size, RECORD), np.int64)

    def open(self, descriptor: int, row: int, is_talker: bool) -> bool:
        """Of a leg, and whether the loop reads it. True: the records lie elsewhere now."""
        size = len(self.words)
        is_beyond = descriptor >= size
        if is_beyond:
            words = np.zeros((2 * descriptor + 2, RECORD), np.int64)
            words[:size] = self.words
            self.words = words
        self.words[descriptor] = 0
        self.words[descriptor, KEY] = NEVER
        self.words[descriptor, ROW] = row
        self.words[descriptor, IS_TALKER] = is_talker
        return is_beyond

    def arm(
        self, descriptor: int, key: int, out: int, key_out: int, shifts: tuple[int, int]
    ) -> None:
        """Packets that show this key are ordinary from now on."""
        self.words[descriptor, KEY:-1] = (key, out, key_out, *shifts)

    def disarm(self, descriptor: int) -> None:
        """No packet is ordinary."""
        if descriptor >= 0:
            self.words[descriptor, KEY] = NEVER

    def close(self, descriptor: int) -> None:
        """It is nobody's, and nobody's packets go on to it."""
        self.words[descriptor] = 0
        leads_to = self.words[:, OUT] == descriptor
        if leads_to.any():
            self.words[leads_to, KEY] = NEVER
            self.words[leads_to, OUT] = NOBODY
