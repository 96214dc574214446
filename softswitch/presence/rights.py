"""Who may watch what (RFC 3856 6.5 leaves it to us): an office is small and its lamps are open.

Every extension may see whether a colleague or a queue is busy. With whom he talks is seen by nobody
but himself. Messages are seen by their owner and, for a team's mailbox, by its team: those whose
messages go into it, and those who get its mails. A star code's address shows whether it is on for
the watcher himself.
"""

from softswitch.office.codes import CALLBACK, SHOWN_SETTINGS, Act, Setting
from softswitch.office.directory import Kind as Meant
from softswitch.office.directory import internal_numbers, is_slot
from softswitch.office.models import Office
from softswitch.presence.things import (
    DIALOG,
    EMERGENCY,
    SUMMARY,
    Kind,
    Thing,
    hand_switch,
    own_switch,
)
from softswitch.sip.subscription import EventPackage

NOT_FOUND, FORBIDDEN = 404, 403
# A person's own address while he has no mailbox: phones subscribe to it unasked, and see "none".
NO_MAILBOX = ""


def find_thing(office: Office, watcher: str, package: EventPackage, user: str) -> Thing | int:
    """What `user` of a Request-URI names for this watcher, or the status to refuse him with."""
    if package is SUMMARY:
        return _mailbox(office, watcher, user)
    if user in office.people:
        return Thing(Kind.PERSON, user)
    setting = _own_setting(office, user)
    if setting is not None:
        return own_switch(watcher, setting) if package is DIALOG else NOT_FOUND
    if user == office.codes.callback:
        return own_switch(watcher, CALLBACK) if package is DIALOG else NOT_FOUND
    if user == office.codes.emergency_alarm:
        return EMERGENCY if package is DIALOG else NOT_FOUND
    switch = _by_hand(office, user)
    if switch is not None:
        return hand_switch(switch) if package is DIALOG else NOT_FOUND
    meant = internal_numbers(office).get(user)
    if meant is not None and meant.kind is Meant.PERSON:
        return Thing(Kind.PERSON, meant.key)
    if meant is not None and meant.kind is Meant.QUEUE:
        return Thing(Kind.QUEUE, meant.key)
    if is_slot(office, user):
        return Thing(Kind.SWITCH, user)
    return Thing(Kind.QUEUE, user) if user in office.queues else NOT_FOUND


def _own_setting(office: Office, user: str) -> Setting | None:
    """What a star code sets for whoever dials it, if a lamp can show it."""
    asked = office.codes.understand(user) if user.startswith("*") else None
    if asked is None or asked.arguments or asked.act is not Act.ON:
        return None
    return next((one for one in SHOWN_SETTINGS if one == asked.name), None)


def _by_hand(office: Office, user: str) -> str | None:
    """The switch with this number or star code."""
    switches = office.switches.items()
    return next((name for name, one in switches if user in (one.number, one.code)), None)


def may_see_other(watcher: str, thing: Thing) -> bool:
    """Whether he may know with whom somebody talks: only of himself, on his other phones."""
    return thing == Thing(Kind.PERSON, watcher)


def _mailbox(office: Office, watcher: str, user: str) -> Thing | int:
    if user == watcher and user in office.people:
        return Thing(Kind.MAILBOX, office.mailbox_of(watcher) or NO_MAILBOX)
    meant = internal_numbers(office).get(user)
    key = meant.key if meant is not None and meant.kind is Meant.MAILBOX else user
    if key not in office.mailboxes:
        return FORBIDDEN if key in office.people else NOT_FOUND
    if office.may_open(watcher, key):
        return Thing(Kind.MAILBOX, key)
    return FORBIDDEN
