"""What a leg's sound was like, as its story tells it."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from prometheus_client import REGISTRY

from media.api import Band, LegStats, Poor, Rated, Way
from softswitch.calls.leg import Leg
from softswitch.calls.quality import note_poor, note_stats


def leg(**more: Any) -> Leg:
    return cast(Leg, SimpleNamespace(who="101", call_id="abc", stream=object(), **more))


def noted(act: Any, *arguments: Any) -> list[tuple[str, dict[str, Any]]]:
    events: list[tuple[str, dict[str, Any]]] = []
    act(lambda kind, **data: events.append((kind, data)), *arguments)
    return events


def counted(name: str, way: str, **more: str) -> float:
    return REGISTRY.get_sample_value(name, {"way": way} | more) or 0.0


def test_figures_and_a_timeline_are_kept_with_the_call() -> None:
    rated = Rated(5, 4.31, None, 2.98, None, (4.4, 2.98, None), (None, None, None))
    before = [counted("softswitch_mos_count", way, band="nb") for way in Way]
    ((kind, data),) = noted(note_stats, leg(), LegStats(packets_in=500, rated=rated))
    assert kind == "leg.stats"
    assert (data["mos_in"], data["mos_out"], data["worst_in"]) == (4.31, None, 2.98)
    assert data["timeline"] == {"seconds": 5, "in": [4.4, 3.0, None], "out": [None, None, None]}
    after = [counted("softswitch_mos_count", way, band="nb") for way in Way]
    assert after == [before[0] + 1, before[1]] and data["band"] == "nb"


def test_the_two_scales_are_counted_apart() -> None:
    before = [counted("softswitch_mos_count", "in", band=band) for band in Band]
    wide = Rated(5, 4.3, band=Band.WIDE)
    ((_, data),) = noted(note_stats, leg(), LegStats(packets_in=500, rated=wide))
    after = [counted("softswitch_mos_count", "in", band=band) for band in Band]
    assert after == [before[0], before[1] + 1] and data["band"] == "wb"


def test_a_leg_that_only_rang_has_nothing_to_tell() -> None:
    silent = leg()
    silent.stream = None
    assert noted(note_stats, silent, LegStats()) == []


@pytest.mark.parametrize("way", list(Way))
def test_a_bad_call_is_told_while_it_lasts(way: Way) -> None:
    before = counted("softswitch_poor_sound_total", way.value)
    told = noted(note_poor, leg(), Poor(7, way, 2.6, 0.12))
    said = {"who": "101", "sip": "abc", "way": way.value, "mos": 2.6, "loss": 0.12}
    assert told == [("leg.poor", said)]
    assert counted("softswitch_poor_sound_total", way.value) == before + 1
