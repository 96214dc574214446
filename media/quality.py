"""How well streams are received: sequence, loss and jitter, on columns.

RFC 3550 6.4.1 (what a report says), appendix A.1 (sequence validation), A.3 (loss), A.8 (jitter).
One row a stream; a batch of packets is folded in at once, whatever rows it touches and however
often. `Reception` holds one array per variable of the RFC's `source` struct.

Not measured is None (one value) or NaN (a column): a stream that was never heard has no loss of
zero. Knows nothing of legs, packets or clocks: arrival times come in, in seconds.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.bursts import Bursts
from media.rtcp import ReportBlock
from media.rtp import SEQUENCE_MODULUS

Rows = NDArray[np.intp]

# RFC 3550 A.1, the RFC's own values: 50 packets a second make a gap of 3000 a minute.
MAX_DROPOUT: Final = 3000
MAX_MISORDER: Final = 100
MIN_SEQUENTIAL: Final = 2
# Any number that no 16-bit sequence number equals: "no second packet of a jump is awaited".
_NO_BAD_SEQUENCE: Final = SEQUENCE_MODULUS + 1
# RFC 3550 6.4.1: cumulative loss has 24 signed bits.
_MAX_LOST: Final = 0x7FFFFF
_MIN_LOST: Final = -0x800000
# A.8: the gain of the jitter filter.
_JITTER_GAIN: Final = 16.0


class Verdict(IntEnum):
    """What A.1 says of a packet. Only COUNTED and RESTARTED raise the highest number seen."""

    COUNTED = 0
    ON_PROBATION = 1
    """One of the first packets of a source; the second in a row makes it valid."""
    OUT_OF_ORDER = 2
    """A duplicate or a late packet: counted as received."""
    JUMPED = 3
    """A large jump: not counted unless the next packet follows it."""
    RESTARTED = 4
    """The second packet after a jump: the source began anew, and so do its counts."""


class Reception:
    """The receive statistics of `rows` streams. Columns are public for passes to read."""

    __slots__ = (
        "bad_sequence",
        "base_sequence",
        "bursts",
        "clock",
        "cycles",
        "expected_prior",
        "has_transit",
        "jitter",
        "max_sequence",
        "probation",
        "received",
        "received_prior",
        "transit",
    )

    def __init__(self, rows: int, clock: int = 8000) -> None:
        self.clock = np.full(rows, clock, np.float64)
        self.max_sequence = np.zeros(rows, np.int64)
        self.cycles = np.zeros(rows, np.int64)
        self.base_sequence = np.zeros(rows, np.int64)
        self.bad_sequence = np.full(rows, _NO_BAD_SEQUENCE, np.int64)
        # -1: no packet yet; then as in A.1, packets to come until the source is valid.
        self.probation = np.full(rows, -1, np.int64)
        self.received = np.zeros(rows, np.int64)
        self.expected_prior = np.zeros(rows, np.int64)
        self.received_prior = np.zeros(rows, np.int64)
        # Losses by their number would not tell one long silence from many short ones.
        self.bursts = Bursts(rows)
        self.transit = np.zeros(rows, np.float64)
        self.has_transit = np.zeros(rows, np.bool_)
        self.jitter = np.zeros(rows, np.float64)

    def reset(self, rows: Rows | int) -> None:
        """Forgets the streams of these rows: a row was given out again, or its source changed."""
        for name in self.__slots__:
            if name not in ("clock", "bursts"):
                getattr(self, name)[rows] = 0
        self.bad_sequence[rows] = _NO_BAD_SEQUENCE
        self.probation[rows] = -1
        self.bursts.reset(rows)

    def observe(
        self,
        rows: Rows,
        sequences: NDArray[np.integer],
        timestamps: NDArray[np.integer],
        arrivals: NDArray[np.float64],
    ) -> NDArray[np.uint8]:
        """Folds in n packets in arrival order; all arguments (n,), arrivals in seconds.

        Returns a `Verdict` for each packet. A row may occur any number of times.
        """
        verdicts = np.zeros(rows.size, np.uint8)
        sequence = sequences.astype(np.int64)
        units = arrivals * self.clock[rows]
        for chosen in _rounds(rows):
            verdicts[chosen] = self._count(rows[chosen], sequence[chosen])
            measured = chosen[verdicts[chosen] != Verdict.JUMPED]
            self._measure_jitter(rows[measured], timestamps[measured], units[measured])
        return verdicts

    def _count(self, rows: Rows, sequence: NDArray[np.int64]) -> NDArray[np.uint8]:
        """A.1's update_seq, each row at most once."""
        verdicts = np.zeros(rows.size, np.uint8)
        fresh = self.probation[rows] < 0
        if fresh.any():
            self._start(rows[fresh], sequence[fresh])
            self.max_sequence[rows[fresh]] -= 1
            self.probation[rows[fresh]] = MIN_SEQUENTIAL
        waiting = self.probation[rows] > 0
        if waiting.any():
            verdicts[waiting] = self._prove(rows[waiting], sequence[waiting])
        settled = np.flatnonzero(~waiting)
        verdicts[settled] = self._follow(rows[settled], sequence[settled])
        self.received[rows[(verdicts != Verdict.ON_PROBATION) & (verdicts != Verdict.JUMPED)]] += 1
        return verdicts

    def _start(self, rows: Rows, sequence: NDArray[np.int64]) -> None:
        """A.1's init_seq."""
        self.base_sequence[rows] = sequence
        self.max_sequence[rows] = sequence
        self.bad_sequence[rows] = _NO_BAD_SEQUENCE
        self.cycles[rows] = 0
        self.received[rows] = 0
        self.received_prior[rows] = 0
        self.expected_prior[rows] = 0
        self.bursts.reset(rows)

    def _prove(self, rows: Rows, sequence: NDArray[np.int64]) -> NDArray[np.uint8]:
        """A source is not valid until MIN_SEQUENTIAL packets came in a row."""
        verdicts = np.full(rows.size, Verdict.ON_PROBATION, np.uint8)
        in_row = sequence == (self.max_sequence[rows] + 1) % SEQUENCE_MODULUS
        self.probation[rows] = np.where(in_row, self.probation[rows] - 1, MIN_SEQUENTIAL - 1)
        self.max_sequence[rows] = sequence
        proved = self.probation[rows] == 0
        self._start(rows[proved], sequence[proved])
        verdicts[proved] = Verdict.COUNTED
        return verdicts

    def _follow(self, rows: Rows, sequence: NDArray[np.int64]) -> NDArray[np.uint8]:
        """A packet of a valid source: in order, with a gap, jumped, or old."""
        highest = self.max_sequence[rows]
        ahead = (sequence - highest) % SEQUENCE_MODULUS
        in_order = ahead < MAX_DROPOUT
        jumped = ~in_order & (ahead <= SEQUENCE_MODULUS - MAX_MISORDER)
        restarted = jumped & (sequence == self.bad_sequence[rows])
        wrapped = in_order & (sequence < highest)
        self.cycles[rows[wrapped]] += SEQUENCE_MODULUS
        moved = in_order & (ahead > 0)
        self.bursts.skip(rows[moved], ahead[moved])
        old = ~in_order & ~jumped
        self.bursts.come_late(rows[old], SEQUENCE_MODULUS - ahead[old])
        # "ahead" 0 is a repeat of the newest packet: the RFC counts it, and nothing moves.
        self.max_sequence[rows[in_order]] = sequence[in_order]
        self.bad_sequence[rows[jumped]] = (sequence[jumped] + 1) % SEQUENCE_MODULUS
        self._start(rows[restarted], sequence[restarted])
        self.has_transit[rows[restarted]] = False
        return np.select(
            [restarted, jumped, in_order],
            [Verdict.RESTARTED, Verdict.JUMPED, Verdict.COUNTED],
            Verdict.OUT_OF_ORDER,
        ).astype(np.uint8)

    def _measure_jitter(
        self, rows: Rows, timestamps: NDArray[np.integer], units: NDArray[np.float64]
    ) -> None:
        """A.8: J += (|D| - J) / 16, with D over the 32-bit wrap of timestamps."""
        transit = units - timestamps.astype(np.float64)
        known = self.has_transit[rows]
        difference = transit - self.transit[rows]
        wrap = float(1 << 32)
        difference -= wrap * np.rint(difference / wrap)
        jitter = self.jitter[rows]
        self.jitter[rows] = np.where(
            known, jitter + (np.abs(difference) - jitter) / _JITTER_GAIN, jitter
        )
        self.transit[rows] = transit
        self.has_transit[rows] = True

    def highest(self, rows: Rows) -> NDArray[np.int64]:
        """The extended highest sequence number received."""
        return self.cycles[rows] + self.max_sequence[rows]

    def expected(self, rows: Rows) -> NDArray[np.int64]:
        """Packets that should have come (A.3); 0 for a source that is not valid yet."""
        counted = self.highest(rows) - self.base_sequence[rows] + 1
        return np.where(self.probation[rows] == 0, counted, 0)

    def lost(self, rows: Rows) -> NDArray[np.int64]:
        """Cumulative loss (A.3); negative if there were more duplicates than losses."""
        return self.expected(rows) - self.received[rows]

    def jitter_ms(self, rows: Rows) -> NDArray[np.float64]:
        """Interarrival jitter in milliseconds; NaN where fewer than two packets came."""
        measured = self.probation[rows] == 0
        return np.where(measured, self.jitter[rows] * (1000.0 / self.clock[rows]), np.nan)

    def fraction_lost(self, rows: Rows) -> NDArray[np.int64]:
        """Loss since the previous call in 256ths (A.3). Begins a new interval."""
        expected, received = self.expected(rows), self.received[rows]
        of_interval = expected - self.expected_prior[rows]
        lost = of_interval - (received - self.received_prior[rows])
        self.expected_prior[rows] = expected
        self.received_prior[rows] = received
        some = (of_interval > 0) & (lost > 0)
        # 255 and not 256: the field has 8 bits.
        return np.where(some, np.minimum((lost << 8) // np.maximum(of_interval, 1), 255), 0)

    def report(
        self, row: int, ssrc: int, last_sender_report: int = 0, delay_since_last: int = 0
    ) -> ReportBlock | None:
        """The report block of one stream, beginning a new interval; None if nothing was heard."""
        if self.probation[row] != 0:
            return None
        rows = np.array([row])
        lost = int(np.clip(self.lost(rows)[0], _MIN_LOST, _MAX_LOST))
        return ReportBlock(
            ssrc=ssrc,
            fraction_lost=int(self.fraction_lost(rows)[0]),
            cumulative_lost=lost,
            highest_sequence=int(self.highest(rows)[0]) & 0xFFFFFFFF,
            jitter=int(self.jitter[row]),
            last_sender_report=last_sender_report,
            delay_since_last=delay_since_last,
        )

    def snapshot(self, row: int) -> "Quality":
        """One stream's figures for people."""
        if self.probation[row] != 0:
            return Quality(None, None, None)
        rows = np.array([row])
        return Quality(
            int(self.received[row]), int(self.lost(rows)[0]), float(self.jitter_ms(rows)[0])
        )


@dataclass(frozen=True, slots=True)
class Quality:
    """None: not measured, since the stream was never valid."""

    received: int | None
    lost: int | None
    jitter_ms: float | None


def round_trip_ms(arrival_middle: int, last_sr: int, delay_since_last: int) -> float | None:
    """Round trip from a report block about us (6.4.1): A - LSR - DLSR, in milliseconds.

    All three in 1/65536 s modulo 2^32. None: the far side has no SR of ours, or its figures cannot
    be (clocks that were set, a delay that is not true).
    """
    if last_sr == 0:
        return None
    units = (arrival_middle - last_sr - delay_since_last) & 0xFFFFFFFF
    if units >= 0x80000000:
        return None
    return units * 1000.0 / 65536.0


def _rounds(rows: Rows) -> list[NDArray[np.intp]]:
    """Splits packets so that each part has a row at most once, in arrival order."""
    order = np.argsort(rows, kind="stable")
    ordered = rows[order]
    begins = np.flatnonzero(np.diff(ordered, prepend=-1))
    repeats = np.diff(begins, append=rows.size)
    if repeats.max(initial=1) == 1:
        return [np.arange(rows.size)] if rows.size else []
    occurrence = np.arange(rows.size) - np.repeat(begins, repeats)
    return [np.sort(order[occurrence == number]) for number in range(int(repeats.max()))]
