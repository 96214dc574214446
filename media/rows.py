"""The columns: one row a leg, one array a property, allocated once.

A row index is all that the passes know of a leg. Memory of untouched rows is never paged in, so
the capacity costs address space only. Knows nothing of sockets, commands or time.
"""

from collections import deque
from enum import IntEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from media.codecs.fir import HALVE
from media.inflow import CONCEALED, Inflow
from media.quality import Reception

RATE: Final = 8000
FRAME: Final = 160  # samples of 20 ms at 8 kHz
WIDE_FRAME: Final = 320  # and at 16 kHz
HEADER: Final = 12
PACKET: Final = HEADER + FRAME
# 640 ms of received frames: more than any network whose callers still talk to each other.
SLOTS: Final = 32
# Ticks that are recorded at once: 100 ms. The fixed cost of a pass is paid once for all of them,
# and it is little of the second that a crash may cost a recording.
BLOCK: Final = 5
# So many rows rest before one is used again: whoever still speaks of an old leg finds it clean.
RESTING: Final = 16
NO_TYPE: Final = -1  # no payload type, no row, no descriptor
TYPES: Final = 128  # payload types have seven bits
CODER: Final = 64  # words that a G.722 coder remembers (media/native/g722.py)

Index = NDArray[np.intp]


class Law(IntEnum):
    """How a row is coded: by one of the tables, by an object of its leg, or as G.722."""

    PCMA = 0
    PCMU = 1
    OBJECT = 2
    G722 = 3

    @property
    def is_table(self) -> bool:
        return self in (Law.PCMA, Law.PCMU)


# Places of a leg's timeline of quality: ten minutes at full sharpness, then ever coarser.
PLACES: Final = 120
# Frames that a row waits before it knows how evenly its packets come: 60 ms.
FIRST_DEPTH: Final = 3


class Rows:
    """All columns. Names ending in `_in` tell of what comes from the far phone, `_out` of what
    goes to it. Times are seconds of the monotonic clock.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        # Rows that were never used, and those that were: the second ones first, so that memory
        # follows the most legs at once and not all that ever were.
        self._fresh: deque[int] = deque(range(capacity))
        self._free: deque[int] = deque()
        self._add_incoming(capacity)
        self._add_outgoing(capacity)
        self._add_ordering(capacity)
        self._add_quality(capacity)
        self.reception = Reception(capacity)
        # What the leg says, frame by frame of the current block of ticks.
        self.pcm = np.zeros((capacity, BLOCK, FRAME), np.int16)
        # The same at 16 kHz, of rows that `is_high`.
        self.wide = np.zeros((capacity, BLOCK, WIDE_FRAME), np.int16)
        # Decoders of rows that are coded by an object.
        self.inflows: dict[int, Inflow] = {}
        # What is sent to the leg in this tick: RTP header and payload.
        self.packets = np.zeros((capacity, PACKET), np.uint8)
        self._clean = self._clean_columns()

    def _add_incoming(self, n: int) -> None:
        self.law = np.zeros(n, np.uint8)
        # RTP timestamp units of 1/8000 s: 1, for Opus 6.
        self.unit = np.ones(n, np.int64)
        self.is_wide = np.zeros(n, np.bool_)
        # Whether its samples are kept at 16 kHz: a row of G.722 only if that is heard.
        self.is_high = np.zeros(n, np.bool_)
        # What its G.722 coders remember.
        self.g722_in = np.zeros((n, CODER), np.int32)
        # The end of what a row heard of a bridge at another rate: the filter looks back on it.
        self.heard_past = np.zeros((n, HALVE.history), np.int16)
        self.type_in = np.full(n, NO_TYPE, np.int16)
        # Payload types of other codecs that were agreed on, and of comfort noise.
        self.other_types_in = np.zeros((n, TYPES), np.bool_)
        self.noise_type_in = np.full(n, NO_TYPE, np.int16)
        self.event_type_in = np.full(n, NO_TYPE, np.int16)
        self.ssrc_in = np.zeros(n, np.uint32)
        self.has_source = np.zeros(n, np.bool_)
        self.last_arrival = np.zeros(n, np.float64)
        self.packets_in = np.zeros(n, np.int64)
        self.octets_in = np.zeros(n, np.int64)
        # Losses of sources that were followed by another on the same leg.
        self.lost_before = np.zeros(n, np.int64)
        self.late = np.zeros(n, np.int64)
        self.duplicate = np.zeros(n, np.int64)
        self.strangers = np.zeros(n, np.int64)

    def _add_outgoing(self, n: int) -> None:
        self.ssrc_out = np.zeros(n, np.uint32)
        self.type_out = np.zeros(n, np.uint8)
        # The next packet's numbers, and when the last one left.
        self.sequence_out = np.zeros(n, np.int64)
        self.timestamp_out = np.zeros(n, np.int64)
        self.last_sent = np.zeros(n, np.float64)
        self.marker_out = np.zeros(n, np.bool_)
        self.packets_out = np.zeros(n, np.int64)
        self.octets_out = np.zeros(n, np.int64)
        self.g722_out = np.zeros((n, CODER), np.int32)
        # The descriptor by which packets go to it: as media/native/pump.py has it in its records.
        self.out = np.full(n, NO_TYPE, np.int32)
        # Forwarding on arrival: whom this row's packets go to, and by how much they are shifted.
        self.feeds = np.full(n, NO_TYPE, np.intp)
        self.sequence_shift = np.zeros(n, np.int64)
        self.timestamp_shift = np.zeros(n, np.int64)

    def _add_ordering(self, n: int) -> None:
        # Whether the tick wants this row's audio as samples, and how many recordings do.
        self.hears = np.zeros(n, np.bool_)
        self.tapes = np.zeros(n, np.int16)
        self.decoded = np.zeros(n, np.int64)  # frames of the current block that are samples already
        self.ring = np.zeros((n, SLOTS, FRAME), np.uint8)
        self.filled = np.zeros((n, SLOTS), np.uint8)  # samples in each slot
        self.is_started = np.zeros(n, np.bool_)
        self.origin = np.zeros(n, np.uint32)  # RTP timestamp of frame 0
        self.head = np.zeros(n, np.int64)  # newest frame received
        self.play = np.zeros(n, np.int64)  # next frame to be heard
        self.low_water = np.zeros(n, np.int64)  # least depth since the last look
        self.depth = np.full(n, FIRST_DEPTH, np.int64)  # frames that the row is to keep waiting
        self.is_strained = np.zeros(n, np.bool_)  # a frame missed its turn since the last look
        self.calm_looks = np.zeros(n, np.int64)  # looks since, or since the depth gave way
        self.excess = np.zeros(n, np.int64)  # looks for which a frame too many has waited
        self.late_streak = np.zeros(n, np.int64)
        self.conceals = np.full(n, CONCEALED, np.int64)  # frames missing in a row, up to that
        self.concealed = np.zeros(n, np.int64)  # frames concealed in all
        # Of what is concealed: its period, in samples at 8 kHz.
        self.pitch = np.full(n, FRAME // 2, np.int16)
        self.was_heard = np.zeros(n, np.bool_)
        # In a large bridge: how loud the row is, smoothed, and whether the others hear it.
        self.loudness = np.zeros(n, np.float32)
        self.is_mixed = np.zeros(n, np.bool_)
        self.noise = np.zeros(n, np.float32)  # amplitude of the far side's comfort noise
        # The last 10 ms of the block before, for keys that begin there (media/passes/tones.py).
        self.tone_past = np.zeros((n, FRAME // 2), np.int16)

    def _add_quality(self, n: int) -> None:
        # What the codec costs and bears (G.113); then two ways a row: from it, and to it.
        self.ie = np.zeros(n, np.float32)
        self.bpl = np.ones(n, np.float32)
        self.timeline = np.zeros((n, 2, PLACES), np.uint8)
        self.rated_times = np.zeros(n, np.int64)
        self.doublings = np.zeros(n, np.int64)  # of the time that a place covers
        self.mos_sum = np.zeros((n, 2), np.float64)
        self.mos_count = np.zeros((n, 2), np.int64)
        self.mos_worst = np.zeros((n, 2), np.float64)
        # R from it, of the last time, with delay and without; 0: not measured.
        self.r_last = np.zeros(n, np.float32)
        self.r_listening = np.zeros(n, np.float32)
        # Expected, received, late, missed and runs when it was rated last.
        self.rated = np.zeros((n, 5), np.int64)

    def _clean_columns(self) -> list[tuple[NDArray[Any], int]]:
        """Each with what a row has there that nobody used."""
        typed = ("type_in", "noise_type_in", "event_type_in", "feeds", "out")
        clean = dict.fromkeys(typed, NO_TYPE) | {"unit": 1, "bpl": 1, "depth": FIRST_DEPTH}
        clean |= {"conceals": CONCEALED, "pitch": FRAME // 2}
        return [
            (column, clean.get(name, 0))
            for name, column in vars(self).items()
            if isinstance(column, np.ndarray) and name != "ring"
        ]

    def has_law(self, r: Index, law: Law) -> NDArray[np.bool_]:
        """Of n rows. As a plain number: numpy takes ten times as long over a member of an enum."""
        of_law: NDArray[np.bool_] = self.law[r] == int(law)
        return of_law

    @property
    def used(self) -> int:
        return self.capacity - len(self._fresh) - len(self._free)

    def allocate(self) -> int | None:
        """A clean row; None if all are taken."""
        first = self._free if len(self._free) > RESTING or not self._fresh else self._fresh
        return first.popleft() if first else None

    def release(self, row: int) -> None:
        """Cleans the row and puts it behind all other free ones."""
        for column, clean in self._clean:
            column[row] = clean
        self.reception.reset(row)
        self.reception.clock[row] = RATE
        self.inflows.pop(row, None)
        self._free.append(row)

    def change_source(self, row: int, ssrc: int) -> None:
        """Another SSRC speaks on the leg from now on."""
        if self.has_source[row]:
            self.lost_before[row] = self.lost(row)
        self.reception.reset(row)
        self.has_source[row] = True
        self.ssrc_in[row] = ssrc
        self.is_started[row] = False

    def forget_opinions(self, row: int) -> None:
        """The leg is of another band now, and opinions are on another scale."""
        for column in (self.timeline, self.mos_sum, self.mos_count, self.mos_worst):
            column[row] = 0
        self.r_last[row] = self.r_listening[row] = 0

    def lost(self, row: int) -> int:
        """Packets of all sources of the row that never came."""
        return int(self.lost_before[row]) + max(0, self.reception.snapshot(row).lost or 0)

    def dump(self) -> dict[str, int]:
        return {"rows": self.used, "capacity": self.capacity}
