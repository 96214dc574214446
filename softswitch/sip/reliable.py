"""Provisional responses that arrive for certain: RSeq, RAck and their two machines (RFC 3262).

    ReliableSender     UAS: one response at a time, repeated from T1 on, doubling, until its PRACK
    ReliableReceiver   UAC: which response of one early dialog is new, repeated, or out of order

Pure: both are told the time and tell what is to be done. Who sends, and what a PRACK carries, is
not known here (`calls/reliable.py`, `calls/early.py`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from math import inf

from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import digits
from softswitch.sip.headers import CSeq
from softswitch.sip.message import Message, Request, Response
from softswitch.sip.transaction import TimerConfig

OPTION = "100rel"
MAX_RSEQ = 2**31 - 1
"""RFC 3262 3: the first number is "between 1 and 2**31 - 1"; it only ever rises by one."""
FIRST_BELOW = 2**20
"""Of a first number of ours: room for more responses than any call has."""
MAX_WAITING = 8
"""Responses that wait for the one before: a call has 180, 183 and their like, not dozens."""


def lists(message: Message, header: str, option: str) -> bool:
    """Does a header of option tags (Supported, Require) name this one? Tags ignore case."""
    return any(
        option == tag.strip().lower()
        for line in message.headers.all(header)
        for tag in line.split(",")
    )


class Wish(Enum):
    """What a caller says of reliable provisional responses."""

    NO = "no"
    SUPPORTED = "supported"
    """He takes them; whether one is sent is ours to decide."""
    REQUIRED = "required"
    """ "The UAS MUST send any non-100 provisional response to that request reliably"."""

    @classmethod
    def of(cls, invite: Request) -> Wish:
        """Read Require and Supported of an INVITE."""
        if lists(invite, "Require", OPTION):
            return cls.REQUIRED
        return cls.SUPPORTED if lists(invite, "Supported", OPTION) else cls.NO


@dataclass(frozen=True, slots=True)
class RAck:
    """What a PRACK acknowledges: the response's RSeq, and its request's CSeq (7.2)."""

    rseq: int
    cseq: CSeq

    @classmethod
    def parse(cls, text: str) -> RAck:
        """`776656 1 INVITE`. Raises ParseError."""
        number, _, rest = text.strip().partition(" ")
        rseq = digits(number, MAX_RSEQ)
        if not rseq:
            raise ParseError("Bad RAck")
        return cls(rseq, CSeq.parse(rest.strip()))

    def __str__(self) -> str:
        return f"{self.rseq} {self.cseq}"


class Step(Enum):
    """What is to be done with the response on its way."""

    NOTHING = auto()
    REPEAT = auto()
    GIVE_UP = auto()
    """No PRACK for 64*T1: "the UAS SHOULD reject the original request with a 5xx response"."""


class ReliableSender:
    """The UAS half, for one INVITE. `deadline` is when `expire` wants to be called."""

    __slots__ = (
        "_cseq",
        "_gives_up",
        "_interval",
        "_rseq",
        "_timers",
        "_waiting",
        "deadline",
        "on_way",
    )

    def __init__(self, timers: TimerConfig, first: int, cseq: CSeq) -> None:
        """`first`: by chance, at least 1 and below `FIRST_BELOW`; `cseq`: of the INVITE."""
        self._timers = timers
        self._rseq = first
        self._cseq = cseq
        self._waiting: deque[Response] = deque()
        self._interval = 0.0
        self._gives_up = inf
        self.deadline = inf
        self.on_way: Response | None = None
        """The one that was sent and not acknowledged yet."""

    @property
    def holds_back_success(self) -> bool:
        """3: no 2xx while a response with a session description is unacknowledged."""
        return self.on_way is not None and bool(self.on_way.body)

    def send(self, response: Response, now: float) -> Response | None:
        """Take a response; it comes back, numbered, if it may go out at once.

        "The UAS MUST NOT send a second reliable provisional response until the first is
        acknowledged", and we keep to that for all that follow.
        """
        if self.on_way is None:
            return self._launch(response, now)
        if len(self._waiting) < MAX_WAITING:
            self._waiting.append(response)
        return None

    def acknowledged(self, rack: RAck) -> Response | None:
        """A PRACK came: the response that it is for, which is repeated no more; None: 481."""
        response = self.on_way
        if response is None or rack.cseq != self._cseq or rack.rseq != self._rseq:
            return None
        self.on_way = None
        self.deadline = inf
        self._rseq += 1
        return response

    def next(self, now: float) -> Response | None:
        """What waited for the one before, if nothing is on its way."""
        if self.on_way is not None or not self._waiting:
            return None
        return self._launch(self._waiting.popleft(), now)

    def expire(self, now: float) -> Step:
        """The clock rings."""
        if self.on_way is None or now < self.deadline:
            return Step.NOTHING
        if now >= self._gives_up:
            self.stop()
            return Step.GIVE_UP
        # "an interval that starts at T1 seconds and doubles for each retransmission", without T2.
        self._interval *= 2
        self.deadline = min(now + self._interval, self._gives_up)
        return Step.REPEAT

    def stop(self) -> None:
        """The final response goes out: nothing is repeated, but a late PRACK is still known (3)."""
        self._waiting.clear()
        self.deadline = inf

    def _launch(self, response: Response, now: float) -> Response:
        response.headers.set("Require", OPTION)
        response.headers.set("RSeq", str(self._rseq))
        self.on_way = response
        self._interval = self._timers.t1
        self._gives_up = now + self._timers.give_up
        self.deadline = now + self._interval
        return response


class Verdict(Enum):
    """What a provisional response is to its early dialog."""

    UNRELIABLE = auto()
    NEW = auto()
    """To be acknowledged by `rack`, and processed."""
    REPEATED = auto()
    """Known, and its PRACK is repeated by its own transaction."""
    OUT_OF_ORDER = auto()
    """4: it "MUST NOT be acknowledged with a PRACK, and MUST NOT be processed further"; it is
    dropped here and comes again."""


class ReliableReceiver:
    """The UAC half, for one early dialog: forks count on their own."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: int | None = None

    def take(self, response: Response) -> Verdict:
        """Look at a provisional response above 100."""
        rseq = rseq_of(response)
        if rseq is None:
            return Verdict.UNRELIABLE
        if self._last is not None and rseq != self._last + 1:
            return Verdict.REPEATED if rseq <= self._last else Verdict.OUT_OF_ORDER
        self._last = rseq
        return Verdict.NEW


def rseq_of(response: Response) -> int | None:
    """The number of a reliable response; None for any other, also for one with a bad number."""
    text = response.headers.get("RSeq")
    if text is None or not lists(response, "Require", OPTION):
        return None
    return digits(text.strip(), MAX_RSEQ) or None


def rack_for(response: Response) -> RAck:
    """The RAck of a response that `ReliableReceiver.take` called new."""
    return RAck(rseq_of(response) or 1, response.cseq)
