"""What the sound of a leg was like: told when its media row is given back, and when it gets bad.

Forwarded legs are counted and not decoded: what was not measured is null, never zero.
"""

from collections.abc import Callable

from media.api import LegStats, Poor, Rated
from softswitch import metrics
from softswitch.calls.leg import Leg
from softswitch.log import get_logger

_log = get_logger("calls.quality")

Note = Callable[..., None]


def note_stats(note: Note, leg: Leg, stats: LegStats) -> None:
    """Append `leg.stats`; a leg that only rang has nothing to tell."""
    if leg.stream is None:
        return
    rated = stats.rated
    for way, mos in (("in", rated.mos_in), ("out", rated.mos_out)):
        if mos is not None:
            metrics.mos.labels(way, rated.band.value).observe(mos)
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
        **_mos(rated),
    )


def _mos(rated: Rated) -> dict[str, object]:
    """MOS both ways, the whole talk, its worst piece, and piece by piece; on which scale, `band`
    says: ITU-T G.107 (nb) or G.107.1 (wb).
    """
    return {
        "band": rated.band.value,
        "mos_in": rated.mos_in,
        "mos_out": rated.mos_out,
        "worst_in": rated.worst_in,
        "worst_out": rated.worst_out,
        "mos_told": rated.told,
        "timeline": {
            "seconds": rated.seconds,
            "in": [_rounded(one, 1) for one in rated.timeline_in],
            "out": [_rounded(one, 1) for one in rated.timeline_out],
        },
    }


def note_poor(note: Note, leg: Leg, poor: Poor) -> None:
    """Append `leg.poor`, and say so: somebody may still look at it while the call is up."""
    metrics.poor_sound.labels(poor.way.value).inc()
    said = {"who": leg.who or None, "way": poor.way.value, "mos": poor.mos, "loss": poor.loss}
    _log.warning("a call sounds badly", **said)
    note("leg.poor", sip=leg.call_id, **said)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
