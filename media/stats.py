"""A leg's columns as figures for people."""

from media.commands import LegStats
from media.legs import Leg
from media.ratings import rated_of
from media.rows import Rows

FRAME_MS = 20


def leg_stats(rows: Rows, leg: Leg, now: float) -> LegStats:
    """All that was measured since the leg began; packets must have been counted before."""
    row = leg.row
    jitter = rows.reception.snapshot(row).jitter_ms
    return LegStats(
        packets_in=int(rows.packets_in[row]),
        packets_out=int(rows.packets_out[row]),
        octets_in=int(rows.octets_in[row]),
        octets_out=int(rows.octets_out[row]),
        lost_in=rows.lost(row),
        late_in=int(rows.late[row]),
        duplicate_in=int(rows.duplicate[row]),
        strangers=int(rows.strangers[row]),
        jitter_ms=None if jitter is None else round(jitter, 3),
        concealed_ms=int(rows.concealed[row]) * FRAME_MS if rows.was_heard[row] else None,
        round_trip_ms=leg.reports.round_trip,
        loss_remote=leg.reports.loss_remote,
        seconds=round(now - leg.began_at, 3),
        rated=rated_of(rows, row, leg.reports.mos),
    )
