"""SIP, digest and SDP as text, just enough for a scripted phone; no code of the product.

RFC 3261 7, RFC 7616 (MD5 and SHA-256, qop auth), RFC 4566. It is strict in what it sends and takes
what it gets: the phone's job is to judge the switch, not to be one.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from tests.live.rtp_media import EVENT_TYPE, PAYLOAD_TYPES

_COMPACT = {
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
    "c": "content-type", "k": "supported", "e": "content-encoding", "s": "subject",
}  # fmt: skip
_HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


@dataclass
class Message:
    """A request or a response. Header names as written, values unfolded."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @classmethod
    def parse(cls, data: bytes) -> "Message":
        head, _, body = data.partition(b"\r\n\r\n")
        lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split("\r\n")
        pairs = (line.partition(":") for line in lines[1:])
        return cls(lines[0], [(name.strip(), value.strip()) for name, _, value in pairs], body)

    def to_bytes(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body

    def all(self, name: str) -> list[str]:
        """The values of every line of this header, compact forms included."""
        wanted = name.lower()
        return [v for n, v in self.headers if _COMPACT.get(n.lower(), n.lower()) == wanted]

    def get(self, name: str) -> str:
        """The first value, or an empty text."""
        return (self.all(name) or [""])[0]

    @property
    def is_request(self) -> bool:
        return not self.start.startswith("SIP/2.0 ")

    @property
    def status(self) -> int:
        return int(self.start.split()[1])

    @property
    def method(self) -> str:
        return self.start.split()[0] if self.is_request else self.get("CSeq").split()[1]

    @property
    def cseq(self) -> int:
        return int(self.get("CSeq").split()[0])

    @property
    def branch(self) -> str:
        return parameter(self.get("Via"), "branch")


def parameter(value: str, name: str) -> str:
    """A header parameter, or an empty text."""
    found = re.search(rf";\s*{name}\s*=\s*\"?([^;,>\"\s]+)", value, re.IGNORECASE)
    return found[1] if found else ""


def uri_of(value: str) -> str:
    """The URI of a name-addr or addr-spec."""
    found = re.search(r"<([^>]+)>", value)
    return found[1] if found else value.split(";")[0].strip()


def user_of(value: str) -> str:
    """The user part of the first SIP URI in a header."""
    found = re.search(r"sips?:([^@;>]+)@", value)
    return found[1] if found else ""


def name_of(value: str) -> str:
    """The display name of a name-addr."""
    return value.partition("<")[0].strip().strip('"')


# --- digest -------------------------------------------------------------------------------------


def credentials(challenge: str, method: str, uri: str, user: str, password: str) -> str:
    """The Authorization value that answers one challenge; "" for an algorithm it cannot."""
    fields = dict(re.findall(r'(\w+)\s*=\s*(?:"([^"]*)"|[^,\s]+)', challenge))
    plain = dict(re.findall(r"(\w+)\s*=\s*([^\",\s]+)", challenge))
    algorithm = plain.get("algorithm", fields.get("algorithm") or "MD5")
    if algorithm not in _HASHES:
        return ""

    def digest(text: str) -> str:
        return _HASHES[algorithm](text.encode()).hexdigest()

    realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
    ha1, ha2 = digest(f"{user}:{realm}:{password}"), digest(f"{method}:{uri}")
    cnonce = secrets.token_hex(8)
    answer = digest(f"{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}")
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
        f'response="{answer}", algorithm={algorithm}, qop=auth, nc=00000001, cnonce="{cnonce}"'
        + (f', opaque="{fields["opaque"]}"' if "opaque" in fields else "")
    )


def authorize(request: Message, response: Message, user: str, password: str) -> tuple[str, str]:
    """Header name and value for the repeated request: the first challenge that can be answered."""
    proxy = response.status == 407
    asked = response.all("Proxy-Authenticate" if proxy else "WWW-Authenticate")
    uri = request.start.split()[1]
    answers = (credentials(value, request.method, uri, user, password) for value in asked)
    value = next((answer for answer in answers if answer), "")
    return ("Proxy-Authorization" if proxy else "Authorization"), value


# --- SDP ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RemoteSound:
    """What the far side's description says about its audio."""

    host: str
    port: int
    codecs: tuple[str, ...]
    event_type: int | None
    direction: str

    @property
    def is_held(self) -> bool:
        return self.direction in ("sendonly", "inactive") or self.host == "0.0.0.0"


def describe_sound(
    host: str,
    port: int,
    codecs: tuple[str, ...],
    direction: str = "sendrecv",
    version: int = 1,
    events: bool = True,
) -> bytes:
    """An offer or an answer for one audio stream, with telephone-event or without."""
    types = [str(PAYLOAD_TYPES[codec]) for codec in codecs]
    named = f"a=rtpmap:{EVENT_TYPE} telephone-event/8000", f"a=fmtp:{EVENT_TYPE} 0-15"
    lines = [
        "v=0",
        f"o=- 4711 {version} IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {' '.join(types)}{f' {EVENT_TYPE}' if events else ''}",
        *(f"a=rtpmap:{PAYLOAD_TYPES[codec]} {codec}/8000" for codec in codecs),
        *(named if events else ()),
        "a=ptime:20",
        f"a={direction}",
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def sound_of(body: bytes) -> RemoteSound | None:
    """The audio of a description; None when there is none (port 0)."""
    text = body.decode("utf-8", "replace")
    media = re.search(r"^m=audio (\d+) RTP/AVP ([\d ]+)", text, re.MULTILINE)
    if not media or int(media[1]) == 0:
        return None
    addresses = re.findall(r"^c=IN IP4 (\S+)", text, re.MULTILINE)
    names = {number: name for name, number in PAYLOAD_TYPES.items()}
    event = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", text, re.MULTILINE | re.IGNORECASE)
    direction = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", text, re.MULTILINE)
    return RemoteSound(
        host=addresses[-1] if addresses else "0.0.0.0",
        port=int(media[1]),
        codecs=tuple(names[int(t)] for t in media[2].split() if int(t) in names),
        event_type=int(event[1]) if event else None,
        direction=direction[1] if direction else "sendrecv",
    )
