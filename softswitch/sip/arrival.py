"""Where a request came from and where its responses go (RFC 3261 18.2.1, 18.2.2; RFC 3581).

Functions of a request's top Via and its flow; no state, no transaction.
"""

from __future__ import annotations

from typing import NamedTuple

from softswitch.sip.flow import Flow
from softswitch.sip.grammar import split_list
from softswitch.sip.headers import Via
from softswitch.sip.message import Headers, Request

DEFAULT_PORT = 5060
"""18.2.2: "or to port 5060 if none is specified in the sent-by"."""


class Arrival(NamedTuple):
    """A request with its way in and its way back."""

    request: Request
    via: Via
    """The top one, stamped."""
    flow: Flow

    @classmethod
    def of(cls, request: Request, flow: Flow) -> Arrival:
        """Stamps the request's top Via."""
        return cls(request, stamp(request.headers, request.via, flow), flow)

    @property
    def target(self) -> Flow:
        """Where its responses go."""
        return answer_flow(self.via, self.flow)


def stamp(headers: Headers, via: Via, flow: Flow) -> Via:
    """Put `received` and `rport` on the top Via, in place; returns it as it then stands."""
    right = _stamped(via, flow)
    if right is not via:
        line = headers.get("via") or ""
        behind = split_list(line)[1:] if "," in line else []
        headers.replace_first("via", ", ".join((str(right), *behind)))
        headers.views["Via"] = right
    return right


def _stamped(via: Via, flow: Flow) -> Via:
    """The Via with `received` and `rport` as they must be.

    18.2.1: `received` if the sent-by host "contains a domain name, or if it contains an IP address
    that differs from the packet source address". RFC 3581 4: a bare `rport` gets the source port,
    and then `received` always. What the client wrote in there itself is overwritten.
    """
    host, port = flow.remote
    wants_port = via.has_param("rport")
    differs = _bare(via.host) != host
    if not wants_port and not differs and via.received is None:
        return via
    params = tuple([pair for pair in via.params if pair[0].lower() not in ("received", "rport")])
    if wants_port:
        params = (*params, ("rport", str(port)))
    if wants_port or differs:
        params = (*params, ("received", host))
    return Via(via.transport, via.host, via.port, params)


def answer_flow(via: Via, flow: Flow) -> Flow:
    """The way a response goes back.

    Over a connection: the same one. Over UDP with `rport`: to the source. Without it 18.2.2 names
    the source address with the port of the sent-by, which is right for old phones that send from
    one port and listen on another; but where `received` differs from the sent-by a NAT stands
    between, whose outside knows nothing of the inside's port, so there the source it is too.
    `maddr` is not obeyed: it would let a stranger choose whom we send to.
    """
    if flow.transport.reliable or via.has_param("rport") or _bare(via.host) != flow.remote[0]:
        return flow
    port = via.port or DEFAULT_PORT
    if port == flow.remote[1]:
        return flow
    return Flow(flow.transport, flow.local, (flow.remote[0], port))


def _bare(host: str) -> str:
    """An IPv6 reference without its brackets, as sockets name addresses."""
    return host[1:-1].lower() if host.startswith("[") else host
