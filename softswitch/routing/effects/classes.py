"""Classes of time: stretches in which the calendars of two offices decide everything alike."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from softswitch.office.calendar import closures, stretches
from softswitch.office.models import Office
from softswitch.office.rosters import coverage, on_duty
from softswitch.routing.graph import Graph
from softswitch.routing.verbs.base import Need

# Public holidays of two years, every weekday of each, both clock changes twice.
HORIZON = timedelta(days=731)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Moment:
    """What the calendar of one office decides at a time: by hours, and by roster.

    `on`: the one switch that is on; `opened`: whether it opens what it covers.
    """

    hours: Mapping[str, str]
    rosters: Mapping[str, tuple[str, ...]]
    on: str | None = None
    opened: bool = False

    def usual(self, name: str) -> str:
        """Where hours lead that a period or a switch decides for which nothing is written."""
        return "open" if self.opened and name == self.on else "closed"

    def while_on(self, office: Office, switch: str) -> "Moment":
        """The same time while somebody has switched this on, if this office has it."""
        known = office.switches.get(switch)
        if known is None:
            return self
        hours = {name: switch if known.covers(name) else it for name, it in self.hours.items()}
        return Moment(hours, self.rosters, switch, bool(known.opens))


@dataclass(frozen=True, slots=True)
class TimeClass:
    """One class: what both offices decide, and all its stretches in order."""

    old: Moment
    new: Moment
    spans: tuple[Span, ...]


Course = list[tuple[datetime, object]]


def time_classes(old: Graph, new: Graph, start: datetime) -> list[TimeClass]:
    """All classes of the time from `start` on, the commonest first."""
    end = start + HORIZON
    courses: dict[tuple[bool, Need, str], Course] = {}
    for is_new, graph in ((False, old), (True, new)):
        for need, name in _asked(graph):
            if need is Need.HOURS:
                courses[is_new, need, name] = list(_hours(graph.office, name, start, end))
            else:
                courses[is_new, need, name] = list(_roster(graph.office, name, start, end))
    found: dict[tuple[object, ...], list[Span]] = {}
    for begin, finish, values in _sweep(list(courses.values()), start, end):
        found.setdefault(values, []).append((begin, finish))
    classes = [
        TimeClass(_moment(courses, values, False), _moment(courses, values, True), tuple(spans))
        for values, spans in found.items()
    ]
    return sorted(classes, key=lambda one: -sum((b - a).total_seconds() for a, b in one.spans))


def _asked(graph: Graph) -> set[tuple[Need, str]]:
    """Hours and rosters that a route asks."""
    return {
        (reference.need, reference.word)
        for node in graph.nodes.values()
        for reference in node.verb.references(node.options)
        if reference.need in (Need.HOURS, Need.ROSTER)
    }


def _hours(
    office: Office, name: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, object]]:
    """When the hours become open, closed, or closed for a period by its name."""
    states = [(begin, is_open) for begin, _, is_open in stretches(office, name, start, end)]
    closed = closures(office, name)
    begins = [begin for begin, _ in states]
    cuts = {*begins, start, *(c.begin for c in closed), *(c.end for c in closed)}
    for at in sorted(cut for cut in cuts if start <= cut < end):
        closure = next((c for c in closed if c.begin <= at < c.end), None)
        if closure is not None:
            yield at, closure.period or "closed"
        else:
            yield at, "open" if states[bisect_right(begins, at) - 1][1] else "closed"


def _roster(
    office: Office, name: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, object]]:
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    for stretch in coverage(office, name, start, end):
        if stretch.entries not in known:
            known[stretch.entries] = on_duty(office, name, stretch.begin)
        yield stretch.begin, known[stretch.entries]


def _sweep(
    courses: list[Course], start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, tuple[object, ...]]]:
    """Stretches in which no course changes, with the value of each."""
    moments = sorted({start, *(at for course in courses for at, _ in course)})
    places = [0] * len(courses)
    for begin, finish in zip(moments, [*moments[1:], end], strict=True):
        for index, course in enumerate(courses):
            while places[index] + 1 < len(course) and course[places[index] + 1][0] <= begin:
                places[index] += 1
        yield begin, finish, tuple(c[place][1] for c, place in zip(courses, places, strict=True))


def _moment(
    courses: Mapping[tuple[bool, Need, str], Course], values: tuple[object, ...], is_new: bool
) -> Moment:
    hours: dict[str, str] = {}
    rosters: dict[str, tuple[str, ...]] = {}
    for (of_new, need, name), value in zip(courses, values, strict=True):
        if of_new is not is_new:
            continue
        if need is Need.HOURS:
            hours[name] = str(value)
        elif isinstance(value, tuple):
            rosters[name] = value
    return Moment(hours, rosters)
