"""Whether packets were lost alone or in bursts, on columns.

RFC 3611 4.7.2: losses with fewer than Gmin packets between each other are one burst; what lies
between bursts is a gap, and a loss in it stands alone. A packet is lost or was discarded (it came
too late to be heard); which of both it is not asked here. ITU-T G.107 3.2 (BurstR: the mean length
of losses in a row) from the same packets.

A packet is judged when WINDOW others have come after it, so that one that was overtaken is not
taken for lost. Knows nothing of packets, time or sound.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.intp]

# 4.7.2's recommended value.
GMIN: Final = 16
# Packets that are not judged yet: 0.64 s, longer than any buffer of ours waits.
WINDOW: Final = 32
_WHOLE: Final = np.uint64((1 << WINDOW) - 1)
_NEWEST: Final = np.uint64(1)
_OLDEST: Final = np.uint64(WINDOW - 1)


@dataclass(frozen=True, slots=True)
class BurstMetrics:
    """4.7.2's four figures; densities are fractions, durations milliseconds."""

    burst_density: float = 0.0
    gap_density: float = 0.0
    burst_ms: float = 0.0
    gap_ms: float = 0.0


class Bursts:
    """One row a stream. `missed` and `runs` are what BurstR is made of: packets, and how often one
    or more were missed in a row.
    """

    __slots__ = (
        "_alone",
        "_burst_lost",
        "_burst_packets",
        "_bursts",
        "_group_lost",
        "_group_packets",
        "_judged",
        "_seen",
        "_since",
        "missed",
        "runs",
    )

    def __init__(self, rows: int) -> None:
        # The losses so far that may still be followed by others nearby, and all packets from their
        # first to their last; packets that came since, and all that were judged.
        self._group_lost = np.zeros(rows, np.int64)
        self._group_packets = np.zeros(rows, np.int64)
        self._since = np.zeros(rows, np.int64)
        self._judged = np.zeros(rows, np.int64)
        # Those that are complete: one loss alone, or a burst with what it holds.
        self._alone = np.zeros(rows, np.int64)
        self._bursts = np.zeros(rows, np.int64)
        self._burst_lost = np.zeros(rows, np.int64)
        self._burst_packets = np.zeros(rows, np.int64)
        self.missed = np.zeros(rows, np.int64)
        self.runs = np.zeros(rows, np.int64)
        # Bit k: the packet k before the newest one came.
        self._seen = np.zeros(rows, np.uint64)
        self.reset(np.arange(rows))

    def reset(self, rows: Rows | int) -> None:
        """A stream begins with its newest packet. What stands before that in the window is taken
        for packets that came, and taken off again.
        """
        for name in self.__slots__:
            getattr(self, name)[rows] = 0
        self._seen[rows] = _WHOLE
        self._judged[rows] = self._since[rows] = 1 - WINDOW

    def go_on(self, rows: Rows, counts: NDArray[np.int64]) -> None:
        """So many packets came, each the one that had to come. Each row once."""
        whole = self._seen[rows] == _WHOLE
        if whole.all():
            self._count_whole(rows, counts)
            return
        self._count_whole(rows[whole], counts[whole])
        rows, counts = rows[~whole], counts[~whole]
        for step in range(min(WINDOW, int(counts.max()))):
            self._push(rows[counts > step], True)
        # Then the window is whole again.
        many = counts > WINDOW
        self._count_whole(rows[many], counts[many] - WINDOW)

    def skip(self, rows: Rows, ahead: NDArray[np.int64]) -> None:
        """A packet came `ahead` of the newest one; those between did not, or not yet."""
        missing = ahead - 1
        for step in range(min(2 * WINDOW, int(missing.max(initial=0)))):
            self._push(rows[missing > step], False)
        # In the middle of a long loss nothing else happens.
        rest = np.maximum(missing - 2 * WINDOW, 0)
        for column in (self._group_lost, self._group_packets, self._judged, self.missed):
            column[rows] += rest
        self._push(rows, True)

    def come_late(self, rows: Rows, behind: NDArray[np.int64]) -> None:
        """Packets that were overtaken: so many places behind the newest one."""
        near = (behind > 0) & (behind < WINDOW)
        np.bitwise_or.at(self._seen, rows[near], _NEWEST << behind[near].astype(np.uint64))

    def discard(self, row: int, behind: int) -> None:
        """A packet that came was too late to be heard."""
        if 0 <= behind < WINDOW:
            self._seen[row] &= ~(_NEWEST << np.uint64(behind))

    def _count_whole(self, rows: Rows, counts: NDArray[np.int64]) -> None:
        self._since[rows] += counts
        self._judged[rows] += counts

    def _push(self, rows: Rows, came: bool) -> None:
        """The window moves by one packet; the oldest one is judged."""
        seen = self._seen[rows]
        oldest_came = (seen >> _OLDEST) & _NEWEST == _NEWEST
        self._seen[rows] = (seen << _NEWEST | np.uint64(came)) & _WHOLE
        self._judged[rows] += 1
        self._since[rows[oldest_came]] += 1
        if not oldest_came.all():
            self._lose(rows[~oldest_came])

    def _lose(self, rows: Rows) -> None:
        since = self._since[rows]
        is_new = (since >= GMIN) | (self._group_lost[rows] == 0)
        self._close(rows[is_new])
        self._group_lost[rows] += 1
        self._group_packets[rows] += 1 + np.where(is_new, 0, since)
        self.missed[rows] += 1
        self.runs[rows] += (since > 0) | (self._group_lost[rows] == 1)
        self._since[rows] = 0

    def _close(self, rows: Rows) -> None:
        """The losses so far are complete: one alone, or a burst."""
        is_burst = self._group_lost[rows] > 1
        self._alone[rows] += self._group_lost[rows] == 1
        self._bursts[rows] += is_burst
        self._burst_lost[rows] += np.where(is_burst, self._group_lost[rows], 0)
        self._burst_packets[rows] += np.where(is_burst, self._group_packets[rows], 0)
        self._group_lost[rows] = self._group_packets[rows] = 0

    def metrics(self, row: int, packet_ms: float) -> BurstMetrics:
        """Since the stream began, with the losses that may still go on."""
        lost, packets = int(self._group_lost[row]), int(self._group_packets[row])
        is_burst = lost > 1
        bursts = int(self._bursts[row]) + is_burst
        burst_lost = int(self._burst_lost[row]) + is_burst * lost
        burst_packets = int(self._burst_packets[row]) + is_burst * packets
        alone = int(self._alone[row]) + (lost == 1)
        gap_packets = max(0, int(self._judged[row])) - burst_packets
        return BurstMetrics(
            burst_lost / burst_packets if burst_packets else 0.0,
            alone / gap_packets if gap_packets > 0 else 0.0,
            burst_packets * packet_ms / bursts if bursts else 0.0,
            # Appendix A.2 counts as many gaps as bursts.
            max(0, gap_packets) * packet_ms / max(1, bursts),
        )
