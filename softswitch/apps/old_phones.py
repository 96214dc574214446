"""Phones that cannot choose among several digest challenges.

RFC 8760 2.4: a client takes the topmost challenge that it supports and ignores the others. Phones
from before it give up at the first algorithm that they do not know (libre until 2.x answers "not
implemented"), and would never register. They are known by their User-Agent, or learnt: who asks
twice without credentials, although he was challenged, is offered MD5 alone.
"""

from collections import OrderedDict
from typing import Protocol

from softswitch.sip.message import Request
from softswitch.sip.stack import Flow

# Beginnings of User-Agent values, in lower case.
KNOWN = ("baresip v0.", "baresip v1.", "pyvoip", "sipp")
# A phone that was challenged answers at once; one that comes again without credentials after its
# own retry pause (half a minute to an hour) did not understand. Sooner it is a repeat, later a new
# registration of a phone that keeps no nonce.
SOONEST, LATEST = 3.0, 4000.0
# Challenges remembered; past it the oldest are forgotten and learnt again.
MAX_REMEMBERED = 10_000

_Who = tuple[str, str, str]


class Heard(Protocol):
    """A request and where it came from."""

    @property
    def request(self) -> Request: ...

    @property
    def flow(self) -> Flow: ...


class OldPhones:
    """Remembers who was challenged and came back empty-handed."""

    def __init__(self) -> None:
        self._challenged: OrderedDict[_Who, float] = OrderedDict()
        self._learnt: OrderedDict[_Who, None] = OrderedDict()

    def needs_md5_alone(self, event: Heard, now: float) -> bool:
        """Whether the sender of this request, about to be challenged, needs the plain challenge."""
        request = event.request
        agent = request.headers.get("User-Agent") or ""
        if agent.lower().startswith(KNOWN):
            return True
        who = (event.flow.remote[0], str(request.from_.uri), agent)
        if who in self._learnt:
            return True
        if request.headers.get("Authorization") is not None:
            return False  # it did understand, and is challenged for another reason
        before = self._challenged.pop(who, None)
        self._challenged[who] = now
        if len(self._challenged) > MAX_REMEMBERED:
            self._challenged.popitem(last=False)
        if before is None or not SOONEST <= now - before <= LATEST:
            return False
        self._learnt[who] = None
        if len(self._learnt) > MAX_REMEMBERED:
            self._learnt.popitem(last=False)
        return True

    def understood(self, event: Heard) -> None:
        """Good credentials came from here: nothing is to be learnt of this phone."""
        request = event.request
        agent = request.headers.get("User-Agent") or ""
        self._challenged.pop((event.flow.remote[0], str(request.from_.uri), agent), None)
