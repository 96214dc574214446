"""What somebody may set for himself, by a star code or by a command: checked in one place.

Forwards lead to people, groups, queues and routes of the office, and to ordinary numbers of its own
country: premium, short, emergency and foreign numbers would let a phone that was left alone for a
minute cost a fortune.
"""

from datetime import datetime
from enum import Enum

from softswitch.apps.desk import FrontDesk
from softswitch.apps.outside import meaning_of
from softswitch.office.codes import Setting
from softswitch.office.numbers import Dialled, Kind, Reach
from softswitch.store.standing import StandingRecord

# A phone that rings a shorter time cannot be reached, after a longer one callers have gone.
LEAST_SECONDS, MOST_SECONDS = 5.0, 120.0


class Wrong(Enum):
    """Why an order is not taken."""

    NOT_UNDERSTOOD = "not_understood"
    NO_SUCH_NUMBER = "no_such_number"
    NOT_PERMITTED = "not_permitted"
    NO_SUCH_QUEUE = "no_such_queue"
    NO_SUCH_REASON = "no_such_reason"


class OrderRefused(Exception):
    """Somebody asked for what cannot be; `wrong` says why."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


def is_permitted(meant: Dialled) -> bool:
    """Whether calls may be forwarded to this number of the world outside."""
    return meant.kind is Kind.EXTERNAL and meant.reach is Reach.NATIONAL


def switch_on(
    desk: FrontDesk,
    extension: str,
    setting: Setting,
    *,
    target: str | None = None,
    seconds: float | None = None,
    until: datetime | None = None,
    by: str = "phone",
) -> StandingRecord:
    """Set it, for an extension of the office. Raises `OrderRefused`."""
    if until is not None and until <= desk.exchange.clock():
        raise OrderRefused(Wrong.NOT_UNDERSTOOD)
    if seconds is not None and not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise OrderRefused(Wrong.NOT_UNDERSTOOD)
    if setting.is_forward:
        target, seconds = _forward(desk, extension, setting, target, seconds)
    elif setting is Setting.PAUSE:
        _check_reason(desk, target)
    elif setting is Setting.AGENT:
        return _answer_for(desk, extension, True, target, by)
    elif target is not None:
        raise OrderRefused(Wrong.NOT_UNDERSTOOD)
    return desk.standing.set(
        extension, setting, True, target=target, seconds=seconds, until=until, by=by
    )


def switch_off(
    desk: FrontDesk,
    extension: str,
    setting: Setting,
    *,
    target: str | None = None,
    by: str = "phone",
) -> StandingRecord:
    """The reverse; harmless when it was off. Raises `OrderRefused`."""
    if setting is Setting.AGENT:
        return _answer_for(desk, extension, False, target, by)
    return desk.standing.set(extension, setting, False, by=by)


def _answer_for(
    desk: FrontDesk, extension: str, is_on: bool, queue: str | None, by: str
) -> StandingRecord:
    """For all his queues, or for one of them, by its number or name; the others stay as they are.

    Who has left the last of them is logged out, and who comes back to one of them, to that alone.
    """
    if queue is None:
        _end_pause(desk, extension, by)
        return desk.standing.set(extension, Setting.AGENT, is_on, by=by)
    standing, queues = desk.standing, desk.office.office.queues
    mine = {key for key, rules in queues.items() if extension in rules.everybody}
    meant = next((key for key in mine if queue in (key, queues[key].number)), None)
    if meant is None:
        raise OrderRefused(Wrong.NO_SUCH_QUEUE)
    left = mine & standing.left_queues(extension) if standing.is_agent(extension) else mine
    left = left - {meant} if is_on else left | {meant}
    target = " ".join(sorted(left)) or None
    return standing.set(extension, Setting.AGENT, left != mine, target=target, by=by)


def _check_reason(desk: FrontDesk, reason: str | None) -> None:
    """One of the office's; an office that names none takes any digit."""
    reasons = desk.office.office.pauses
    if reason is None:
        return
    if not (len(reason) == 1 and reason.isdecimal() and (not reasons or reason in reasons)):
        raise OrderRefused(Wrong.NO_SUCH_REASON)


def _end_pause(desk: FrontDesk, extension: str, by: str) -> None:
    """Who comes or goes is not in a pause."""
    if desk.standing.active(extension, Setting.PAUSE) is not None:
        desk.standing.set(extension, Setting.PAUSE, False, by=by)


def _forward(
    desk: FrontDesk, extension: str, setting: Setting, target: str | None, seconds: float | None
) -> tuple[str, float | None]:
    """Where to: what was said; else where he forwarded last; else his mobile of the file."""
    kept = desk.standing.last(extension, setting)
    if target is None and kept is not None and kept.target is not None:
        target, seconds = kept.target, seconds or kept.seconds
    if target is None:
        person = desk.office.office.people.get(extension)
        target = person.mobile if person is not None else None
    if target is None:
        raise OrderRefused(Wrong.NOT_UNDERSTOOD)
    return _checked(desk, extension, target), seconds


def _checked(desk: FrontDesk, extension: str, target: str) -> str:
    """The number as it is kept: internal, or E.164."""
    meant = meaning_of(desk.office, target)
    if meant.kind in (Kind.UNKNOWN, Kind.CODE):
        raise OrderRefused(Wrong.NO_SUCH_NUMBER)
    if meant.kind is Kind.INTERNAL:
        is_right = meant.value not in (extension, desk.office.office.services.echo)
    else:
        is_right = is_permitted(meant)
    if not is_right:
        raise OrderRefused(Wrong.NOT_PERMITTED)
    return meant.value
