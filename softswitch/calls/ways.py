"""Another way for an INVITE: a phone's other flow when the first leads nowhere (RFC 5626 7).

"If the proxy gets a 430 (Flow Failed) or a 408 ... it tries the next flow" of the same instance;
any other answer is the phone's own and stands for all of its flows.
"""

from dataclasses import dataclass

from softswitch.sip.errors import ParseError
from softswitch.sip.flow import Flow, Hop
from softswitch.sip.headers import CSeq
from softswitch.sip.message import Request, Response
from softswitch.sip.uri import OtherUri, Uri

TRY_NEXT = frozenset({408, 430})


@dataclass(frozen=True, slots=True)
class Way:
    """What differs from one flow to the other."""

    uri: Uri | OtherUri
    target: Flow | Hop
    route: tuple[str, ...] = ()


def by_way(invite: Request, way: Way) -> Request:
    """RFC 3261 8.1.3.4: the same call, its CSeq one higher."""
    again = invite.copy()
    again.uri = way.uri
    again.headers.remove("Route")
    for route in way.route:
        again.headers.add("Route", route)
    again.headers.set("CSeq", str(CSeq(invite.cseq.number + 1, "INVITE")))
    return again


def first_contact(response: Response) -> str | None:
    """The number that a redirection names first; None where it names none (RFC 3261 8.1.3.4)."""
    try:
        contacts = response.contacts
    except ParseError:
        return None
    return contacts[0].uri.user if contacts else None
