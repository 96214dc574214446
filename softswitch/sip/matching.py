"""Which transaction a message belongs to (RFC 3261 17.1.3, 17.2.3, 8.2.2.2).

Keys only: functions of a message, without any store. Since RFC 3261 a branch that begins with the
magic cookie tells transactions apart; a phone of RFC 2543 has none, and is told by the rest.
"""

from __future__ import annotations

from typing import NamedTuple

from softswitch.sip.headers import Via
from softswitch.sip.message import Request, Response
from softswitch.sip.transaction import TransactionKey

MAGIC_COOKIE = "z9hG4bK"
"""RFC 3261 8.1.1.7: every branch made under this RFC begins so."""

_DEFAULT_PORTS = {"TLS": 5061, "WSS": 443, "WS": 80}
"""Of a sent-by that names none (18.1.1, RFC 7118); 5060 for the others."""

_INVITE_FAMILY = frozenset({"INVITE", "ACK", "CANCEL"})


class MergeKey(NamedTuple):
    """8.2.2.2: two requests alike in this that are different transactions took two ways to us."""

    call_id: str
    from_tag: str | None
    cseq: int
    method: str


def sent_by(via: Via) -> str:
    """`host:port` of a Via, in lower case, with the port that a missing one stands for."""
    port = via.port or _DEFAULT_PORTS.get(via.transport, 5060)
    return f"{via.host.lower()}:{port}"


def client_key(response: Response) -> TransactionKey:
    """17.1.3: the branch of the top Via and the method in CSeq."""
    return TransactionKey("client", response.cseq.method, response.via.branch or "", "")


def server_key(request: Request, via: Via) -> TransactionKey:
    """17.2.3: branch, sent-by and method, "except for ACK, where the method is INVITE"."""
    method = "INVITE" if request.method == "ACK" else request.method
    branch = via.branch
    if branch and len(branch) > len(MAGIC_COOKIE) and branch.startswith(MAGIC_COOKIE):
        return TransactionKey("server", method, branch, sent_by(via))
    return TransactionKey("server", method, _legacy_branch(request, via), sent_by(via))


def is_legacy(key: TransactionKey) -> bool:
    """Was the key made of a request without the magic cookie?"""
    return not key.branch.startswith(MAGIC_COOKIE)


def merge_key(request: Request) -> MergeKey:
    """What merged requests have in common."""
    cseq = request.cseq
    return MergeKey(request.call_id, request.from_.tag, cseq.number, cseq.method)


def _legacy_branch(request: Request, via: Via) -> str:
    """17.2.3 for RFC 2543: Request-URI, From tag, Call-ID, CSeq number, top Via, and the To tag.

    The To tag of an ACK is the one we gave, unlike its INVITE's, so that family goes without here
    and the ACK's tag is compared apart. A space ends each part: none of them can hold one.
    """
    to_tag = "" if request.method in _INVITE_FAMILY else request.to.tag or ""
    from_tag = request.from_.tag or ""
    parts = (str(request.uri), from_tag, request.call_id, str(request.cseq.number), to_tag)
    return " ".join((*parts, via.branch or "-"))
