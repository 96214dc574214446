"""What a stack is told once, when it is made: timers, abilities, name, bounds.

Plain values; nothing here acts. The timers are RFC 3261's table 4, in `transaction.TimerConfig`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Request
from softswitch.sip.transaction import TimerConfig

if TYPE_CHECKING:
    from softswitch.sip.admission import Refusal

DEFAULT_METHODS = (
    "INVITE",
    "ACK",
    "CANCEL",
    "BYE",
    "OPTIONS",
    "REGISTER",
    "REFER",
    "NOTIFY",
    "SUBSCRIBE",
    "INFO",
    "UPDATE",
    "PRACK",
    "MESSAGE",
    "PUBLISH",
)
"""Delivered to the user of the stack."""

DEFAULT_EXTENSIONS = ("replaces", "path", "norefersub", "100rel", "timer", "outbound", "gruu")
"""Option tags that a Require header may name without being answered 420."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of the stack's stores. Over them new work is shed with 503; calls go on."""

    transactions: int = 65_536
    """Of each role. Finished ones linger 32 s over UDP: 500 calls a second, with two on the
    server's and two on the client's side each, need 32,000."""
    dialogs: int = 20_000
    """Two a call, so 10,000 calls: ten times what one machine's media carries."""
    forks: int = 16
    """Dialogs that one INVITE of ours may open: a phone with more branches is an attack."""
    retry_after: int = 5
    """Seconds in the Retry-After of a 503: long enough to breathe, short for a caller."""


def sent_by_local(target: Target) -> tuple[str, int | None]:
    """The plainest `sent_by`: the flow's own address. A hop has none, so it gets a placeholder."""
    return target.local if isinstance(target, Flow) else ("localhost", None)


def takes_all(request: Request, flow: Flow, now: float) -> Refusal | None:
    """The plainest `refuses`."""
    return None


@dataclass(frozen=True, slots=True)
class StackConfig:
    """How a `Stack` behaves. Every field has a default that is right for tests."""

    timers: TimerConfig = field(default_factory=TimerConfig)
    methods: tuple[str, ...] = DEFAULT_METHODS
    """Methods delivered; other known ones get 405 with this list as Allow, unknown ones 501."""
    extensions: tuple[str, ...] = DEFAULT_EXTENSIONS
    """Option tags understood; any other in Require gets 420 with Unsupported."""
    user_agent: str = "softswitch"
    """User-Agent of requests and Server of responses; empty: neither header is put on."""
    sent_by: Callable[[Target], tuple[str, int | None]] = sent_by_local
    """Host and port for our Via toward a target (RFC 3261 18.1.1): where answers reach us."""
    limits: Limits = field(default_factory=Limits)
    refuses: Callable[[Request, Flow, float], Refusal | None] = takes_all
    """What a new request outside any dialog is answered at once and without state, or None.

    RFC 3261 8.2.7: "primarily to handle unauthenticated requests for which a challenge response is
    issued", since a flood of them could otherwise "create massive amounts of transaction state";
    and 503 while there is too much to do. Not asked about repeats, ACK and CANCEL."""
