"""What a provider's answer to a REGISTER says (RFC 3261 10.2.4): for how long, when to come back.

Pure. Nothing that a provider writes there is a fault of ours: odd values count as not said.
"""

from softswitch.sip.errors import ParseError
from softswitch.sip.headers import RetryAfter
from softswitch.sip.message import Response
from softswitch.sip.uri import Uri


def granted_seconds(response: Response, user: str, asked: int) -> float:
    """Of the contact with this user, ours; else of all; else as asked."""
    try:
        contacts = response.contacts
    except ParseError:
        contacts = []
    for contact in contacts:
        text = contact.param("expires")
        if isinstance(contact.uri, Uri) and contact.uri.user == user and text is not None:
            return float(text) if text.isdecimal() and len(text) < 9 else asked
    return float(number_of(response, "Expires") or asked)


def number_of(response: Response, name: str) -> int:
    """A header that is a number; 0 without it."""
    text = (response.headers.get(name) or "").strip()
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def retry_after(response: Response) -> float | None:
    """Seconds, if he says so."""
    text = response.headers.get("Retry-After")
    try:
        return RetryAfter.parse(text).seconds if text else None
    except ParseError:
        return None
