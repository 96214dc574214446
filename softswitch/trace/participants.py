"""Who takes part in a call's signalling: one column of the ladder each. Pure.

A leg (one SIP Call-ID) belongs to one participant for its whole life, whatever address its messages
take: providers answer from several. Two legs are one participant when the same number is behind
them at the same place; the port counts over UDP only, for a stream's is new with each connection.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from softswitch.trace.message import Direction
from softswitch.trace.reading import Seen

_STREAMS = frozenset({"tcp", "tls", "ws", "wss"})


@dataclass(frozen=True, slots=True)
class Known:
    """What the call's story knows of the far sides.

    `people`: extension → name; `trunk`: by which the call came; `outside`: number → trunk by which
    it was called.
    """

    people: Mapping[str, str] = field(default_factory=dict)
    trunk: str | None = None
    outside: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Participant:
    """A far side. `label` names it, `detail` says how it is reached."""

    label: str
    name: str
    trunk: str
    transport: str
    address: str
    device: str

    @property
    def who(self) -> str:
        """`101 Anna`, `+48600100200 (operator)`, or the address."""
        shown = " ".join(part for part in (self.label, self.name) if part) or self.address
        return f"{shown} ({self.trunk})" if self.trunk else shown

    @property
    def detail(self) -> str:
        """`192.0.2.10:5060 UDP, Yealink T46`"""
        place = f"{self.address} {self.transport.upper()}"
        return f"{place}, {self.device}" if self.device else place


def legs_of(seen: Iterable[Seen]) -> dict[str, list[Seen]]:
    """Messages by SIP Call-ID, in order of appearance."""
    legs: dict[str, list[Seen]] = {}
    for one in seen:
        legs.setdefault(one.call_id, []).append(one)
    return legs


def participants(
    legs: Mapping[str, Sequence[Seen]], known: Known
) -> tuple[list[Participant], dict[str, int]]:
    """All of them in order of appearance, and which one each leg belongs to."""
    found: list[Participant] = []
    places: dict[tuple[str, str, str], int] = {}
    columns: dict[str, int] = {}
    for number, (call_id, leg) in enumerate(legs.items()):
        one = _participant(leg, known, is_first=number == 0)
        key = (one.label, one.transport, _place(one))
        if key not in places:
            places[key] = len(found)
            found.append(one)
        columns[call_id] = places[key]
    return found, columns


def _participant(leg: Sequence[Seen], known: Known, *, is_first: bool) -> Participant:
    first = next((one for one in leg if one.is_request and one.method == "INVITE"), leg[0])
    # Of a request that came, or an answer that went out, the far side stands in From.
    is_from = (first.message.direction is Direction.IN) == first.is_request
    party = first.from_ if is_from else first.to
    trunk = known.outside.get(party.user, "") if not is_from else ""
    if is_first and is_from:
        trunk = known.trunk or ""
    name = known.people.get(party.user) or party.name
    theirs = (one for one in leg if not one.is_ours)
    devices = (one.headers.get("User-Agent") or one.headers.get("Server") for one in theirs)
    return Participant(
        party.user,
        "" if name == party.user else name,
        trunk,
        first.message.transport,
        first.message.remote,
        next((device for device in devices if device), ""),
    )


def _place(one: Participant) -> str:
    if one.transport in _STREAMS:
        return one.address.rpartition(":")[0]
    return one.address
