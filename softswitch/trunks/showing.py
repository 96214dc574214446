"""What a provider showed when our own call came back to us, and what that says of the profile.

Pure: an INVITE and a trunk's entry in, plain values out. RFC 3325 (asserted identity), RFC 5806
(Diversion), RFC 7044 (History-Info), RFC 7315 4.2 (P-Called-Party-ID).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from softswitch.office.numbers import normalize
from softswitch.office.trunk import CalledIn, Trunk
from softswitch.sip.errors import ParseError
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Request
from softswitch.sip.sdp import parse as parse_sdp
from softswitch.sip.uri import OtherUri, Uri
from softswitch.trunks.profile import user_of

# Where a caller may be told, in the order in which they are printed.
IDENTITIES = (
    "From", "P-Asserted-Identity", "P-Preferred-Identity", "Remote-Party-ID", "Diversion",
    "History-Info", "Privacy",
)  # fmt: skip
# Refusals of a call to ourselves, by what they say of the profile; the rest: `refused`.
_REFUSED = {
    401: "password", 407: "password", 402: "account", 403: "forbidden", 404: "format",
    484: "format", 488: "codecs", 606: "codecs", 415: "codecs", 420: "extensions",
    421: "extensions", 408: "silent", 503: "busy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """One INVITE as it came. `called`: place → as it was written there; `identity`: by header."""

    called: dict[str, str]
    identity: dict[str, str]
    codecs: list[str]
    ptime: int | None
    extensions: list[str]
    agent: str | None


@dataclass(frozen=True, slots=True)
class Advice:
    """Something to do: a key of the texts, and what stands in them."""

    what: str
    value: str = ""


def shown_by(request: Request) -> Shown:
    """Read it."""
    headers = request.headers
    called = {
        CalledIn.REQUEST_URI.value: user_of(request.uri),
        CalledIn.TO.value: user_of(request.to.uri),
        CalledIn.P_CALLED_PARTY_ID.value: _user(headers.get("P-Called-Party-ID")),
    }
    identity = {name: ", ".join(headers.all(name)) for name in IDENTITIES if name in headers}
    codecs, ptime = _sound(request.body)
    supported = ", ".join((*headers.all("Supported"), *headers.all("Require")))
    extensions = sorted({one.strip() for one in supported.split(",") if one.strip()})
    agent = headers.get("User-Agent") or headers.get("Server")
    return Shown({k: v for k, v in called.items() if v}, identity, codecs, ptime, extensions, agent)


def advice_on_showing(
    trunk: Trunk, country: str, shown: Shown, called: str, own: Iterable[str]
) -> list[Advice]:
    """What the way back says: where the number stands, and whom the provider shows as calling."""
    found: list[Advice] = []
    places = [place for place, text in shown.called.items() if normalize(text, country) == called]
    if trunk.did.value not in places:
        found.append(Advice("did", places[0]) if places else Advice("did_nowhere"))
    callers = {name: _number(text, country) for name, text in shown.identity.items()}
    honoured = [name for name, number in callers.items() if number is not None]
    ours = [name for name in honoured if callers[name] in set(own)]
    if not honoured:
        found.append(Advice("caller_hidden"))
    elif not ours:
        found.append(Advice("caller_other", callers[honoured[0]] or ""))
    else:
        found.append(Advice("caller_shown", ", ".join(ours)))
    return found


def advice_on_refusal(trunk: Trunk, status: int | None) -> Advice:
    """What a refusal of our call to ourselves says."""
    what = _REFUSED.get(status or 408, "refused")
    if what == "codecs":
        return Advice(what, ", ".join(trunk.codecs))
    return Advice(what, trunk.format.value if what in ("forbidden", "format") else str(status))


def _user(text: str | None) -> str:
    try:
        return user_of(NameAddr.parse(text).uri) if text else ""
    except ParseError:
        return ""


def _number(text: str, country: str) -> str | None:
    """E.164 of the first address of a header; None: no number of anybody."""
    try:
        uri: Uri | OtherUri = NameAddr.parse(text.split(",")[0]).uri
    except ParseError:
        return None
    return normalize(user_of(uri), country)


def _sound(body: bytes) -> tuple[list[str], int | None]:
    """Codecs in their order, and the packets' length."""
    try:
        description = parse_sdp(body)
    except ParseError:
        return [], None
    media = next((one for one in description.media if one.kind == "audio"), None)
    if media is None:
        return [], None
    found = [media.rtpmap(payload_type) for payload_type in media.payload_types]
    return [one.encoding for one in found if one is not None], media.ptime
