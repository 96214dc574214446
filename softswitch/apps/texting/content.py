"""What a MESSAGE carries, and whether we carry it on (RFC 3428 4 and 8, RFC 3261 8.2.3).

Pure. A body is passed on as it came, whatever its type; only what no phone could read is refused.
"""

from dataclasses import dataclass
from enum import Enum

from softswitch.sip.grammar import is_token
from softswitch.sip.message import Request

# More is a document, not a text; a phone's own limit lies near 1,300 bytes (RFC 3428 8).
MAX_BODY = 8 * 1024
MAX_KIND = 200
PLAIN = "text/plain"
# RFC 3428 4: what says nothing of its charset is UTF-8.
ACCEPTED = f"{PLAIN};charset=utf-8"

# "Is typing" (RFC 3994) and "was read" (RFC 5438): true for a moment, no use an hour later, and
# nobody wants to be told that they were not delivered.
_FLEETING = frozenset({"application/im-iscomposing+xml", "message/imdn+xml"})


class Weight(Enum):
    """How much is lost when it does not arrive."""

    TEXT = "text"
    FLEETING = "fleeting"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it is not carried on: a status and its headers."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A body that may be passed on. `kind` is its Content-Type, as it came."""

    kind: str
    weight: Weight


def content_of(request: Request) -> Content | Refused:
    """Read the headers about the body, and the body as far as its charset."""
    if len(request.body) > MAX_BODY:
        return Refused(413)
    encoding = request.headers.get("Content-Encoding")
    if encoding is not None and encoding.strip().lower() != "identity":
        return Refused(415, (("Accept-Encoding", "identity"),))
    if not request.body:
        return Refused(400)
    kind = (request.headers.get("Content-Type") or PLAIN).strip()
    essence = kind.partition(";")[0].strip().lower()
    main, _, sub = essence.partition("/")
    if len(kind) > MAX_KIND or not (is_token(main) and is_token(sub)):
        return Refused(400)
    if essence == PLAIN and _is_utf8(kind) and not _is_text(request.body):
        return Refused(415, (("Accept", ACCEPTED),))
    return Content(kind, Weight.FLEETING if essence in _FLEETING else Weight.TEXT)


def _is_utf8(kind: str) -> bool:
    """Does this text/plain say, or leave unsaid, that it is UTF-8?"""
    for parameter in kind.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower() in ("utf-8", "utf8", "us-ascii")
    return True


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
