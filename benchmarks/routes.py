"""Routes: how long the proof, the comparison, the drawing and a simulated call take.

    python -m benchmarks.routes

CPU seconds, the best of some, for an office of 200 people with queues, teams, rosters, two menus
and a calendar. The reference of the same run is the bare YAML parser on the same text.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ruamel.yaml import YAML

from softswitch.office.loader import LoadedOffice, parse_office
from softswitch.routing.check import check
from softswitch.routing.drawing.picture import picture
from softswitch.routing.drawing.svg import svg
from softswitch.routing.effects.compare import changes
from softswitch.routing.simulate import ChoosingCaller, Situation, walk
from tests.softswitch.routing.offices import office_text

PEOPLE = 200
TRIES = 3
CALLS = 2000
AT = datetime(2026, 11, 23, tzinfo=UTC)
# A longer day, one key elsewhere, one agent less: classes of time, ways and details at once.
CHANGES = (("08:00-16:00", "08:00-17:00"), ("1: sales", "1: message"), ("[1001, 1002]", "[1001]"))


def cpu_seconds(work: Callable[[], object]) -> float:
    """Of the best run of some."""
    found = []
    for _ in range(TRIES):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return min(found)


def calls(loaded: LoadedOffice) -> None:
    chance = random.Random(1)
    numbers = [number for number in loaded.graph.entries if loaded.graph.is_public(number)]
    for _ in range(CALLS):
        situation = Situation(AT + timedelta(minutes=chance.randrange(1_000_000)))
        number = chance.choice(numbers)
        walk(loaded.graph, number, ChoosingCaller(loaded.office, number, situation, chance.choice))


def main() -> None:
    text = office_text(PEOPLE)
    changed = text
    for old, new in CHANGES:
        assert old in changed
        changed = changed.replace(old, new, 1)
    before, after = parse_office(text, at=AT), parse_office(changed, at=AT)
    bare = cpu_seconds(lambda: YAML(typ="safe", pure=True).compose(text))
    checked = cpu_seconds(lambda: check(parse_office(text, at=AT)))
    compared = cpu_seconds(lambda: changes(before.graph, after.graph, AT))
    drawn = cpu_seconds(lambda: svg(picture(before.graph)))
    called = cpu_seconds(lambda: calls(before)) / CALLS
    print(f"an office of {PEOPLE} people, {len(text.splitlines())} lines")
    print(f"bare YAML parser, the reference   {bare:8.3f} s CPU")
    print(f"read and proved (budget 1 s)      {checked:8.3f} s CPU, {checked / bare:.1f} ×")
    print(f"compared with another (2 s)       {compared:8.3f} s CPU, {compared / bare:.1f} ×")
    print(f"drawn as SVG                      {drawn:8.3f} s CPU, {drawn / bare:.1f} ×")
    print(f"a simulated call, chance decides  {called * 1000:8.3f} ms CPU")


if __name__ == "__main__":
    main()
