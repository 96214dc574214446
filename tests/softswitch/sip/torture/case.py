"""How a torture message is written down: text with LF, octets where text cannot say it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One message of RFC 4475 and its expected fate."""

    section: str
    data: bytes
    refused: int | None = None
    """The status that `parse_message` refuses it with; None: it can be read."""
    is_answered: bool = True
    """A refused response is dropped, never answered."""
    stack: int | None = None
    """The status that the stack answers by itself to one that can be read; None: it goes on."""


def sdp(host: str) -> str:
    """The offer that most of the RFC's INVITEs carry."""
    return (
        f"v=0\no=mhandley 29739 7272939 IN IP4 {host}\ns=-\nc=IN IP4 {host}\nt=0 0\n"
        "m=audio 49217 RTP/AVP 0 12\nm=video 3227 RTP/AVP 31\na=rtpmap:31 LPC\n"
    )


def wire(head: str, body: str = "") -> bytes:
    """The message with CRLF line ends; `LENGTH` in the head becomes the body's size."""
    octets = body.replace("\n", "\r\n").encode()
    text = head.strip("\n").replace("LENGTH", str(len(octets)))
    return (text + "\n\n").replace("\n", "\r\n").encode() + octets
