"""Who stands behind one flow: the people who proved themselves through it, and who sent what a
proxy passes on.

A proxy in front of the phones (an edge, a session border controller) is one flow. It has room in
proportion to the people who gave good credentials through it, and each phone behind it counts as a
sender of its own: the proxy says in the second Via where a request came to it from (RFC 3261
18.2.1, `received`; RFC 3581, `rport`). So a stranger behind it is a stranger, and his neighbours
are not. One that hides its phones has the room alone.

A flow is believed to be a proxy since credentials were good that came through it with a second Via,
or a binding has its Path. Whoever lies with one password of his own has one person's room.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from softswitch.guard.sources import (
    FRIEND_BURST,
    FRIEND_RATE,
    SERVER_BURST,
    SERVER_RATE,
    Remote,
    make_room,
    source_of,
)

PERSON_RATE, PERSON_BURST = 20.0, 150.0
"""Messages a second that each further person adds to a flow's room: what a desk phone with forty
lamps answers in a busy office, and what it sends when it starts."""
MAX_PEOPLE = 256
"""Who are counted of a flow: as many as make a server's room."""
DEVICES = 4
"""Senders behind a proxy that are believed, for each person."""
MAX_FLOWS = 8_192
NOWHERE = "0.0.0.0"
"""Who stands in a Via that cannot be read: all of those are one sender."""

# A head has its Vias in front; a longer search would be a gift to who sends 64 KB.
_LOOK_AT = 4_096
_VIA = re.compile(rb"\r\n(?:Via|v)[ \t]*:([^\r\n]{1,1024})", re.I)
_SENT_BY = re.compile(
    r"\s*SIP\s*/\s*2\.0\s*/\s*\w+\s+"
    r"(\[[^\]\s]*\]|[^\s;:,\[]+)(?:\s*:\s*(\d{1,5}))?"
)
_RECEIVED = re.compile(r";\s*received\s*=\s*\[?([0-9a-f:.]+)", re.I)
_RPORT = re.compile(r";\s*rport\s*=\s*(\d{1,5})", re.I)
_USUAL_PORT = 5060


@dataclass(slots=True)
class _Flow:
    """People by name, until when they count; senders as they proved themselves last."""

    people: dict[str, float] = field(default_factory=dict)
    senders: dict[Remote, None] = field(default_factory=dict)
    is_proxy: bool = False


class Behind:
    """See the module's docstring."""

    def __init__(self) -> None:
        self._flows: dict[Remote, _Flow] = {}

    def proved(self, remote: Remote, person: str, until: float) -> None:
        """Somebody gave good credentials through this flow, or has a binding there."""
        people = self._flow(remote).people
        if person in people or len(people) < MAX_PEOPLE:
            people[person] = max(until, people.get(person, 0.0))

    def room(self, remote: Remote) -> tuple[float, float]:
        """What this friend may send: messages a second, and at once."""
        flow = self._flows.get(remote)
        more = len(flow.people) - 1 if flow is not None and flow.people else 0
        rate, burst = FRIEND_RATE + more * PERSON_RATE, FRIEND_BURST + more * PERSON_BURST
        return min(rate, SERVER_RATE), min(burst, SERVER_BURST)

    def passes_on(self, remote: Remote) -> None:
        """It is a proxy."""
        self._flow(remote).is_proxy = True

    def is_proxy(self, remote: Remote) -> bool:
        """Does it pass on what others send?"""
        flow = self._flows.get(remote)
        return flow is not None and flow.is_proxy

    def sent_by(self, remote: Remote, sender: Remote) -> list[Remote]:
        """A sender behind this proxy proved himself; who are not believed any longer for that."""
        flow = self._flow(remote)
        flow.senders.pop(sender, None)
        flow.senders[sender] = None
        too_many = len(flow.senders) - DEVICES * max(1, len(flow.people))
        gone = list(flow.senders)[: max(0, too_many)]
        for one in gone:
            del flow.senders[one]
        return gone

    def sender_in(self, data: bytes, remote: Remote) -> Remote:
        """Who sent this message, which nobody has parsed yet."""
        if not self.is_proxy(remote) or data.startswith(b"SIP/"):
            return remote
        lines = (found[1].decode("latin-1") for found in _VIA.finditer(data, 0, _LOOK_AT))
        return origin(second(lines), remote[0]) or remote

    def expire(self, now: float) -> None:
        """Forget whose people have all gone."""
        for remote, flow in list(self._flows.items()):
            for person in [name for name, until in flow.people.items() if until <= now]:
                del flow.people[person]
            if not flow.people:
                del self._flows[remote]

    def sizes(self) -> dict[str, tuple[int, int]]:
        """How full it is, and its bound."""
        return {"guard flows": (len(self._flows), MAX_FLOWS)}

    def _flow(self, remote: Remote) -> _Flow:
        flow = self._flows.get(remote)
        if flow is None:
            make_room(self._flows, MAX_FLOWS)
            flow = self._flows[remote] = _Flow()
        return flow


def origin(below: str | None, proxy: str) -> Remote | None:
    """Where the proxy got a request from, by the `second` of its Vias; None: from nobody, it is the
    proxy's own. The host says by whom it is told, so that nobody is taken for who sends by himself.
    """
    if below is None:
        return None
    sent_by = _SENT_BY.match(below)
    if sent_by is None:
        return f"{NOWHERE} by {proxy}", 0
    # What stood there before, the sender has written; the proxy adds its own behind it.
    received, rport = _RECEIVED.findall(below), _RPORT.findall(below)
    host = received[-1] if received else sent_by[1].strip("[]")
    try:
        source = source_of(str(ipaddress.ip_address(host)))
    except ValueError:
        source = NOWHERE
    port = rport[-1] if rport else sent_by[2]
    return f"{source} by {proxy}", int(port or _USUAL_PORT)


def second(vias: Iterable[str]) -> str | None:
    """The Via below the top one, whether or not they share a line (RFC 3261 7.3.1); None: nobody
    passed the request on.
    """
    rest = iter(vias)
    _, comma, below = next(rest, "").partition(",")
    return below if comma else next(rest, None)
