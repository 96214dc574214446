"""What would become of a number that somebody of the office dials outside: refused, or by which
trunk, as what, and showing which number. What was used up today is not known here."""

from dataclasses import dataclass
from datetime import datetime

from softswitch.office.directory import people_of
from softswitch.office.models import Office
from softswitch.office.numbers import Dialled, Kind, pretty, understand
from softswitch.office.own_number import best_of, for_help, for_person, own_number
from softswitch.office.permission import PROMPTS, Barred, barred, in_words
from softswitch.office.trunk import Trunk
from softswitch.routing.graph import Graph
from softswitch.routing.simulate.situation import Story, Trace
from softswitch.trunks.profile import written

OUTSIDE = frozenset({Kind.EXTERNAL, Kind.SHORT, Kind.EMERGENCY})


@dataclass(frozen=True, slots=True)
class OutgoingStory:
    """`refused`: why the call does not go out."""

    story: Story
    refused: Barred | None


def dialled_outside(graph: Graph, digits: str) -> Dialled | None:
    """What digits mean that lead outside; None when they mean something inside, or nothing."""
    internal = {*graph.entries, *graph.office.people}
    meant = understand(digits, graph.office.country, internal)
    return meant if meant.kind in OUTSIDE else None


def simulate_outgoing(
    office: Office, extension: str, digits: str, meant: Dialled, at: datetime
) -> OutgoingStory:
    """The story of one dialled number. `at`: on the office's clock."""
    trace = Trace(at, at)
    trace.tell(f"{extension} {office.people[extension].name} dials {digits}")
    is_help = meant.kind is Kind.EMERGENCY
    why = barred(office, extension, meant, at)
    heard: tuple[str, ...] = ()
    if why is not None:
        heard = (PROMPTS[why],)
        trace.tell(f"refused: {in_words(why, extension, meant.value)}")
        trace.tell(f"hears {heard[0]}")
    else:
        if is_help:
            trace.tell("a call for help: no lock, no limit, the number is never hidden")
        _tell_ways(office, extension, meant, is_help, trace)
    if is_help:
        _tell_office(office, extension, trace)
    story = Story(meant.value, tuple(trace.lines), None, 0.0, heard=heard)
    return OutgoingStory(story, why)


def _tell_ways(office: Office, extension: str, meant: Dialled, is_help: bool, trace: Trace) -> None:
    """Each trunk, in the order in which they are tried."""
    wanted = for_help(office, extension) if is_help else for_person(office, extension)
    best = best_of(wanted) if is_help else None
    order = sorted(office.trunks, key=lambda name: _is_late(office.trunks[name], best))
    names = [name for name in order if is_help or office.trunks[name].enabled]
    for number, name in enumerate(names):
        digits = written(office.trunks[name], meant.value, office.country)
        shown = own_number(office, name, wanted)
        says = "no number" if shown is None else pretty(shown, office.country)
        first = "goes out" if not number else "if that fails,"
        off = "" if office.trunks[name].enabled else ", though it is switched off"
        trace.tell(f"{first} by the trunk {name} as {digits}, showing {says}{off}")
    if is_help:
        _tell_places(office, extension, trace)
    if not names:
        trace.tell("there is no trunk to go out by")


def _is_late(trunk: Trunk, best: str | None) -> tuple[bool, bool]:
    """Those switched off come last; of the others those first that may show the best number."""
    return not trunk.enabled, best is not None and best not in trunk.numbers


def _tell_places(office: Office, extension: str, trace: Trace) -> None:
    """Where the phone speaks from is not known here."""
    for name, place in office.emergency.places.items():
        if place.networks:
            best = best_of(for_help(office, extension, place.networks[0].split("/")[0]))
            says = "no number" if best is None else pretty(best, office.country)
            trace.tell(f"from {', '.join(place.networks)} ({name}): showing {says} where it may be")


def _tell_office(office: Office, extension: str, trace: Trace) -> None:
    rules = office.emergency
    people = [one for one in people_of(office, rules.tell) if one != extension]
    if people:
        trace.tell(f"told by text: {', '.join(people)}")
    mails = rules.mail or office.alarms
    if mails:
        trace.tell(f"told by mail: {', '.join(mails)}")
