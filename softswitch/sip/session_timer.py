"""Session timers: who refreshes a session, how often, and when it is over (RFC 4028).

Pure negotiation: functions of messages and of the two numbers that the operator may set. Nothing
here waits; `calls/session_timer.py` does.

    a request of ours    `asking`           and after a 422 `asking_again`
    their 2xx            `agreed_by`
    a request of theirs  `is_too_brief` -> 422, else `answering`, whose header lines go in the 2xx
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import digits, param, parse_params
from softswitch.sip.headers import MAX_SECONDS
from softswitch.sip.message import Message, Request, Response
from softswitch.sip.reliable import lists

OPTION = "timer"
LEAST = 90
"""4, 5: "The absolute minimum ... is 90 seconds"."""
TOO_SMALL = 422
MARGIN = 32
"""10: BYE "slightly before the session expiration. The minimum of 32 seconds and one third of the
session interval is RECOMMENDED"."""

Lines = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TimerWishes:
    """What the operator wants, in seconds."""

    interval: int = 1800
    """Asked for in our INVITEs, and of callers who can; 0: only if the far side asks."""
    minimum: int = LEAST
    """Less is refused with 422."""


class Refresher(StrEnum):
    """Seen from a request: who sent it, or who answers it."""

    UAC = "uac"
    UAS = "uas"


@dataclass(frozen=True, slots=True)
class SessionExpires:
    """The header's value (4)."""

    seconds: int
    refresher: Refresher | None = None

    @classmethod
    def parse(cls, text: str) -> SessionExpires:
        """`1800;refresher=uac`. Raises ParseError; an unknown refresher is none."""
        said, semicolon, tail = text.partition(";")
        seconds = digits(said.strip(), MAX_SECONDS)
        if seconds is None:
            raise ParseError("Bad Session-Expires")
        who = (param(parse_params(semicolon + tail), "refresher") or "").lower()
        return cls(seconds, Refresher(who) if who in ("uac", "uas") else None)

    def __str__(self) -> str:
        return f"{self.seconds};refresher={self.refresher}" if self.refresher else f"{self.seconds}"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What both sides hold to until the next refresh."""

    interval: int
    is_ours: bool
    """We refresh."""

    @property
    def refresh_after(self) -> float:
        """10: "it is RECOMMENDED that this refresh be sent once half the session interval"."""
        return self.interval / 2

    @property
    def over_after(self) -> float:
        """When to hang up if nobody has refreshed it."""
        return self.interval - min(MARGIN, self.interval / 3)

    @property
    def lines(self) -> Lines:
        """Of a request of ours that refreshes, or just happens to be sent."""
        who = Refresher.UAC if self.is_ours else Refresher.UAS
        return (("Session-Expires", str(SessionExpires(self.interval, who))),)


def asking(wishes: TimerWishes) -> Lines:
    """For an INVITE that opens a dialog; who refreshes is left to the far side (7.1)."""
    if not wishes.interval:
        return ()
    return (("Session-Expires", str(max(wishes.interval, wishes.minimum))),)


def asking_again(refused: Response, asked: int) -> tuple[int, Lines] | None:
    """7.3: after a 422, the interval and lines to try with; None: it is not to be tried again."""
    least = _min_se(refused)
    if refused.status != TOO_SMALL or least is None or least <= asked:
        return None
    return least, (("Session-Expires", str(least)), ("Min-SE", str(least)))


def agreed_by(response: Response, asked_refresher: Refresher = Refresher.UAC) -> Agreed | None:
    """7.2: what a 2xx to our INVITE or UPDATE says; None: no timer runs.

    An answer that names nobody, which it must not (9), leaves it with `asked_refresher`.
    """
    said = _session_expires(response)
    if said is None:
        return None
    return Agreed(max(said.seconds, LEAST), (said.refresher or asked_refresher) is Refresher.UAC)


def is_too_brief(request: Request, wishes: TimerWishes) -> bool:
    """9: 422, but only to one who understands it; `refusal_lines` go with it.

    Raises nothing: an unreadable header counts as none.
    """
    said = _session_expires(request)
    return said is not None and said.seconds < wishes.minimum and _knows(request)


def refusal_lines(wishes: TimerWishes) -> Lines:
    """Of a 422."""
    return (("Min-SE", str(wishes.minimum)),)


def answering(
    request: Request, wishes: TimerWishes, now_ours: bool = True
) -> tuple[Agreed, Lines] | None:
    """9 and its table 2: what a 2xx to an INVITE or UPDATE of theirs agrees to; None: no timer.

    `now_ours`: who refreshes where the far side leaves it to us. Without `timer` in Supported he
    cannot, so then it is we; and if he did not even ask, nothing is forced on an old phone.
    """
    said, knows = _session_expires(request), _knows(request)
    if said is None and not (knows and wishes.interval):
        return None
    least = max(_min_se(request) or LEAST, LEAST)
    ceiling = max(wishes.interval or MAX_SECONDS, least)
    # "the UAS MUST NOT increase the value", and may reduce it, but not below Min-SE.
    interval = min(max(said.seconds, LEAST), ceiling) if said is not None else ceiling
    wished = said.refresher if said is not None else None
    if not knows:
        wished = Refresher.UAS
    refresher = wished or (Refresher.UAS if now_ours else Refresher.UAC)
    lines: Lines = (("Session-Expires", str(SessionExpires(interval, refresher))),)
    if refresher is Refresher.UAC:
        lines = (("Require", OPTION), *lines)
    return Agreed(interval, refresher is Refresher.UAS), lines


def _knows(request: Request) -> bool:
    return lists(request, "Supported", OPTION) or lists(request, "Require", OPTION)


def _session_expires(message: Message) -> SessionExpires | None:
    text = message.headers.get("Session-Expires")
    if text is None:
        return None
    try:
        return SessionExpires.parse(text)
    except ParseError:
        return None


def _min_se(message: Message) -> int | None:
    text = message.headers.get("Min-SE")
    return None if text is None else digits(text.partition(";")[0].strip(), MAX_SECONDS)
