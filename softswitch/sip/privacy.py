"""Who may be told: the Privacy header (RFC 3323) and asserted identities (RFC 3325).

Functions of headers. Whom to trust is decided by whoever calls them.
"""

from __future__ import annotations

from softswitch.sip.errors import ParseError
from softswitch.sip.fields import Headers
from softswitch.sip.headers import NameAddr, parse_list
from softswitch.sip.uri import OtherUri, Uri

HIDING = frozenset({"id", "user", "header"})
"""RFC 3323 4.2 and RFC 3325 9.3: each of them asks that nobody learn who calls."""
ANONYMOUS = frozenset({"anonymous", "unavailable", "unknown", "restricted", "private"})
"""User parts that stand for nobody (RFC 3323 4.1, and what providers write)."""


def wants_privacy(headers: Headers) -> bool:
    """Does the sender ask to be hidden? `none` and `critical` ask nothing of the kind."""
    text = ";".join(headers.all("Privacy")).replace(",", ";").lower()
    return any(value.strip() in HIDING for value in text.split(";"))


def is_anonymous(uri: Uri | OtherUri) -> bool:
    """Does this address name nobody?"""
    if isinstance(uri, OtherUri):
        return uri.rest.partition(";")[0].lower() in ANONYMOUS
    return (uri.user or "").lower() in ANONYMOUS or uri.host.lower() == "anonymous.invalid"


def asserted(headers: Headers) -> list[NameAddr]:
    """P-Asserted-Identity, to be read only of a trusted peer; a broken one is none (9.1)."""
    try:
        return parse_list(NameAddr, headers.all("P-Asserted-Identity"))
    except ParseError:
        return []
