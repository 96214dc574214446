"""Packets since the last count: kept whole in slots, or as numbers in the log.

The packet loop writes here (media/native/pump.py), the receive pass reads.
"""

from typing import Final

import numpy as np

from media.native.functions import Memory
from media.native.pump import KEPT, LOG_SIZE, LOGGED_COUNT, NOW, SLOT_SIZE, SLOTS, STATE
from media.passes.receive import Kept, Logged
from media.rows import PACKET

# In nanoseconds, as the packet loop counts; all others count in seconds.
SECOND: Final = 10**9
_LOG_COLUMNS: Final = np.dtype([("row", "u2"), ("sequence", "u2"), ("timestamp", "u4")])


class Arena:
    def __init__(self) -> None:
        self._packets = np.zeros((SLOTS + 1, SLOT_SIZE), np.uint8)
        self._owners = np.zeros(SLOTS, np.int32)
        self._lengths = np.zeros(SLOTS + 1, np.int32)
        self._log = np.zeros(LOG_SIZE, _LOG_COLUMNS)
        self._state = np.zeros(STATE, np.int64)
        # One slot each, and where the packet loop stands.
        self.views = [packet.data for packet in self._packets]
        self.frames = [view[:PACKET] for view in self.views]  # an ordinary packet in each
        self.state = self._state.data
        # When they arrived: nanoseconds.
        self._kept_at = np.zeros(SLOTS, np.int64)
        self._logged_at = np.zeros(LOG_SIZE, np.int64)

    @property
    def memory(self) -> tuple[Memory, ...]:
        """As the packet loop takes it: octets, halves, words, owners, lengths and arrivals of the
        slots; the log twice, and its arrivals; state.
        """
        packets, log = self._packets.reshape(-1), self._log
        octets = packets, packets.view(np.uint16), packets.view(np.uint32)
        slots = self._owners, self._lengths, self._kept_at
        return *octets, *slots, log.view("u2"), log.view("u4"), self._logged_at, self._state

    @property
    def kept(self) -> int:
        """Slots that are full."""
        return self.state[KEPT]

    @property
    def logged(self) -> int:
        return self.state[LOGGED_COUNT]

    @property
    def is_full(self) -> bool:
        return self.kept == SLOTS or self.logged == LOG_SIZE

    @property
    def now(self) -> float:
        """When the packet loop looked last, in seconds."""
        return self.state[NOW] / SECOND

    def keep(self, row: int, size: int, now: float) -> int:
        """The packet in the next free slot is kept whole; returns the slot."""
        slot = self.kept
        self._owners[slot] = row
        self._lengths[slot] = size
        self._kept_at[slot] = round(now * SECOND)
        self.state[KEPT] = slot + 1
        return slot

    def take(self) -> tuple[Logged, Kept]:
        """All packets, as views: to be used before the next packet comes."""
        count, logged = self.kept, self.logged
        self.state[KEPT] = self.state[LOGGED_COUNT] = 0
        kept = Kept(
            self._packets[:count],
            self._lengths[:count],
            self._owners[:count],
            self._kept_at[:count] / SECOND,
        )
        return (
            Logged(
                self._log["row"][:logged],
                self._log["sequence"][:logged],
                self._log["timestamp"][:logged],
                self._logged_at[:logged] / SECOND,
            ),
            kept,
        )

    def last_of(self, row: int) -> tuple[int, int] | None:
        """Sequence and timestamp of the newest ordinary packet of a row."""
        places = np.flatnonzero(self._log["row"][: self.logged] == row)
        if not places.size:
            return None
        entry = self._log[places[-1]]
        return int(entry["sequence"]), int(entry["timestamp"])
