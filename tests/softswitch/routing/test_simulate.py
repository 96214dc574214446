"""Simulated calls: readable traces, and random walks that always end well."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.office.loader import parse_office
from softswitch.routing.simulate import ChoosingCaller, Situation, simulate, walk
from softswitch.routing.verbs.base import End

CONFIG = Path(__file__).parents[3] / "config"
GRAPH = parse_office((CONFIG / "office.yaml").read_text()).graph
MAIN = "+48221234567"
PEOPLE = ("101", "102", "110", "111", "120")
WARSAW = ZoneInfo("Europe/Warsaw")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW)


MONDAY = at("2026-11-23 10:00")


def test_christmas_eve_with_an_urgent_matter() -> None:
    away = frozenset({"110"})
    situation = Situation(at("2026-12-24 17:05"), "+48600100200", keys="5", away=away)
    assert (
        str(simulate(GRAPH, MAIN, situation))
        == """\
Thu 2026-12-24
17:05:00                   600 100 200 calls 22 123 45 67
17:05:00  welcome          hears welcome
17:05:06  opening          closed: Wigilia (office: Mo-Fr 08:00-16:00; PH off)
17:05:06  closed           hears closed
17:05:12  closed_menu      hears menu_closed, presses 5
17:05:14  urgent           rings 110 mec. Jan Nowak; unreachable
17:05:14  urgent           rings 111 mec. Ewa Kowalska; 111 mec. Ewa Kowalska answers
17:07:19  urgent           end: the caller talks to a human"""
    )


@pytest.mark.parametrize(
    ("situation", "nodes", "end"),
    [
        (Situation(MONDAY, keys="1"), ["menu", "new_matter"], End.TALK),
        (Situation(MONDAY, keys="9-8"), ["menu", "reception"], End.TALK),
        (Situation(MONDAY, keys="---"), ["menu", "reception"], End.TALK),
        (
            Situation(MONDAY, keys="3", busy=frozenset(PEOPLE)),
            ["menu", "payroll", "reception", "leave_message"],
            End.MESSAGE,
        ),
        (
            Situation(MONDAY, keys="2", away=frozenset(PEOPLE), leaves_message=False),
            ["menu", "clients", "reception", "leave_message"],
            End.UNHEARD,
        ),
        (
            Situation(MONDAY, keys="4", full=frozenset({"reception"})),
            ["menu", "reception", "leave_message"],
            End.MESSAGE,
        ),
        (Situation(MONDAY, keys="5", silent=frozenset(PEOPLE)),
         ["menu", "urgent", "reception", "leave_message"], End.MESSAGE),
    ],
)  # fmt: skip
def test_situations(situation: Situation, nodes: list[str], end: End) -> None:
    result = simulate(GRAPH, MAIN, situation).result
    assert result is not None
    assert [step.node for step in result.steps] == ["welcome", "opening", *nodes]
    assert result.end is end


def test_a_caller_without_patience() -> None:
    situation = Situation(MONDAY, keys="4", busy=frozenset(PEOPLE), patience=timedelta(minutes=1))
    story = simulate(GRAPH, MAIN, situation)
    assert story.result is None
    assert str(story.lines[-1]) == "10:01:00  reception        the caller hangs up"


def test_nobody_has_that_number() -> None:
    with pytest.raises(KeyError):
        simulate(GRAPH, "+48221234569", Situation(MONDAY))


@pytest.mark.parametrize("name", ["office", "small", "english"])
def test_random_walks_always_end_well(name: str) -> None:
    graph = parse_office((CONFIG / f"{name}.yaml").read_text()).graph
    chance = random.Random(20261123)
    for _ in range(1500):
        moment = MONDAY + timedelta(minutes=chance.randrange(2 * 365 * 24 * 60))
        number = chance.choice(sorted(graph.entries))
        caller = ChoosingCaller(graph.office, number, Situation(moment), chance.choice)
        story = walk(graph, number, caller)
        assert story.result is not None and story.result.is_accepted, str(story)


@settings(max_examples=50, deadline=None)
@given(
    keys=st.text("0123456789*#-", max_size=8),
    away=st.frozensets(st.sampled_from(PEOPLE)),
    busy=st.frozensets(st.sampled_from(PEOPLE)),
    silent=st.frozensets(st.sampled_from(PEOPLE)),
    minute=st.integers(0, 525_600),
    number=st.sampled_from(sorted(GRAPH.entries)),
)
def test_any_situation_ends_well(
    keys: str,
    away: frozenset[str],
    busy: frozenset[str],
    silent: frozenset[str],
    minute: int,
    number: str,
) -> None:
    moment = MONDAY + timedelta(minutes=minute)
    situation = Situation(moment, keys=keys, away=away, busy=busy, silent=silent)
    result = simulate(GRAPH, number, situation).result
    assert result is not None and result.is_accepted
