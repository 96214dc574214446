"""The receive pass: every packet since the last count, validated, counted and put in its place.

RFC 3550 5.1, 6.4.1, A.1; RFC 4733 2.3 (which packets are telephone events). Ordinary packets come
as numbers (media/passes/observe.py counts them), all others whole.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.passes.decode import noise_amplitude
from media.passes.observe import MAX_PACKETS_A_ROW, Logged, count_old, observe
from media.passes.order import store
from media.quality import Verdict
from media.rows import FRAME, Index, Rows
from media.rtp import HeaderColumns, parse_headers

__all__ = ["Kept", "Logged", "Received", "TelephoneEvent", "receive"]

# An owner from here on is a place in the log.
FIRST_LOGGED: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Kept:
    """n packets that were kept whole, in the order of their arrival."""

    packets: NDArray[np.uint8]  # (n, size)
    lengths: NDArray[np.int32]  # (n,) of those that are no ordinary ones
    owners: NDArray[np.int32]  # (n,) row, or FIRST_LOGGED + place in the log
    arrivals: NDArray[np.float64]  # (n,) seconds


@dataclass(frozen=True, slots=True)
class TelephoneEvent:
    """A telephone-event packet for the digit receiver of its row."""

    row: int
    payload: bytes
    timestamp: int
    arrival: float


@dataclass(frozen=True, slots=True)
class Received:
    """What of the packets concerns more than the columns."""

    events: list[TelephoneEvent]
    new_sources: list[int]  # rows that have another SSRC now
    jumped: list[int]  # rows whose sequence numbers jumped
    other_codec: list[tuple[int, int]]  # rows and payload types: another codec of those agreed


@dataclass(frozen=True, slots=True)
class _Batch:
    """Unusual packets: their rows and headers."""

    rows: Index
    arrivals: NDArray[np.float64]
    packets: NDArray[np.uint8]
    head: HeaderColumns
    event: NDArray[np.bool_]
    audio: NDArray[np.bool_]


def receive(rows: Rows, logged: Logged, kept: Kept) -> Received:
    """Folds packets into the columns; audio goes into the rings of rows that are heard."""
    received = Received([], [], observe(rows, logged) if logged.rows.size else [], [])
    if not kept.owners.size:
        return received
    ordinary = kept.owners >= FIRST_LOGGED
    if ordinary.any():
        _store_ordinary(rows, logged, kept, ordinary)
    if not ordinary.all():
        _receive_unusual(rows, kept, np.flatnonzero(~ordinary), received)
    return received


def _store_ordinary(rows: Rows, logged: Logged, kept: Kept, ordinary: NDArray[np.bool_]) -> None:
    places = kept.owners[ordinary] - FIRST_LOGGED
    packets = kept.packets if ordinary.all() else kept.packets[ordinary]
    r = logged.rows[places].astype(np.intp)
    heard = rows.hears[r]
    if not heard.all():
        r, places, packets = r[heard], places[heard], packets[heard]
    n = r.size
    starts, sizes = np.full(n, 12, np.intp), np.full(n, FRAME, np.intp)
    store(rows, r, logged.timestamps[places], packets, starts, sizes)


def _receive_unusual(rows: Rows, kept: Kept, chosen: Index, received: Received) -> None:
    chosen = _without_floods(rows, kept, chosen)
    r = kept.owners[chosen].astype(np.intp)
    packets = kept.packets[chosen]
    head = parse_headers(packets, kept.lengths[chosen])
    kind = head.payload_type.astype(np.int16)
    audio = head.valid & (kind == rows.type_in[r])
    event = head.valid & (kind == rows.event_type_in[r]) & ~audio
    noise = head.valid & (kind == rows.noise_type_in[r]) & ~audio
    known = audio | event | noise
    if not known.all():
        other = head.valid & rows.other_types_in[r, head.payload_type] & ~known
        pairs = zip(r[other].tolist(), kind[other].tolist(), strict=True)
        received.other_codec.extend(dict.fromkeys(pairs))
        rows.strangers += np.bincount(r[~known], minlength=rows.capacity)
    # Of two sources in one count the later one stays, and only its packets are counted.
    fresh = known & ((head.ssrc != rows.ssrc_in[r]) | ~rows.has_source[r])
    for i in np.flatnonzero(fresh):
        row, ssrc = int(r[i]), int(head.ssrc[i])
        if not rows.has_source[row] or rows.ssrc_in[row] != ssrc:
            rows.change_source(row, ssrc)
            received.new_sources.append(row)
    picked = np.flatnonzero(known & (head.ssrc == rows.ssrc_in[r]))
    batch = _Batch(r, kept.arrivals[chosen], packets, head, event, audio)
    verdicts = _count(rows, batch, picked)
    received.jumped.extend(r[picked[verdicts == Verdict.JUMPED]].tolist())
    heard = picked[(audio & rows.hears[r])[picked]]
    if heard.size:
        starts, sizes = head.payload_start[heard], head.payload_size[heard]
        store(rows, r[heard], head.timestamp[heard], packets[heard], starts, sizes)
    received.events.extend(_events(batch, picked[event[picked]]))
    for i in picked[noise[picked]]:
        if batch.head.payload_size[i]:
            octet = int(packets[i, head.payload_start[i]])
            rows.noise[r[i]] = noise_amplitude(octet)


def _without_floods(rows: Rows, kept: Kept, chosen: Index) -> Index:
    owners = kept.owners[chosen]
    counts = np.bincount(owners)
    if int(counts.max()) <= MAX_PACKETS_A_ROW:
        return chosen
    keep = np.ones(chosen.size, np.bool_)
    for row in np.flatnonzero(counts > MAX_PACKETS_A_ROW):
        excess = np.flatnonzero(owners == row)[MAX_PACKETS_A_ROW:]
        keep[excess] = False
        rows.late[row] += excess.size
    return chosen[keep]


def _count(rows: Rows, batch: _Batch, picked: Index) -> NDArray[np.uint8]:
    r, head, arrivals = batch.rows[picked], batch.head, batch.arrivals[picked]
    clocks = head.timestamp[picked].astype(np.int64)
    # All packets of a press carry its beginning; the duration field (RFC 4733 2.3.5) brings them
    # back to when they were sent.
    for i in np.flatnonzero(batch.event[picked]):
        packet = batch.packets[picked[i]]
        clocks[i] += int(packet[14]) << 8 | int(packet[15])
    sequences = head.sequence[picked]
    verdicts = rows.reception.observe(r, sequences, clocks & 0xFFFFFFFF, arrivals)
    count_old(rows, r, sequences, verdicts == Verdict.OUT_OF_ORDER)
    rows.last_arrival[r] = arrivals
    rows.packets_in += np.bincount(r, minlength=rows.capacity)
    octets = np.bincount(r, weights=head.payload_size[picked], minlength=rows.capacity)
    rows.octets_in += octets.astype(np.int64)
    return verdicts


def _events(batch: _Batch, chosen: Index) -> list[TelephoneEvent]:
    head = batch.head
    found = []
    for i in chosen:
        start = int(head.payload_start[i])
        payload = batch.packets[i, start : start + int(head.payload_size[i])].tobytes()
        arrival = float(batch.arrivals[i])
        found.append(TelephoneEvent(int(batch.rows[i]), payload, int(head.timestamp[i]), arrival))
    return found
