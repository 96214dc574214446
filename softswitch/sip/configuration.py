"""What a stack is told once, when it is made: timers, abilities, name, bounds.

Plain values; nothing here acts. The timers are RFC 3261's table 4, in `transaction.TimerConfig`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Request
from softswitch.sip.transaction import TimerConfig

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


def sheds_nothing(request: Request, flow: Flow, now: float) -> bool:
    """The plainest `sheds`."""
    return False


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
    sheds: Callable[[Request, Flow, float], bool] = sheds_nothing
    """Is this new request, outside any dialog, to be answered 503 because there is too much to do?
    Not asked about repeats, ACK, CANCEL and what belongs to a dialog."""
