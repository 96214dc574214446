"""What a word or a number of the office means: a person, a group, a queue, a mailbox, a route.

One look-up serves phones (dialled digits), trunks (called numbers) and the routes' targets.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from softswitch.office.hours import is_open
from softswitch.office.models import Office
from softswitch.office.numbers import normalize


class Kind(StrEnum):
    """What a destination is."""

    PERSON = "person"
    GROUP = "group"
    QUEUE = "queue"
    MAILBOX = "mailbox"
    CONFERENCE = "conference"
    ROUTE = "route"
    SERVICE = "service"  # of the switch itself: echo
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Destination:
    """`key`: extension, name of the group, queue, mailbox, route or service, or E.164 number."""

    kind: Kind
    key: str


def internal_numbers(office: Office) -> dict[str, Destination]:
    """Every number that can be dialled inside: extensions, groups, queues, mailboxes, routes."""
    found: dict[str, Destination] = {}
    if office.services.echo:
        found[office.services.echo] = Destination(Kind.SERVICE, "echo")
    for number, destination in named_numbers(office):
        found[number] = destination
    found.update({ext: Destination(Kind.PERSON, ext) for ext in office.people})
    for number in office.numbers:
        meant = _by_number(office, number)
        if meant is not None:
            found[number] = meant
    return found


def named_numbers(office: Office) -> Iterator[tuple[str, Destination]]:
    """The `number:` of every group, queue and mailbox that has one."""
    for kind, section in (
        (Kind.GROUP, office.groups),
        (Kind.QUEUE, office.queues),
        (Kind.MAILBOX, office.mailboxes),
        (Kind.CONFERENCE, office.conferences),
    ):
        for name, entry in section.items():
            if entry.number is not None:
                yield entry.number, Destination(kind, name)


def is_slot(office: Office, number: str) -> bool:
    """A parking slot. Of the usual ones, those count that the office uses for nothing else."""
    parking = office.parking
    if parking is None or number not in parking.slots:
        return False
    if "slots" in parking.model_fields_set:
        return True
    is_switch = any(switch.number == number for switch in office.switches.values())
    return not is_switch and number not in internal_numbers(office)


def colleagues(office: Office, extension: str) -> set[str]:
    """Who shares a group or a queue with somebody, himself included if he is in any."""
    teams = [group.ring for group in office.groups.values()]
    teams += [queue.everybody for queue in office.queues.values()]
    return {one for team in teams if extension in team for one in team}


def mobile_at(office: Office, extension: str, local: datetime) -> str | None:
    """Somebody's mobile, if it may ring for the office at this moment on the office's clock."""
    person = office.people.get(extension)
    if person is None or person.mobile is None:
        return None
    hours = person.mobile_hours
    is_on = hours is None or is_open(hours, local, office.country, office.zone)
    return person.mobile if is_on else None


def people_of(office: Office, words: Iterable[str]) -> list[str]:
    """The people behind words that name people, groups and queues; each once, in order."""
    found: dict[str, None] = {}
    for word in words:
        if word in office.people:
            found[word] = None
        elif word in office.groups:
            found |= dict.fromkeys(office.groups[word].ring)
        elif word in office.queues:
            found |= dict.fromkeys(office.queues[word].agents)
    return [one for one in found if one in office.people]


def group_by_number(office: Office, number: str) -> str | None:
    """The group with this internal number."""
    return next((name for name, group in office.groups.items() if group.number == number), None)


def resolve(office: Office, word: str) -> Destination | None:
    """What a target, a name or any written form of a number means; None when nothing.

    A route comes before a group or queue of the same name.
    """
    if word in office.routes:
        return Destination(Kind.ROUTE, word)
    internal = internal_numbers(office)
    found = internal.get(word) or _by_name(office, word)
    if found is not None:
        return found
    number = normalize(word, office.country)
    if number is None:
        return None
    return internal.get(number) or Destination(Kind.EXTERNAL, number)


def _by_name(office: Office, word: str) -> Destination | None:
    if word in office.groups:
        return Destination(Kind.GROUP, word)
    if word in office.queues:
        return Destination(Kind.QUEUE, word)
    if word in office.conferences:
        return Destination(Kind.CONFERENCE, word)
    return Destination(Kind.MAILBOX, word) if word in office.mailboxes else None


def _by_number(office: Office, number: str) -> Destination | None:
    """The target of an entry of `numbers:`; one that points to another number is followed."""
    seen: set[str] = set()
    word = number
    while word in office.numbers and word not in seen:
        seen.add(word)
        word = office.numbers[word]
    if word in office.routes:
        return Destination(Kind.ROUTE, word)
    if word in office.people:
        return Destination(Kind.PERSON, word)
    return dict(named_numbers(office)).get(word) or _by_name(office, word)
