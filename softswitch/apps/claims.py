"""Whom a request claims to come from: the device, and the user in its credentials, unproved.

RFC 5626 4.1: `+sip.instance` names the device. Phones without it are told apart by their name and
the address that they have at home, which is their own even behind one NAT.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from softswitch.guard.credentials import MAX_TEXT, Who
from softswitch.sip.digest import parse_parameters
from softswitch.sip.errors import ParseError
from softswitch.sip.message import Request
from softswitch.sip.stack import RequestReceived
from softswitch.sip.uri import OtherUri, Uri

MAX_LINES = 2
"""SHA-256 and MD5."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who says to be whom, with the header lines that are to prove it."""

    who: Who
    lines: tuple[str, ...]


def claim(event: RequestReceived, lines: Iterable[str], realm: str) -> Claim | None:
    """What the first credentials for our realm say; None without any.

    Others of the same user stay, for a phone that answers two algorithms. One request is no place
    to try many users, so theirs are not looked at.
    """
    user: str | None = None
    kept: list[str] = []
    for line in lines:
        scheme, _, rest = line.strip().partition(" ")
        if scheme.lower() != "digest":
            continue
        try:
            given = parse_parameters(rest)
        except ParseError:
            continue
        if given.get("realm") != realm:
            continue
        name = given.get("username") or given.get("username*") or ""
        if (user is None or name == user) and len(kept) < MAX_LINES:
            user = name
            kept.append(line)
    if user is None:
        return None
    who = Who(event.flow.remote[0], user[:MAX_TEXT], device(event.request)[:MAX_TEXT])
    return Claim(who, tuple(kept))


def device(request: Request) -> str:
    """What tells this device from its neighbours."""
    agent = request.headers.get("User-Agent") or ""
    try:
        contact = request.contact
    except ParseError:
        return agent
    if contact is None:
        return agent
    instance = contact.param("+sip.instance")
    if instance:
        return instance
    uri = contact.uri
    return f"{agent} {uri.host}" if isinstance(uri, Uri) else agent


def user_of(uri: Uri | OtherUri) -> str:
    """The user part, or a telephone number."""
    return (uri.user or "") if isinstance(uri, Uri) else uri.rest.partition(";")[0]
