"""`softswitch statistics` as a person and as a program read it."""

import json
from zoneinfo import ZoneInfo

from msgspec.structs import replace
from rich.console import Console

from softswitch.commands.statistics import statistics_dict, statistics_view
from softswitch.store.fold import Result, fold
from softswitch.store.statistics import Statistics, statistics
from tests.softswitch.store.stories import answered_in_queue


def some() -> Statistics:
    call = fold(answered_in_queue())
    return statistics([call, replace(call, result=Result.ABANDONED)], ZoneInfo("Europe/Warsaw"))


def test_tables_with_their_sum() -> None:
    console = Console(width=200, no_color=True, force_terminal=False, record=True)
    with console.capture() as capture:
        console.print(statistics_view(some()))
    lines = [" ".join(line.split()) for line in capture.get().splitlines()]
    assert "10 2 1 1 0 0 0:50 0:50 ██████████" in lines
    assert lines.count("all 2 1 1 0 0 0:50 0:50") == 4
    assert "102 1 0 0 3:10" in lines


def test_json_holds_the_same() -> None:
    found = json.loads(json.dumps(statistics_dict(some())))
    assert found["all"] == found["hour"]["10"] == found["queue"]["clients"]
    assert found["all"]["results"] == {"abandoned": 1, "talked": 1}
    assert found["people"] == {"102": {"taken": 1, "placed": 0, "internal": 0, "talk": 190.0}}


def test_nothing_at_all() -> None:
    assert statistics_dict(Statistics())["all"]["offered"] == 0
    statistics_view(Statistics())
