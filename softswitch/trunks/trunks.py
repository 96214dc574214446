"""The provider trunks of an office: whose packet this is, and which ways lead out.

A trunk is told by where its packets come from: its server's addresses, and the port too when the
office's file names one; a trunk that registers also by the contact that we gave it, which is its
own. What a provider writes and wants is in `profile.py`; who keeps trunks registered and watched
tells by `judge` how each stands.
"""

import hashlib
from asyncio import Future
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

from softswitch.log import get_logger
from softswitch.office.numbers import normalize
from softswitch.office.shown import one_line
from softswitch.office.trunk import Trunk
from softswitch.sip.flow import Flow, Hop
from softswitch.sip.message import Request
from softswitch.sip.privacy import asserted, is_anonymous, wants_privacy
from softswitch.sip.uri import Uri
from softswitch.trunks import profile
from softswitch.trunks.credentials import Account, Signer
from softswitch.trunks.dealings import Dealings

_log = get_logger("trunks")

LONGEST_REST = 300.0
"""Seconds; a server that wants to be left alone for longer is tried again all the same."""


class Rank(IntEnum):
    """How good a way a trunk is: the first are tried first, the last not at all."""

    GOOD = 0
    UNPROVEN = 1
    LEFT_OUT = 2


@dataclass(frozen=True, slots=True)
class Party:
    """A number and a name as a provider told them; no number is an anonymous caller."""

    number: str | None
    name: str | None


def contact_user(name: str, trunk: Trunk) -> str:
    """The user of the contact that we register: one trunk's own, and the same after a restart, so
    that the provider keeps one binding of ours and not one more each time."""
    text = f"{name} {trunk.server} {trunk.username}"
    return "trunk-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def _untold(_name: str) -> Rank:
    return Rank.GOOD


def _unheard(_name: str) -> None:
    return None


class OnTheLine(Protocol):
    """A leg to a provider, as far as is asked of it here."""

    ended: "Future[Any]"

    def readdress(self) -> bool: ...


class Trunks:
    """All trunks of an office that are enabled, with the addresses their servers have now."""

    def __init__(
        self,
        trunks: Mapping[str, Trunk],
        country: str,
        locate: Callable[[Uri], Awaitable[list[Hop]]],
        token: Callable[[], str] = lambda: "",
        clock: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self._locate, self._token, self._clock = locate, token, clock
        self._hops: dict[str, list[Hop]] = {}
        self._first: dict[str, Hop] = {}
        self._resting: dict[tuple[str, Hop], float] = {}
        self._lines: Counter[str] = Counter()
        self._legs: dict[Future[Any], tuple[str, OnTheLine]] = {}
        self._droppable: dict[Future[Any], tuple[str, Callable[[], None]]] = {}
        self.judge: Callable[[str], Rank] = _untold
        self.heard: Callable[[str], None] = _unheard
        """Told of a sign of life: a call of the provider's, an answer to one of ours."""
        self.unanswered: Callable[[str], None] = _unheard
        """Told of a call that met silence."""
        self.use(trunks, country)

    def use(self, trunks: Mapping[str, Trunk], country: str) -> None:
        """Another version of the office; `refresh` finds the addresses of what is new."""
        before = dict(getattr(self, "_trunks", {}))
        self._trunks = {name: trunk for name, trunk in trunks.items() if trunk.enabled}
        # Switched off; whoever calls for help is helped by these too.
        self._spare = {name: trunk for name, trunk in trunks.items() if not trunk.enabled}
        self._spare_hops: dict[str, list[Hop]] = {}
        self._contacts = {contact_user(name, trunk): name for name, trunk in self._trunks.items()}
        self._country = country
        kept = {n for n, t in self._trunks.items() if n in before and _way(before[n]) == _way(t)}
        self._hops = {name: hops for name, hops in self._hops.items() if name in kept}
        self._first = {name: hop for name, hop in self._first.items() if name in kept}
        self._resting.clear()

    async def refresh(self) -> None:
        """Look every server up again; one that cannot be found keeps the addresses it had."""
        for name in list(self._trunks):
            if name not in self._trunks:
                continue  # a reload took it away while another was looked up
            trunk = self._trunks[name]
            try:
                hops = await self._locate(server_uri(trunk))
            except OSError as error:
                _log.warning("a trunk's server cannot be found", trunk=name, error=str(error))
                continue
            if hops and self._trunks.get(name) is trunk:
                self._hops[name] = hops
        await self._look_up_spare()

    async def _look_up_spare(self) -> None:
        for name, trunk in list(self._spare.items()):
            try:
                hops = await self._locate(server_uri(trunk))
            except OSError:
                continue
            if hops and self._spare.get(name) is trunk:
                self._spare_hops[name] = hops

    # --- what is known of each ---

    @property
    def all(self) -> Mapping[str, Trunk]:
        return self._trunks

    def trunk(self, name: str) -> Trunk:
        return self._trunks.get(name) or self._spare[name]

    def hops(self, name: str) -> list[Hop]:
        """Its servers, the one that is known to answer first, then as DNS has them."""
        hops = self._hops.get(name) or self._spare_hops.get(name, [])
        first = self._first.get(name)
        if first not in hops or first == hops[0]:
            return list(hops)
        return sorted(hops, key=lambda hop: hop != first)

    def prefer(self, name: str, hop: Hop) -> None:
        """This server answers."""
        self._first[name] = hop

    def number_uri(self, name: str, user: str | None = None) -> Uri:
        """The trunk's domain as a SIP URI, with a number in front of it for a call."""
        trunk = self.trunk(name)
        return Uri("sip", user, None, trunk.host, trunk.port)

    def own_numbers(self, name: str) -> list[str]:
        return list(self.trunk(name).numbers)

    def written(self, name: str, number: str) -> str:
        """A number as the provider wants it."""
        return profile.written(self.trunk(name), number, self._country)

    def signer(self, name: str) -> Signer | None:
        """Answers challenges with the trunk's account, if it has one."""
        trunk = self.trunk(name)
        if trunk.username is None or trunk.password is None:
            return None
        password = trunk.password.get_secret_value()
        return Signer(Account(trunk.login or trunk.username, password, self._token))

    def dealings(self, name: str) -> Dealings:
        """For one call on it."""
        trunk = self.trunk(name)
        names = frozenset((trunk.host.lower(), trunk.next_hop[0].lower()))
        return Dealings(self.signer(name), self.hops(name), names)

    # --- calls in ---

    def identify(self, flow: Flow, request: Request | None = None) -> str | None:
        """The trunk that a packet came from, or None for a stranger or a phone.

        Several accounts at one provider: by our contact, else by the number that is called.
        """
        of_host = [name for name in self._hops if self._is_its_host(name, flow)]
        if request is not None and of_host:
            named = self._contacts.get(profile.user_of(request.uri))
            if named in of_host:
                return named
        found = [name for name in of_host if self._is_its_port(name, flow, request)]
        if len(found) > 1 and request is not None:
            for name in found:
                trunk = self._trunks[name]
                if profile.called_number(trunk, self._country, request) in trunk.numbers:
                    return name
        return found[0] if found else None

    def _is_its_host(self, name: str, flow: Flow) -> bool:
        return any(hop.host == flow.remote[0] for hop in self._hops[name])

    def _is_its_port(self, name: str, flow: Flow, request: Request | None) -> bool:
        """A written port is the source's too; a connection of his comes from any port. Before the
        request is read, one to our contact may come from any."""
        trunk = self._trunks[name]
        port = trunk.next_hop[1]
        if port in (None, flow.remote[1]) or (request is None and trunk.register_):
            return True
        return flow.transport.reliable and flow.transport.value == trunk.transport.value

    def servers(self) -> set[tuple[str, int | None]]:
        """Where packets of trunks come from: address, and port where the office names one."""
        return {
            (hop.host, None if trunk.register_ else trunk.next_hop[1])
            for name, hops in self._hops.items()
            for hop in hops
            if (trunk := self._trunks[name])
        }

    def called_number(self, name: str, request: Request) -> str | None:
        """The public number a provider's INVITE is for (E.164)."""
        return profile.called_number(self._trunks[name], self._country, request)

    def caller(self, request: Request) -> Party:
        """Who calls: P-Asserted-Identity (RFC 3325; a trunk is trusted), else From.

        What is no number, and the name, come from anybody in the world: as a display takes them.
        """
        from_ = request.from_
        if wants_privacy(request.headers) or is_anonymous(from_.uri):
            return Party(None, None)
        for party in (*asserted(request.headers), from_):
            user = profile.user_of(party.uri)
            number = normalize(user, self._country) or one_line(user)
            if number is not None:
                return Party(number, one_line(party.display))
        return Party(None, None)

    # --- calls out ---

    def ways_out(self) -> list[tuple[str, Hop]]:
        """Every server of every trunk that may be tried, in that order (RFC 3263 4.3).

        In the order of the office's file, those that are known to answer before the others. A
        trunk that is down or full is none; a server that asked for rest comes last.
        """
        ranks = {name: self.judge(name) for name in self._trunks}
        names = [n for n in self._trunks if ranks[n] is not Rank.LEFT_OUT and not self.is_full(n)]
        names.sort(key=lambda name: ranks[name])
        ways = [(name, hop) for name in names for hop in self.hops(name)]
        return sorted(ways, key=self._rests)

    def every_way_out(self, shown: str | None = None) -> list[tuple[str, Hop]]:
        """For somebody in need: what may work, and then the rest too, what is switched off last.

        `shown`: a number of ours; of the ways that may work, those come first that may show it.
        """
        ways = sorted(self.ways_out(), key=lambda way: shown not in self.own_numbers(way[0]))
        rest = [(name, hop) for name in (*self._trunks, *self._spare) for hop in self.hops(name)]
        return ways + [way for way in rest if way not in ways]

    def rest(self, name: str, hop: Hop, seconds: float) -> None:
        """A server refused with Retry-After (RFC 3261 20.33)."""
        self._resting[name, hop] = self._clock() + min(seconds, LONGEST_REST)

    def _rests(self, way: tuple[str, Hop]) -> bool:
        until = self._resting.get(way)
        if until is not None and until <= self._clock():
            del self._resting[way]
            return False
        return until is not None

    # --- channels ---

    def occupy(self, name: str, leg: OnTheLine, drop: Callable[[], None] | None = None) -> None:
        """A call uses one of the trunk's channels. `drop`: ends it for somebody in need."""
        self._lines[name] += 1
        self._legs[leg.ended] = (name, leg)
        if drop is not None:
            self._droppable[leg.ended] = (name, drop)
        leg.ended.add_done_callback(lambda until: self._free(name, until))

    def readdress(self, name: str) -> None:
        """We are reached elsewhere now: each of the trunk's calls is told."""
        for trunk, leg in list(self._legs.values()):
            if trunk == name:
                leg.readdress()

    def make_room(self, name: str) -> bool:
        """End the newest call of a trunk that may be ended; False when there is none."""
        of_it = [one for one, (trunk, _) in self._droppable.items() if trunk == name]
        if not of_it:
            return False
        self._droppable.pop(of_it[-1])[1]()
        return True

    def calls(self, name: str) -> int:
        """How many there are now."""
        return self._lines[name]

    def is_full(self, name: str) -> bool:
        limit = self.trunk(name).calls
        return limit is not None and self._lines[name] >= limit

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"trunk calls": sum(self._lines.values())}

    def _free(self, name: str, until: "Future[Any]") -> None:
        self._droppable.pop(until, None)
        self._legs.pop(until, None)
        self._lines[name] -= 1
        if self._lines[name] <= 0:
            del self._lines[name]


def server_uri(trunk: Trunk) -> Uri:
    """What to look up: where packets go, and how they travel."""
    host, port = trunk.next_hop
    return Uri("sip", None, None, host, port, (("transport", trunk.transport.value),))


def _way(trunk: Trunk) -> tuple[Any, ...]:
    """What its addresses follow from."""
    return trunk.next_hop, trunk.transport
