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
from softswitch.wording import SILENT, say

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
    trace.tell(
        say("who_dials", extension=extension, name=office.people[extension].name, digits=digits)
    )
    is_help = meant.kind is Kind.EMERGENCY
    why = barred(office, extension, meant, at)
    heard: tuple[str, ...] = ()
    if why is not None:
        heard = (PROMPTS[why],)
        trace.tell(say("refused_because", why=in_words(why, extension, meant.value)))
        trace.tell(say("hears", prompt=heard[0]))
    else:
        if is_help:
            trace.tell(say("help_call"))
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
        says = say("no_number") if shown is None else pretty(shown, office.country)
        first = say("goes_out") if not number else say("if_that_fails")
        off = SILENT if office.trunks[name].enabled else say("though_off")
        trace.tell(say("by_trunk", first=first, name=name, digits=digits, says=says, off=off))
    if is_help:
        _tell_places(office, extension, trace)
    if not names:
        trace.tell(say("no_trunk_out"))


def _is_late(trunk: Trunk, best: str | None) -> tuple[bool, bool]:
    """Those switched off come last; of the others those first that may show the best number."""
    return not trunk.enabled, best is not None and best not in trunk.numbers


def _tell_places(office: Office, extension: str, trace: Trace) -> None:
    """Where the phone speaks from is not known here."""
    for name, place in office.emergency.places.items():
        if place.networks:
            best = best_of(for_help(office, extension, place.networks[0].split("/")[0]))
            says = say("no_number") if best is None else pretty(best, office.country)
            trace.tell(say("from_place", networks=", ".join(place.networks), name=name, says=says))


def _tell_office(office: Office, extension: str, trace: Trace) -> None:
    rules = office.emergency
    people = [one for one in people_of(office, rules.tell) if one != extension]
    if people:
        how = "told_and_rung" if rules.ring else "told_by_text"
        trace.tell(say(how, people=tuple(people)))
    mails = rules.mail or office.alarms
    if mails:
        trace.tell(say("told_by_mail", mails=tuple(mails)))
