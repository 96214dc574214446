"""What the sound of a leg was like, told once when its media row is given back.

Forwarded legs are counted and not decoded: what was not measured is null, never zero.
"""

from collections.abc import Callable

from media.api import LegStats
from softswitch.calls.leg import Leg


def note_stats(note: Callable[..., None], leg: Leg, stats: LegStats) -> None:
    """Append `leg.stats`; a leg that only rang has nothing to tell."""
    if leg.stream is None:
        return
    note(
        "leg.stats",
        who=leg.who or None,
        sip=leg.call_id,
        seconds=round(stats.seconds, 1),
        packets_in=stats.packets_in,
        packets_out=stats.packets_out,
        lost_in=stats.lost_in,
        late_in=stats.late_in,
        strangers=stats.strangers,
        jitter_ms=_rounded(stats.jitter_ms, 1),
        loss_remote=_rounded(stats.loss_remote, 4),
        round_trip_ms=_rounded(stats.round_trip_ms, 1),
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
