"""Subscriptions as their notifier keeps them (RFC 6665 section 4.2), one state machine each.

    SUBSCRIBE ── read_subscribe ──> Wanted | Refusal (400, 406, 423, 489)
    Wanted + Dialog ──> Subscription ── step(Input) ──> Step: what is to be done now

One NOTIFY at a time is on its way to a subscriber. What changes meanwhile makes the subscription
stale, and its answer lets the next one go, with the state of that moment: so states never overtake
each other on a lossy line, and a slow phone gets fewer of them, never wrong ones.

The CSeq of our NOTIFYs is the subscription's one counter: `Subscription.notified` is how many there
were before, and only rises, over refreshes and over restarts (`continued`).

Nothing here knows what is notified, who may subscribe, or how messages travel. Times are seconds
since 1970, handed in: an expiry must outlive the process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from softswitch.sip.admission import Refusal
from softswitch.sip.dialog import FIRST_CSEQ, Dialog
from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import digits, is_token, split_list
from softswitch.sip.message import Request, Response

MAX_EVENT_ID = 128
"""Characters; the id goes back in every NOTIFY, and phones write a number."""

MAX_SECONDS = 2**32 - 1
"""RFC 3261 20.19: Expires is 32 bits."""

BRIEF = 3600.0
"""RFC 3261 8.1.1 and RFC 6665 4.2.1.1: 423 is for intervals of less than an hour."""

GONE = frozenset({404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604})
"""Answers to a NOTIFY that end the subscription (RFC 6665 4.2.2; RFC 5057 5.1). 408 is also how
silence counts (Timer F): "the notifier SHOULD remove the subscription"."""


@dataclass(frozen=True, slots=True)
class EventPackage:
    """An event package that can be subscribed to (RFC 6665 section 5). Seconds."""

    name: str
    content_type: str
    default_expires: int = 3600
    min_expires: int = 60
    max_expires: int = 3600


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a SUBSCRIBE asks for. `expires` 0: the state once, or the end of the subscription."""

    package: EventPackage
    event_id: str | None
    expires: int


class Ending(Enum):
    """Why a subscription is over: the `reason` of its last NOTIFY (RFC 6665 4.1.3)."""

    DEACTIVATED = "deactivated"
    """Subscribe again at once."""
    REJECTED = "rejected"
    """The right to it was taken away."""
    TIMEOUT = "timeout"
    """It ran out, or the subscriber ended it."""
    NO_RESOURCE = "noresource"
    """What was watched is there no more."""


class State(Enum):
    """Where a subscription stands with its subscriber."""

    QUIET = "quiet"
    """He knows the newest state."""
    NOTIFYING = "notifying"
    """He is being told it."""
    STALE = "stale"
    """He is being told something that has changed since."""
    OVER = "over"


class Input(Enum):
    """What can happen to a subscription."""

    CHANGED = "the state changed"
    REFRESHED = "a SUBSCRIBE came"
    ACCEPTED = "the NOTIFY was answered"
    UNREACHED = "the NOTIFY could not be carried"
    GONE = "the subscriber knows nothing of it, or is silent"
    ENDED = "it ran out or is taken back"


class Step(Enum):
    """What the owner is to do now."""

    NOTHING = "nothing"
    NOTIFY = "send the state as it is now"
    LAST = "send it a last time, with the reason, and forget it"
    FORGET = "forget it"


_WAIT, _TELL = (State.NOTIFYING, Step.NOTHING), (State.NOTIFYING, Step.NOTIFY)
_REST, _LATER = (State.QUIET, Step.NOTHING), (State.STALE, Step.NOTHING)
_LAST, _FORGET = (State.OVER, Step.LAST), (State.OVER, Step.FORGET)

TABLE: Mapping[State, Mapping[Input, tuple[State, Step]]] = {
    State.QUIET: {
        Input.CHANGED: _TELL,
        Input.REFRESHED: _TELL,
        Input.ENDED: _LAST,
    },
    State.NOTIFYING: {
        Input.CHANGED: _LATER,
        # 4.2.1.2: a refresh "MUST" bring a NOTIFY immediately; the one under way may be lost on a
        # way that the phone has left, so its answer does not count any more.
        Input.REFRESHED: _TELL,
        Input.ACCEPTED: _REST,
        # Nobody is gone because a connection is: the refresh, by another one, brings the state.
        Input.UNREACHED: _REST,
        Input.GONE: _FORGET,
        Input.ENDED: _LAST,
    },
    State.STALE: {
        Input.CHANGED: _LATER,
        Input.REFRESHED: _TELL,
        Input.ACCEPTED: _TELL,
        Input.UNREACHED: _REST,
        Input.GONE: _FORGET,
        Input.ENDED: _LAST,
    },
    State.OVER: {},
}
"""State by state; an input that a state does not list changes nothing."""


class Subscription:
    """One subscriber of one resource, in one dialog of its own."""

    __slots__ = ("dialog", "event_id", "expires_at", "package", "state")

    def __init__(self, dialog: Dialog, wanted: Wanted, now: float) -> None:
        self.dialog = dialog
        self.package = wanted.package
        self.event_id = wanted.event_id
        self.expires_at = now + wanted.expires
        self.state = State.QUIET

    @property
    def notified(self) -> int:
        """NOTIFYs sent so far; after `continued`, at least as many."""
        last = self.dialog.local_cseq
        return 0 if last is None else last - FIRST_CSEQ + 1

    def continued(self, notified: int) -> None:
        """After a restart: count on from here, which must not be less than before it."""
        self.dialog.local_cseq = FIRST_CSEQ - 1 + notified if notified else None

    def step(self, happened: Input) -> Step:
        """Take note of it; what is to be done."""
        self.state, step = TABLE[self.state].get(happened, (self.state, Step.NOTHING))
        return step

    def refresh(self, expires: int, now: float) -> None:
        """A SUBSCRIBE in the dialog: from now on it lasts so long. `step` comes after it."""
        self.expires_at = now + expires

    def is_expired(self, now: float) -> bool:
        return now >= self.expires_at

    def notify(
        self, now: float, contact: str, body: bytes, ending: Ending | None = None
    ) -> Request:
        """The next NOTIFY (4.2.2). `contact`: our own; `ending`: why there will be no other."""
        left = max(round(self.expires_at - now), 0)
        state = f"terminated;reason={ending.value}" if ending else f"active;expires={left}"
        event = self.package.name + (f";id={self.event_id}" if self.event_id else "")
        headers = [("Contact", contact), ("Event", event), ("Subscription-State", state)]
        if body:
            headers.append(("Content-Type", self.package.content_type))
        return self.dialog.request("NOTIFY", headers, body)


def meaning_of(response: Response) -> Input:
    """What a final response to a NOTIFY does to its subscription (RFC 6665 4.2.2)."""
    if response.status in GONE:
        return Input.GONE
    # Another refusal (401, 500, 503) is of this one NOTIFY; the next change is told all the same.
    return Input.ACCEPTED


def read_subscribe(
    request: Request, packages: Mapping[str, EventPackage], known: Wanted | None = None
) -> Wanted | Refusal:
    """What a SUBSCRIBE asks for, or how it is to be refused (RFC 6665 4.2.1.1).

    `known`: what the dialog it came in was opened for; another event in it is refused.
    """
    event = _event(request)
    if event is None:
        return Refusal(400)
    package = packages.get(event[0])
    if package is None:
        return Refusal(489, (("Allow-Events", allow_events(packages)),))
    if known is not None and (package.name, event[1]) != (known.package.name, known.event_id):
        # RFC 6665 4.5.1: one usage a dialog is all that we keep.
        return Refusal(481)
    if not _accepts(request, package):
        return Refusal(406, (("Accept", package.content_type),))
    expires = _expires(request, package)
    if expires is None:
        return Refusal(400)
    if 0 < expires < package.min_expires and expires < BRIEF:
        return Refusal(423, (("Min-Expires", str(package.min_expires)),))
    # "The expiration may be shorter but MUST NOT be longer than in the request."
    return Wanted(package, event[1], min(expires, package.max_expires))


def allow_events(packages: Mapping[str, EventPackage]) -> str:
    """The value of Allow-Events (8.2.2)."""
    return ", ".join(packages)


def _event(request: Request) -> tuple[str, str | None] | None:
    """Package and id of the Event header (8.2.1); None when it cannot be read."""
    values = request.headers.all("Event")
    if len(values) != 1:
        return None
    name, *params = (part.strip() for part in values[0].split(";"))
    if not is_token(name):
        return None
    for param in params:
        key, _, value = param.partition("=")
        if key.strip().lower() == "id":
            value = value.strip()
            return (name, value) if is_token(value) and len(value) <= MAX_EVENT_ID else None
    return name, None


def _accepts(request: Request, package: EventPackage) -> bool:
    """RFC 3261 20.1, with the package's own type as the default (RFC 6665 3.1.3)."""
    lines = request.headers.all("Accept")
    kinds = {value.partition(";")[0].strip().lower() for line in lines for value in _listed(line)}
    whole = package.content_type.partition("/")[0] + "/*"
    return not kinds or bool(kinds & {package.content_type, whole, "*/*"})


def _listed(line: str) -> list[str]:
    try:
        return split_list(line)
    except ParseError:
        return []


def _expires(request: Request, package: EventPackage) -> int | None:
    value = request.headers.get("Expires")
    return package.default_expires if value is None else digits(value, MAX_SECONDS)
