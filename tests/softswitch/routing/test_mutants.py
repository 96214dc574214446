"""Offices of three sizes, broken in every way: what can lose a call is refused, at its line.

A mutant (`tests/helpers/mutants.py`) is refused where it was changed or where that is named; or it
is accepted, and then the engine itself, let walk through it at random, loses nobody. Each day takes
a sample; `make fuzz` takes every mutant, and a hundred thousand calls to the offices as they are.
"""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings

from softswitch.office.findings import Finding, OfficeErrors, Severity
from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.simulate import ChoosingCaller, Situation, Story, walk
from tests.helpers.mutants import Mutant, counted, mutants
from tests.softswitch.routing.offices import office_text

# People: each day, every so many-th mutant.
SIZES = {12: 9, 60: 41, 200: 97}
AT = datetime(2026, 11, 23, tzinfo=UTC)
MINUTES = 2 * 365 * 24 * 60
# Random calls: to each accepted mutant; to each office, on a day and when many are asked for.
TO_A_MUTANT, FEW, MANY = 20, 500, 33_400
# Refused not because a call is lost, but because somebody waits longer than `longest_way:`.
TOO_LONG = "a caller may wait"


def is_thorough() -> bool:
    return settings().max_examples > 1000


def verdict(text: str) -> tuple[LoadedOffice | None, list[Finding]]:
    """The office when it is accepted, else None and its errors."""
    try:
        loaded = parse_office(text, at=AT)
        found = check(loaded)
    except OfficeErrors as refused:
        return None, [f for f in refused.findings if f.severity is Severity.ERROR]
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    return (None if errors else loaded), errors


def calls(loaded: LoadedOffice, chance: random.Random, count: int) -> Iterator[Story]:
    """Calls from outside, at any time of two years, in which chance decides everything."""
    graph = loaded.graph
    numbers = [number for number in graph.entries if graph.is_public(number)]
    for _ in range(count):
        moment = AT + timedelta(minutes=chance.randrange(MINUTES))
        number = chance.choice(numbers)
        caller = ChoosingCaller(graph.office, number, Situation(moment), chance.choice)
        yield walk(graph, number, caller)


def is_well(story: Story) -> bool:
    return story.result is not None and story.result.is_accepted


def is_told_there(mutant: Mutant, errors: list[Finding]) -> bool:
    """At the line that was changed, or at one that names what was changed there."""
    lines = mutant.text.splitlines()
    return any(
        one.line == mutant.line
        or f'"{mutant.name}"' in lines[one.line - 1]
        or f" {mutant.name}" in lines[one.line - 1]  # `roster night`
        or (mutant.section == "people" and mutant.name in lines[one.line - 1])
        or one.message.startswith(TOO_LONG)
        for one in errors
    )


@pytest.mark.parametrize("people", SIZES)
def test_the_offices_are_good(people: int) -> None:
    loaded, _ = verdict(office_text(people))
    assert loaded is not None
    assert [f.message for f in check(loaded) if "no password" not in f.message] == []


@pytest.mark.timeout(3000)
@pytest.mark.parametrize("people", SIZES)
def test_property_a_mutant_that_loses_a_call_is_refused(people: int) -> None:
    chance = random.Random(people)
    made, accepted = Counter[str](), Counter[str]()
    wrong = []
    for mutant in list(mutants(office_text(people)))[:: 1 if is_thorough() else SIZES[people]]:
        made[mutant.kind] += 1
        loaded, errors = verdict(mutant.text)
        if loaded is None:
            if not is_told_there(mutant, errors):
                wrong.append(f"{mutant}: line {mutant.line} is not named by {errors[0]}")
            continue
        accepted[mutant.kind] += 1
        lost = next((s for s in calls(loaded, chance, TO_A_MUTANT) if not is_well(s)), None)
        if lost is not None:
            wrong.append(f"{mutant} is accepted, and loses a caller:\n{lost}")
    print(f"\n{people} people: {counted(made)}; accepted {counted(accepted)}")  # noqa: T201
    assert not wrong, f"{len(wrong)}\n" + "\n".join(wrong)
    assert made.total() > accepted.total() > 0


@pytest.mark.timeout(900)
@pytest.mark.parametrize("people", SIZES)
def test_property_random_calls_end_well(people: int) -> None:
    loaded, _ = verdict(office_text(people))
    assert loaded is not None
    ends = Counter[str]()
    for story in calls(loaded, random.Random(people), MANY if is_thorough() else FEW):
        assert is_well(story), str(story)
        assert story.result is not None
        ends[story.result.end.value] += 1
    print(f"\n{people} people: {counted(ends)}")  # noqa: T201
