"""Which requests may come in at all (RFC 3261 8.2.1, 8.2.2): the checks that need no state.

The order is the RFC's: method, then headers, then extensions. What passes may still be refused by
`uas.py`, which knows dialogs and other transactions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from softswitch.sip.configuration import StackConfig
from softswitch.sip.errors import ParseError
from softswitch.sip.grammar import split_list
from softswitch.sip.headers import NameAddr, parse_list
from softswitch.sip.message import Request
from softswitch.sip.names import METHODS
from softswitch.sip.uri import Uri

ENDS_HERE = frozenset({"OPTIONS", "REGISTER", "BYE", "CANCEL", "ACK"})
"""Requests that are never passed on, so Max-Forwards 0 does not stop them: "An endpoint should
process the request as if the Max-Forwards field value were still positive" (RFC 4475 3.3.11)."""


class Admission(Enum):
    """When a message is read."""

    NOW = "now"
    LATER = "later"
    """Its sender is no friend: when it is his turn."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A response that the stack gives by itself."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


def refusal(request: Request, config: StackConfig, has_dialog: bool) -> Refusal | None:
    """Why this request cannot be taken, or None. CANCEL and ACK do not come here."""
    if request.method not in config.methods:
        # 8.2.1: 405 "MUST" carry Allow; 501 (21.5.2) is for methods the server does not recognize.
        status = 405 if request.method in METHODS else 501
        return Refusal(status, (("Allow", ", ".join(config.methods)),))
    if not (isinstance(request.uri, Uri) or request.uri.scheme == "tel"):
        return Refusal(416)
    if not has_dialog and request.method not in ENDS_HERE and _has_no_hops_left(request):
        return Refusal(483)
    try:
        parse_list(NameAddr, request.headers.all("Record-Route"))
        request.contacts  # noqa: B018  # read here once, so that no later reader meets a bad one
        return _unsupported(request, config)
    except ParseError as error:
        return Refusal(error.status)


def _has_no_hops_left(request: Request) -> bool:
    """A call is passed on to a phone by us, so its Max-Forwards is spent here (16.3)."""
    value = request.headers.get("Max-Forwards")
    return value is not None and value.strip() == "0"


def _unsupported(request: Request, config: StackConfig) -> Refusal | None:
    """8.2.2.3: 420 names in Unsupported each option tag that we do not understand."""
    tags = [tag.strip() for line in request.headers.all("Require") for tag in split_list(line)]
    unknown = [tag for tag in tags if tag and tag.lower() not in config.extensions]
    return Refusal(420, (("Unsupported", ", ".join(unknown)),)) if unknown else None
