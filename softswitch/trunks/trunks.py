"""Provider trunks that are recognised by their address: calls in, calls out.

A trunk is told by where its packets come from: its server's addresses, and the port too when the
office's file names one. Numbers are E.164 inside; what a provider writes is normalised here.
Registration of trunks and provider profiles are not here yet.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from softswitch.log import get_logger
from softswitch.office.numbers import normalize
from softswitch.office.trunk import Trunk
from softswitch.sip.flow import Flow, Hop
from softswitch.sip.message import Request
from softswitch.sip.privacy import asserted, is_anonymous, wants_privacy
from softswitch.sip.uri import OtherUri, Uri

_log = get_logger("trunks")


@dataclass(frozen=True, slots=True)
class Party:
    """A number and a name as a provider told them; no number is an anonymous caller."""

    number: str | None
    name: str | None


class Trunks:
    """All trunks of an office, with the addresses their servers have now."""

    def __init__(
        self,
        trunks: Mapping[str, Trunk],
        country: str,
        locate: Callable[[Uri], Awaitable[list[Hop]]],
    ) -> None:
        self._trunks = trunks
        self._country = country
        self._locate = locate
        self._hops: dict[str, list[Hop]] = {}

    def use(self, trunks: Mapping[str, Trunk], country: str) -> None:
        """Another version of the office; `refresh` finds the addresses of what is new."""
        self._trunks, self._country = trunks, country
        self._hops = {name: hops for name, hops in self._hops.items() if name in trunks}

    async def refresh(self) -> None:
        """Look every server up again; one that cannot be found keeps the addresses it had."""
        for name in list(self._trunks):
            if name not in self._trunks:
                continue  # a reload took it away while another was looked up
            try:
                hops = await self._locate(self.server_uri(name))
            except OSError as error:
                _log.warning("a trunk's server cannot be found", trunk=name, error=str(error))
                continue
            if hops and name in self._trunks:
                self._hops[name] = hops

    def server_uri(self, name: str, user: str | None = None) -> Uri:
        """The trunk's server as a SIP URI, with a number in front of it for a call."""
        trunk = self._trunks[name]
        return Uri("sip", user, None, trunk.host, trunk.port)

    def identify(self, flow: Flow) -> str | None:
        """The trunk that a packet came from, or None for a stranger or a phone."""
        host, port = flow.remote[0], flow.remote[1]
        for name, hops in self._hops.items():
            wanted_port = self._trunks[name].port
            if any(hop.host == host for hop in hops) and wanted_port in (None, port):
                return name
        return None

    def servers(self) -> set[tuple[str, int | None]]:
        """Where packets of trunks come from: address, and port where the office names one."""
        return {
            (hop.host, self._trunks[name].port) for name, hops in self._hops.items() for hop in hops
        }

    def called_number(self, request: Request) -> str | None:
        """The public number a provider's INVITE is for: the Request-URI, else To (E.164)."""
        for uri in (request.uri, request.to.uri):
            number = normalize(_user(uri), self._country)
            if number is not None:
                return number
        return None

    def caller(self, request: Request) -> Party:
        """Who calls: P-Asserted-Identity (RFC 3325; a trunk is trusted), else From."""
        from_ = request.from_
        if wants_privacy(request.headers) or is_anonymous(from_.uri):
            return Party(None, None)
        for party in (*asserted(request.headers), from_):
            user = _user(party.uri)
            if user:
                return Party(normalize(user, self._country) or user, party.display or None)
        return Party(None, None)

    def way_out(self) -> tuple[str, Hop] | None:
        """The way that outbound calls try first; None without a trunk whose server is known."""
        return next(iter(self.ways_out()), None)

    def ways_out(self) -> list[tuple[str, Hop]]:
        """Every server of every trunk, in the order in which to try them (RFC 3263 4.3)."""
        return [(name, hop) for name in self._trunks for hop in self._hops.get(name, ())]

    def own_numbers(self, name: str) -> list[str]:
        return list(self._trunks[name].numbers)


def _user(uri: Uri | OtherUri) -> str:
    if isinstance(uri, OtherUri):
        return uri.rest.partition(";")[0] if uri.scheme == "tel" else ""
    return (uri.user or "").partition(";")[0]
