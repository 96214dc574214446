"""The observe pass: ordinary packets, known by row, sequence number and timestamp only.

RFC 3550 A.1, A.3 and A.8 in closed form: if a row's packets of this count are the ones that had
to come next, its counters move by their number, and the jitter filter is a weighted sum. Rows of
which anything was lost, doubled or out of order go packet by packet through media/quality.py.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.quality import Verdict
from media.rows import FRAME, RATE, Index, Rows
from media.rtp import SEQUENCE_MODULUS

# A.8: J += (|D| - J) / 16. After n packets J has faded to (15/16)^n of itself.
_GAIN: Final = 1 / 16
_FADING: Final = (1 - _GAIN) ** np.arange(4097)
_TIMESTAMP_MODULUS: Final = float(1 << 32)
# A row with more packets in one count than this is flooded; each more would cost a round of its
# own in the statistics. Half a second of packets that the network held back still fits beside what
# comes until they are counted.
MAX_PACKETS_A_ROW: Final = 48


@dataclass(frozen=True, slots=True)
class Logged:
    """n ordinary packets in the order of their arrival: 20 ms of audio of a known source."""

    rows: NDArray[np.uint16]  # (n,)
    sequences: NDArray[np.uint16]  # (n,)
    timestamps: NDArray[np.uint32]  # (n,)
    arrivals: NDArray[np.float64]  # (n,) seconds


def observe(rows: Rows, logged: Logged) -> list[int]:
    """Counts the packets, also as sent on where their rows feed others; rows that jumped."""
    # A stable sort of 16-bit numbers is a radix sort: a packet costs some nanoseconds.
    order = np.argsort(logged.rows, kind="stable")
    r = logged.rows[order].astype(np.intp)
    is_first = np.ones(r.size, np.bool_)
    np.not_equal(r[1:], r[:-1], out=is_first[1:])
    starts = np.flatnonzero(is_first)
    ends = np.append(starts[1:], r.size) - 1
    counts = ends - starts + 1
    unique = r[starts]
    sequences = logged.sequences[order].astype(np.int64)
    arrivals = logged.arrivals[order]
    timestamps = logged.timestamps[order]
    rows.packets_in[unique] += counts
    rows.octets_in[unique] += counts * FRAME
    rows.last_arrival[unique] = arrivals[ends]
    reception = rows.reception
    highest, last = reception.max_sequence[unique], sequences[ends]
    good = reception.probation[unique] == 0
    # Each packet is the one that had to come: first and last alone would miss 1, 3, 5, 4.
    due = np.repeat(highest + 1 - starts, counts) + np.arange(r.size)
    good &= np.logical_and.reduceat(sequences == due % SEQUENCE_MODULUS, starts)
    jumped: list[int] = []
    chosen: slice | NDArray[np.bool_] = slice(None)  # nearly always all of them
    if not good.all():
        chosen = good
        jumped = _observe_one_by_one(rows, logged, order, starts, counts, good)
    _fold_jitter(rows, unique, starts, ends, arrivals * RATE - timestamps, chosen)
    usual = unique[chosen]
    reception.cycles[usual] += SEQUENCE_MODULUS * (last < highest)[chosen]
    reception.max_sequence[usual] = last[chosen]
    reception.received[usual] += counts[chosen]
    reception.bursts.go_on(usual, counts[chosen])
    _count_sent(rows, unique, counts, timestamps[ends], arrivals[ends], jumped)
    return jumped


def _fold_jitter(
    rows: Rows,
    unique: Index,
    starts: Index,
    ends: Index,
    transit: NDArray[np.float64],
    chosen: slice | NDArray[np.bool_],
) -> None:
    reception = rows.reception
    before = np.empty_like(transit)
    before[1:] = transit[:-1]
    before[starts] = np.where(
        reception.has_transit[unique], reception.transit[unique], transit[starts]
    )
    difference = transit - before
    difference -= _TIMESTAMP_MODULUS * np.rint(difference / _TIMESTAMP_MODULUS)
    counts = ends - starts + 1
    age = np.repeat(ends, counts) - np.arange(transit.size)
    weighted = np.abs(difference) * _FADING[age]
    fresh = np.add.reduceat(weighted, starts) * _GAIN
    jitter = reception.jitter[unique] * _FADING[counts] + fresh
    usual = unique[chosen]
    reception.jitter[usual] = jitter[chosen]
    reception.transit[usual] = transit[ends][chosen]
    reception.has_transit[usual] = True


def _count_sent(
    rows: Rows,
    unique: Index,
    counts: Index,
    timestamps: NDArray[np.uint32],
    arrivals: NDArray[np.float64],
    jumped: list[int],
) -> None:
    """What was sent on, and where the stream of each fed row stands now. The number of a packet
    that jumped is not where its stream goes on: the next one is aligned anew.
    """
    feeding = np.flatnonzero(rows.feeds[unique] >= 0)
    if not feeding.size:
        return
    source = unique[feeding]
    to = rows.feeds[source]
    rows.packets_out[to] += counts[feeding]
    rows.octets_out[to] += counts[feeding] * FRAME
    if jumped:
        feeding = feeding[~np.isin(source, jumped)]
        source = unique[feeding]
        to = rows.feeds[source]
    rows.last_sent[to] = arrivals[feeding]
    following = rows.reception.max_sequence[source] + rows.sequence_shift[source] + 1
    # What is unusual is counted as it is sent on, so the stream may stand behind these already.
    is_ahead = (following - rows.sequence_out[to] - 1) & 0xFFFF < 0x8000
    feeding, source, to = feeding[is_ahead], source[is_ahead], to[is_ahead]
    rows.sequence_out[to] = following[is_ahead]
    rows.timestamp_out[to] = timestamps[feeding] + rows.timestamp_shift[source] + FRAME


def _observe_one_by_one(
    rows: Rows,
    logged: Logged,
    order: Index,
    starts: Index,
    counts: Index,
    good: NDArray[np.bool_],
) -> list[int]:
    """Rows with anything out of the ordinary; returns those whose numbers jumped."""
    bad = np.repeat(~good, counts)
    rank = np.arange(order.size) - np.repeat(starts, counts)
    # A flooded row: what is beyond the limit would cost a round each, and is not looked at.
    chosen = np.sort(order[bad & (rank < MAX_PACKETS_A_ROW)])
    r = logged.rows[chosen].astype(np.intp)
    sequences = logged.sequences[chosen]
    verdicts = rows.reception.observe(
        r, sequences, logged.timestamps[chosen], logged.arrivals[chosen]
    )
    count_old(rows, r, sequences, verdicts == Verdict.OUT_OF_ORDER)
    jumped: list[int] = r[verdicts == Verdict.JUMPED].tolist()
    return jumped


def count_old(rows: Rows, r: Index, sequences: NDArray[np.uint16], old: NDArray[np.bool_]) -> None:
    """Packets that were out of order: repeated, or overtaken by others."""
    if not old.any():
        return
    again = old & (sequences == rows.reception.max_sequence[r])
    rows.duplicate += np.bincount(r[again], minlength=rows.capacity)
    # Where the tick listens, late is what missed its turn: the order pass counts it.
    late = old & ~again & ~rows.hears[r]
    rows.late += np.bincount(r[late], minlength=rows.capacity)
