"""Answers without a memory (RFC 3261 8.2.7): 400, 405, 416, 420, 483, 501, 503, 505.

"A stateless UAS does not send provisional responses, does not retransmit, ignores ACK and CANCEL,
and its To tags MUST be generated in a stateless manner": here a keyed hash of the request, so that
a repeat gets the same tag. A flood of bad requests costs no memory.
"""

from __future__ import annotations

from hashlib import blake2s

from softswitch.sip.admission import Refusal
from softswitch.sip.arrival import Arrival, answer_flow, stamp
from softswitch.sip.core import Core
from softswitch.sip.errors import ParseError
from softswitch.sip.events import MessageRejected, Send
from softswitch.sip.flow import Flow
from softswitch.sip.grammar import split_list
from softswitch.sip.headers import Via
from softswitch.sip.message import Headers, Request, Response

TAG_BYTES = 8
"""Of the hash in a To tag: RFC 3261 19.3 asks for 32 random bits."""


class Stateless:
    """Builds and sends answers that need no transaction."""

    __slots__ = ("_core", "_secret")

    def __init__(self, core: Core) -> None:
        self._core = core
        self._secret = core.token().encode()[:32]

    def refuse(self, arrival: Arrival, refused: Refusal) -> None:
        """Answer a request that will not be looked at again."""
        response = self.response(arrival.request, refused)
        core = self._core
        core.outputs.append(Send(response.to_bytes(), arrival.target, None))
        core.outputs.append(MessageRejected(arrival.flow, refused.status, response.reason))

    def response(self, request: Request, refused: Refusal) -> Response:
        """The response itself, with a To tag that is the same for each repeat of the request."""
        tag = self._tag(request.headers)
        response = Response.answering(request, refused.status, to_tag=tag)
        for name, value in refused.headers:
            response.headers.add(name, value)
        return response

    def malformed(self, error: ParseError, flow: Flow) -> None:
        """Answer a request that could not be read, if enough of it could; never anything else."""
        core = self._core
        headers = error.response_headers
        if headers is None:
            core.outputs.append(MessageRejected(flow, None, error.reason))
            return
        try:
            via = Via.parse(split_list(headers.get("via") or "")[0])
            target = answer_flow(stamp(headers, via, flow), flow)
        except ParseError:
            target = flow
        tag = self._tag(headers)
        response = Response.answering_fields(headers, error.status, error.reason, tag)
        core.outputs.append(Send(response.to_bytes(), target, None))
        core.outputs.append(MessageRejected(flow, error.status, error.reason))

    def _tag(self, headers: Headers) -> str:
        seed = f"{headers.get('call-id')} {headers.get('via')}".encode("utf-8", "surrogateescape")
        return blake2s(seed, digest_size=TAG_BYTES, key=self._secret).hexdigest()
