"""A traced message as its reader wants it: what it is, whose it is, what it says of sound.

Tolerant on purpose: the text may be cut off, sanitised, or have been no good SIP to begin with
(then that is what one wants to see). Nothing is raised. RFC 3261 7 for the shape, RFC 3264 and
RFC 4566 for the few lines of SDP that matter.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from softswitch.sip.errors import ParseError
from softswitch.sip.headers import NameAddr
from softswitch.sip.names import canonical
from softswitch.trace.message import Direction, TracedMessage

_STATUS_LINE = re.compile(r"SIP/2\.0 +(\d{3})(?: +(.*))?$", re.IGNORECASE)
_REQUEST_LINE = re.compile(r"([A-Za-z][\w.-]*) +(\S.*?) +SIP/2\.0$", re.IGNORECASE)
_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_REASON_TEXT = re.compile(r';\s*text="([^"]*)"', re.IGNORECASE)
# RFC 1918, RFC 6598, RFC 3927; RFC 4193, RFC 4291 2.5.6. Not Python's `is_private`: that knows the
# networks of documentation and of loopback too.
_INNER = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
        + ("fc00::/7", "fe80::/10"),
    )
)
_DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})


@dataclass(frozen=True, slots=True)
class Party:
    """Who stands in From or To."""

    user: str = ""
    name: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Sdp:
    """What a description says of its audio."""

    address: str = ""
    direction: str = "sendrecv"
    is_refused: bool = False  # port 0
    is_encrypted: bool = False  # RTP/SAVP, or keys (RFC 4568) beside plain RTP

    @property
    def is_private(self) -> bool:
        """An address that nobody beyond the router reaches."""
        try:
            address = ipaddress.ip_address(self.address)
        except ValueError:
            return False
        return any(address in network for network in _INNER)

    @property
    def is_hold(self) -> bool:
        """RFC 3264 8.4, and the zero address of RFC 2543."""
        return self.direction in ("sendonly", "inactive") or self.address in ("0.0.0.0", "::")


@dataclass(frozen=True, slots=True)
class Seen:
    """One message, read. `method`: of the request, or of the request that a response answers."""

    message: TracedMessage
    first: str
    method: str
    status: int | None
    phrase: str
    headers: Mapping[str, str]
    body: str
    from_: Party
    to: Party
    uri_user: str
    sdp: Sdp | None

    @property
    def is_request(self) -> bool:
        return self.status is None

    @property
    def is_ours(self) -> bool:
        """Sent by the switch."""
        return self.message.direction is Direction.OUT

    @property
    def call_id(self) -> str:
        return self.headers.get("Call-ID", "")

    @property
    def cseq(self) -> int:
        """Its number; 0 when there is none."""
        number = self.headers.get("CSeq", "").partition(" ")[0]
        return int(number) if number.isdecimal() and len(number) < 12 else 0

    @property
    def is_inside(self) -> bool:
        """In a dialog that exists (RFC 3261 12.2)."""
        return bool(self.to.tag)

    @property
    def reason(self) -> str:
        """The Reason header's words (RFC 3326)."""
        value = self.headers.get("Reason", "")
        found = _REASON_TEXT.search(value)
        return found[1] if found else value


def read(message: TracedMessage) -> Seen:
    """See the module's docstring."""
    text = message.text.decode("utf-8", "replace")
    head, body = _parts(text)
    lines = _unfolded(head)
    first, headers = lines[0] if lines else "", _headers(lines[1:])
    status, phrase, method, uri_user = _first_line(first, headers)
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    return Seen(
        message,
        first,
        method,
        status,
        phrase,
        headers,
        body,
        party_of(headers.get("From", "")),
        party_of(headers.get("To", "")),
        uri_user,
        _sdp(body) if kind == "application/sdp" and body.strip() else None,
    )


def _parts(text: str) -> tuple[str, str]:
    for end in ("\r\n\r\n", "\n\n", "\r\r"):
        head, found, body = text.partition(end)
        if found:
            return head, body
    return text, ""


def _unfolded(head: str) -> list[str]:
    lines: list[str] = []
    for line in _LINE_ENDS.split(head):
        if line[:1] in (" ", "\t") and lines:
            lines[-1] += " " + line.strip()
        elif line or lines:
            lines.append(line)
    return lines


def _headers(lines: list[str]) -> dict[str, str]:
    """The first of each name."""
    found: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            found.setdefault(canonical(name.strip()), value.strip())
    return found


def _first_line(first: str, headers: Mapping[str, str]) -> tuple[int | None, str, str, str]:
    found = _STATUS_LINE.match(first)
    if found:
        method = headers.get("CSeq", "").partition(" ")[2].strip().upper()
        return int(found[1]), (found[2] or "").strip(), method, ""
    found = _REQUEST_LINE.match(first)
    if found:
        return None, "", found[1].upper(), party_of(f"<{found[2]}>").user
    return None, "", "", ""


def party_of(value: str) -> Party:
    """Who stands in a From, To or Refer-To; nobody in what cannot be read."""
    try:
        address = NameAddr.parse(value)
    except ParseError:
        return Party()
    return Party(address.uri.user or "", address.display or "", address.tag or "")


def _sdp(body: str) -> Sdp:
    """The first audio stream's; the session's own lines count where it has none."""
    address, direction, is_refused, is_audio = "", "sendrecv", False, None
    is_encrypted = False
    for line in _LINE_ENDS.split(body):
        if line.startswith("m="):
            if is_audio:
                break
            is_audio = line.startswith("m=audio")
            is_refused = is_audio and line.split()[1:2] == ["0"]
            is_encrypted = is_audio and "/SAVP" in line.upper()
        elif line.startswith("a=crypto:") and is_audio:
            is_encrypted = True
        elif line.startswith("c=") and is_audio is not False:
            address = line.split()[-1].partition("/")[0]
        elif line.startswith("a=") and line[2:].strip() in _DIRECTIONS and is_audio is not False:
            direction = line[2:].strip()
    return Sdp(address, direction, is_refused, is_encrypted)
