r"""What may not be kept of a SIP message is cut out of it: pure, bytes in, bytes out.

Cut are the values of all authentication headers (RFC 3261 22, RFC 7616: responses, nonces), of
passwords in URIs (RFC 3261 19.1.1), and the keys of SDP (a=crypto RFC 4568, a=key-mgmt RFC 4567,
k= RFC 4566, a=ice-pwd RFC 8839). Of bodies only SDP and the status lines of a transfer
(message/sipfrag, RFC 3420) are kept: keys that a caller pressed (INFO, KPML) may be his PIN, and
texts (MESSAGE) are his own; `[12 bytes]` stands for any other body. So a body that nobody thought
of is never kept.

The text may be anything: it need not be SIP, lines may end in any way, headers may be folded.
"""

import re

# Longer is cut off after the cleaning: the largest honest message is some 3 KB.
MAX_TEXT = 4_096
CUT = b"[cut]"

_KEPT_BODIES = frozenset({b"application/sdp", b"message/sipfrag"})

# A header's value goes on in the next line when that begins with a blank (RFC 3261 7.3.1).
_VALUE = rb"[^\r\n]*(?:[\r\n]+[ \t][^\r\n]*)*"
_SECRET_HEADER = re.compile(
    rb"(?P<name>(?:^|[\r\n])[ \t]*[\w.-]*(?i:auth)[\w.-]*[ \t]*:[ \t]*)"
    rb"(?P<scheme>(?i:digest|basic|bearer)?)" + _VALUE
)
_SECRET_LINE = re.compile(
    rb"(?P<name>(?:^|[\r\n])[ \t]*(?i:k=|a=[^\r\n]*?(?:crypto|key-mgmt|ice-pwd|inline)))" + _VALUE
)
# The bound keeps the time linear; nobody types a longer password into a URI.
_URI_PASSWORD = re.compile(rb"(?P<user>(?i:sips?):[^@:<>\s\"?]*):[^@<>\s\"]{0,1024}@")
_HAS_PASSWORD = re.compile(rb"sips?:[^@:<>\s\"?]*:[^@<>\s\"]{0,1024}@")
_URI_HEADER = re.compile(rb"(?P<name>[?&](?i:(?:proxy-)?authorization)=)[^&>\s\"]*")
_CONTENT_TYPE = re.compile(rb"[\r\n](?i:content-type|c)[ \t]*:[ \t\r\n]*([^\r\n;, \t]*)")
_END_OF_HEADERS = re.compile(rb"\r\n[ \t]*\r\n|\n[ \t]*\r?\n|\r[ \t]*\r")
# The form that nearly every phone and the switch itself write; anything else goes the slow way.
_PLAIN_SDP = b"\r\ncontent-type: application/sdp\r\n"
_COMPACT_TYPE = re.compile(rb"\nc[ \t]*:")
_CR = 13


def sanitised(data: bytes) -> bytes:
    """The text without secrets, at most `MAX_TEXT` octets of it."""
    end = data.find(b"\r\n\r\n") + 4
    # Nothing follows the headers, and lines end as they should: by far the most messages.
    is_bare = end == len(data) and data[data.find(b"\n") - 1] == _CR
    text, low = data, data.lower()
    if not is_bare:
        if _is_plain_sdp(low, end):
            text = _without_keys(data, low[end - 2 :])
        else:
            text = _without_body(data)
            text = _without_keys(text, text.lower())
        low = low if text is data else text.lower()
    if len(text) > 2 * MAX_TEXT:
        text = text[: 2 * MAX_TEXT]
    if b"auth" in low:
        text = _SECRET_HEADER.sub(_cut_value, text)
        text = _URI_HEADER.sub(rb"\g<name>" + CUT, text)
    if _HAS_PASSWORD.search(low):
        text = _URI_PASSWORD.sub(rb"\g<user>:" + CUT + b"@", text)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - len(CUT)] + CUT


def _is_plain_sdp(low: bytes, end: int) -> bool:
    """Headers in lower case up to `end` name one body, and that is a description of sound."""
    if low.find(_PLAIN_SDP, 0, end) < 0 or low.count(b"content-type", 0, end) > 1:
        return False
    return _COMPACT_TYPE.search(low, 0, end) is None


def _without_keys(text: bytes, low: bytes) -> bytes:
    is_suspect = b"crypto" in low or b"inline" in low or b"ice-pwd" in low or b"key-mgmt" in low
    if is_suspect or b"\nk=" in low or b"\rk=" in low:
        return _SECRET_LINE.sub(rb"\g<name>" + CUT, text)
    return text


def _cut_value(found: re.Match[bytes]) -> bytes:
    scheme = found["scheme"]
    return found["name"] + (scheme + b" " if scheme else b"") + CUT


def _without_body(data: bytes) -> bytes:
    """The body, unless it is of a kind that is kept, becomes its length."""
    found = _END_OF_HEADERS.search(data)
    if found is None or found.end() == len(data):
        return data
    head, size = data[: found.end()], len(data) - found.end()
    types = {kind.lower() for kind in _CONTENT_TYPE.findall(head)}
    if len(types) == 1 and types <= _KEPT_BODIES:
        return data
    return head + b"[%d bytes]" % size
