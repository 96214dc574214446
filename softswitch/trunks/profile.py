"""What one provider writes and wants: numbers both ways, and the headers that say who calls.

Pure functions of a trunk's entry in the office file. RFC 3325 (asserted and preferred identity),
RFC 3323 (privacy), RFC 7315 4.2 (P-Called-Party-ID), RFC 5806 (Diversion), RFC 7044
(History-Info), draft-ietf-sip-privacy-04 (Remote-Party-ID,
which older carriers still read).
"""

from collections.abc import Iterator
from enum import Enum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from softswitch.office.numbers import normalize
from softswitch.office.trunk import CalledIn, ForwardHeader, IdentityHeader, NumberFormat, Trunk
from softswitch.sip.errors import ParseError
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Request
from softswitch.sip.uri import OtherUri, Uri

Lines = tuple[tuple[str, str], ...]
# RFC 3325 9.3: who trusts us may know the number, and nobody beyond him.
HIDDEN = ("Privacy", "id")


def user_of(uri: Uri | OtherUri) -> str:
    """What stands before the @, without parameters; of tel: the number."""
    if isinstance(uri, OtherUri):
        return uri.rest.partition(";")[0] if uri.scheme == "tel" else ""
    return (uri.user or "").partition(";")[0]


def called_number(trunk: Trunk, country: str, request: Request) -> str | None:
    """The public number that a provider's INVITE is for (E.164).

    Where the profile says, then where else it may stand. A provider that names the account alone
    can only mean its number, if there is just one.
    """
    for uri in _called_in(trunk, request):
        number = normalize(user_of(uri), country)
        if number is not None:
            return number
    is_plain = trunk.has_account and len(trunk.numbers) == 1
    return trunk.numbers[0] if is_plain else None


def _called_in(trunk: Trunk, request: Request) -> Iterator[Uri | OtherUri]:
    if trunk.did is CalledIn.P_CALLED_PARTY_ID:
        # A forwarding element writes it, for whoever reads it; not where nobody asked for it.
        yield from _called_party(request)
    if trunk.did is CalledIn.TO:
        yield request.to.uri
        yield request.uri
    else:
        yield request.uri
        yield request.to.uri


def _called_party(request: Request) -> list[Uri | OtherUri]:
    text = request.headers.get("P-Called-Party-ID")
    try:
        return [NameAddr.parse(text).uri] if text else []
    except ParseError:
        return []


def written(trunk: Trunk, number: str, country: str) -> str:
    """An E.164 number as this provider wants it; short numbers and others stay as they are.

    A foreign number has no national form: it goes out with 00.
    """
    if not number.startswith("+") or trunk.format is NumberFormat.PLUS:
        return number
    if trunk.format is NumberFormat.BARE:
        return number[1:]
    national = _national(number, country) if trunk.format is NumberFormat.NATIONAL else None
    return national or "00" + number[1:]


def _national(number: str, country: str) -> str | None:
    """The digits that are dialled at home; None for a number of another country."""
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return None
    if parsed.country_code != phonenumbers.country_code_for_region(country):
        return None
    text = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    return "".join(sign for sign in text if sign.isdigit())


def route_of(trunk: Trunk) -> tuple[str, ...]:
    """The provider's outbound proxy as a Route that stands before there is any (RFC 3261 8.1.2)."""
    if trunk.outbound_proxy is None:
        return ()
    host, port = trunk.next_hop
    params = (("transport", trunk.transport.value), ("lr", None))
    return (f"<{Uri('sip', None, None, host, port, params)}>",)


def identity_lines(trunk: Trunk, number: str | None, host: str, is_private: bool) -> Lines:
    """What the provider is told of our line beside From; also of who hides from the called.

    `number`: as the provider wants it; None where the office has none.
    """
    if number is None:
        return ()
    address = str(NameAddr(None, Uri("sip", number, None, host, None, (), ()), ()))
    lines: list[tuple[str, str]] = []
    wanted = trunk.identity
    if IdentityHeader.PAI in wanted:
        lines.append(("P-Asserted-Identity", address))
    if IdentityHeader.PPI in wanted:
        lines.append(("P-Preferred-Identity", address))
    if IdentityHeader.RPID in wanted:
        privacy = "full" if is_private else "off"
        value = f"{address};party=calling;screen=yes;privacy={privacy}"
        lines.append(("Remote-Party-ID", value))
    if is_private:
        lines.append(HIDDEN)
    return tuple(lines)


class ForwardCause(Enum):
    """Why a call was forwarded: the word of RFC 5806 and the number of RFC 4458."""

    ALL = ("unconditional", 302)
    BUSY = ("user-busy", 486)
    NO_ANSWER = ("no-answer", 408)
    UNREACHABLE = ("unavailable", 404)
    DEFLECTED = ("deflection", 480)


def forward_lines(
    trunk: Trunk, number: str | None, target: Uri, host: str, cause: ForwardCause
) -> Lines:
    """Whose forward it is. `number`: ours, as the provider wants it."""
    if number is None or trunk.forwards is ForwardHeader.NONE:
        return ()
    ours = Uri("sip", number, None, host, None)
    word, status = cause.value
    if trunk.forwards is ForwardHeader.DIVERSION:
        return (("Diversion", f"<{ours}>;reason={word};counter=1;privacy=off"),)
    # RFC 7044 5: the first entry is whom the call was for, the second where it goes, and why.
    first, second = f"<{ours}>;index=1", f"<{target};cause={status}>;index=1.1;mp=1"
    return (("History-Info", f"{first}, {second}"),)


def calling_user(trunk: Trunk, number: str | None) -> str | None:
    """The user of From: our number, or the account where numbers stand elsewhere."""
    if IdentityHeader.FROM in trunk.identity or trunk.username is None:
        return number
    return trunk.username
