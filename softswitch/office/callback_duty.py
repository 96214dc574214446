"""Whose a callback is, and until when: the office's side of the callback list.

A time limit runs only while the office works: thirty minutes of a call missed on Friday at 15:50
are over on Monday at 8:20, whatever holidays and clock changes lie between. Pure.
"""

from datetime import UTC, datetime, timedelta

from softswitch.office.calendar import stretches
from softswitch.office.directory import Kind, resolve
from softswitch.office.models import Office

# Where no opening is found so far ahead, the office works never, and limits run on at all times.
_AHEAD = timedelta(days=400)
# Looked through bit by bit: nearly every limit ends within days.
_FIRST_LOOK = timedelta(days=8)
_TEAMS = frozenset({Kind.PERSON, Kind.GROUP, Kind.QUEUE, Kind.MAILBOX})


def working_time(office: Office, hours: str | None, begin: datetime, seconds: float) -> datetime:
    """The moment (UTC) at which so many working seconds have passed since `begin` (aware).

    0 seconds: `begin` itself, or the next opening. `hours` None: time counts always.
    """
    begin = begin.astimezone(UTC)
    if hours not in office.hours or hours is None:
        return begin + timedelta(seconds=seconds)
    left, start = timedelta(seconds=seconds), begin
    for ahead in (_FIRST_LOOK, _AHEAD):
        found, left = _within(office, hours, start, begin + ahead, left)
        if found is not None:
            return found
        start = begin + ahead
    return begin + timedelta(seconds=seconds)


def _within(
    office: Office, hours: str, start: datetime, end: datetime, left: timedelta
) -> tuple[datetime | None, timedelta]:
    """The moment, if it is before `end`, and what is left of the time if not."""
    zone = office.zone
    for here, until, is_open in stretches(
        office, hours, start.astimezone(zone), end.astimezone(zone)
    ):
        # In UTC: on the wall clock the night of a clock change would have 24 hours.
        opened = max(here.astimezone(UTC), start)
        length = until.astimezone(UTC) - opened
        if not is_open or length <= timedelta(0):
            continue
        if length > left:
            return opened + left, left
        left -= length
    return None, left


def owner_of(
    office: Office, caretaker: str | None, queue: str | None, word: str | None
) -> str | None:
    """Who owes this caller a call back: his caretaker, the queue in which he waited, the person or
    team that he called (`word`), the default; None: everybody."""
    if caretaker in office.people:
        return caretaker
    if queue in office.queues:
        return queue
    meant = resolve(office, word) if word else None
    if meant is not None and meant.kind in _TEAMS:
        return meant.key
    return office.callbacks.owner


def team_of(office: Office, owner: str | None) -> frozenset[str]:
    """The extensions that may work an item; of a word that means nobody any more, everybody's."""
    found: set[str] = set()
    if owner is not None:
        found |= {owner} & office.people.keys()
        for section in (office.groups, office.mailboxes, office.queues):
            found |= _members(office, owner) if owner in section else set()
    return frozenset(found & office.people.keys() or office.people)


def _members(office: Office, word: str) -> set[str]:
    group, queue = office.groups.get(word), office.queues.get(word)
    found = {*(group.ring if group else ()), *(queue.everybody if queue else ())}
    return found | {one for one in office.people if office.mailbox_of(one) == word}
