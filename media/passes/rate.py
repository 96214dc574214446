"""The rate pass: every five seconds, how good each leg sounded since the last time.

Two ways a leg: 0 is what came from it (our count), 1 what it heard of us (its reports). A place of
the timeline holds MOS in fiftieths; 0 is "not measured": nothing came, or nothing was reported.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from media.emodel import mos, rating
from media.rows import PLACES, Index, Rows

Floats = NDArray[np.float64]

SECONDS: Final = 5
# A second of sound: of fewer packets nothing is said.
FEW: Final = 50
STEPS: Final = 50
# Packets of 20 ms, and what a telephone keeps waiting where our own buffer is not in the way.
PACKET_MS, USUAL_BUFFER_MS = 20.0, 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """Of n rows both ways: (n, 2), NaN where it was not measured."""

    opinions: Floats
    """MOS, on the scale of the row's band."""
    loss: Floats
    """A fraction."""


def rate(rows: Rows, r: Index, remote_loss: Floats, round_trip: Floats) -> Heard:
    """The rows since the last time.

    remote_loss: (n,) a fraction, round_trip: (n,) ms, NaN without a report.
    """
    loss, burst = _heard(rows, r)
    depth = np.where(rows.hears[r], rows.depth[r] * PACKET_MS, USUAL_BUFFER_MS)
    delay = PACKET_MS + np.nan_to_num(round_trip) / 2
    codec = (rows.ie[r], rows.bpl[r], rows.is_wide[r])
    here = rating(delay + depth, loss, burst, *codec)
    there = rating(delay + USUAL_BUFFER_MS, remote_loss, np.ones(r.size), *codec)
    rows.r_last[r] = np.nan_to_num(here)
    rows.r_listening[r] = np.nan_to_num(rating(np.zeros(r.size), loss, burst, *codec))
    opinions = mos(np.stack([here, there], axis=1), rows.is_wide[r][:, None])
    _keep(rows, r, opinions)
    return Heard(opinions, np.stack([loss, remote_loss], axis=1))


def _heard(rows: Rows, r: Index) -> tuple[Floats, Floats]:
    """Loss of the time since, late packets included, and BurstR; NaN where too little came."""
    reception = rows.reception
    bursts = reception.bursts
    counts = np.stack(
        [
            reception.expected(r),
            reception.received[r],
            rows.late[r],
            bursts.missed[r],
            bursts.runs[r],
        ],
        axis=1,
    )
    expected, received, late, missed, runs = (counts - rows.rated[r]).T
    rows.rated[r] = counts
    late = np.where(rows.hears[r], np.maximum(late, 0), 0)
    # Of another source, or one that began anew, the counts have begun anew too.
    known = np.where(expected < FEW, np.nan, expected.astype(np.float64))
    loss = np.minimum((np.maximum(expected - received, 0) + late) / known, 1.0)
    # G.107 3.2: against the mean length that chance would make of as many losses.
    mean = np.maximum(missed, 0) / np.maximum(runs, 1)
    return loss, np.maximum(1.0, mean * (1 - np.nan_to_num(loss)))


def _keep(rows: Rows, r: Index, rated: Floats) -> None:
    known = ~np.isnan(rated)
    value = np.where(known, rated, 0)
    rows.mos_sum[r] += value
    rows.mos_count[r] += known
    worst = rows.mos_worst[r]
    rows.mos_worst[r] = np.where(known & ((worst == 0) | (value < worst)), value, worst)
    full = r[rows.rated_times[r] >= PLACES << rows.doublings[r]]
    if full.size:
        _halve(rows, full)
    # Two, four, ... times that share a place: it keeps the worst of them.
    place = rows.rated_times[r] >> rows.doublings[r]
    step = np.rint(value * STEPS).astype(np.uint8)
    before = rows.timeline[r, :, place]
    both = np.where((before > 0) & (step > 0), np.minimum(before, step), np.maximum(before, step))
    rows.timeline[r, :, place] = both
    rows.rated_times[r] += 1


def _halve(rows: Rows, full: Index) -> None:
    """Half as many places, each twice as long, with the worse of the two."""
    pairs = rows.timeline[full].reshape(full.size, 2, PLACES // 2, 2)
    low, high = pairs.min(axis=3), pairs.max(axis=3)
    rows.timeline[full, :, : PLACES // 2] = np.where(low > 0, low, high)
    rows.timeline[full, :, PLACES // 2 :] = 0
    rows.doublings[full] += 1
