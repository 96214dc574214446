"""Wounds: what a broken phone, a broken router and an attacker do to good octets."""

from random import Random

PIECES: tuple[bytes, ...] = (
    *(b"\r\n", b"\r\n ", b"\r\n\r\n", b"\n", b"\r", b"\0", b"\\", b'"', b"<", b">", b",", b";"),
    *(
        b"=",
        b"%",
        b"%zz",
        b"%00",
        b"%0d%0a",
        b"\xff",
        b"@",
        b":",
        b"[",
        b"]",
        b"(",
        b")",
        b"?",
        b"*",
        b" ",
    ),
    *(b"\t", b"9" * 40, b"-1", b"4294967296", b"1e9", b";tag=1", b";branch=z9hG4bK", b";lr"),
    *(b"\xed\xa0\x80", b"\xe2\x80\xa8", b"\xc2\x85", b"ACK", b"CANCEL", b"SIP/2.0", b"sip:"),
    *(b"Content-Length: 9\r\n", b"l: 0\r\n", b"Via: ", b"tel:", b"[::1]", b"[::ffff:1.2.3.4]"),
    *(b"m=audio 0 RTP/AVP 0\r\n", b"a=sendonly\r\n", b"c=IN IP6 ::1\r\n"),
    *(b"a=rtpmap:0 X/8000/2\r\n", b"urn:service:sos"),
)
MOST = 65_000
"""A datagram holds no more."""


def mutate(dice: Random, data: bytes, others: tuple[bytes, ...]) -> bytes:
    """One to eight wounds; now and then none, so that good input is there too."""
    wounded = bytearray(data)
    for _ in range(dice.choice((0, 1, 1, 1, 2, 2, 3, 8))):
        _wound(dice, wounded, others)
    return bytes(wounded[:MOST])


def _wound(dice: Random, data: bytearray, others: tuple[bytes, ...]) -> None:
    at = dice.randrange(len(data) + 1)
    kind = dice.random()
    if kind < 0.45:
        data[at:at] = dice.choice(PIECES)
    elif kind < 0.6:
        del data[at : at + dice.choice((1, 2, 10, 50, 400))]
    elif kind < 0.7 and data:
        data[at % len(data)] = dice.randrange(256)
    elif kind < 0.8:
        other = dice.choice(others)
        start = dice.randrange(len(other) + 1)
        data[at : at + dice.choice((0, 20))] = other[start : start + dice.choice((8, 60, 300))]
    elif kind < 0.88:
        _move_a_line(dice, data)
    elif kind < 0.93:
        piece = bytes(data[at : at + dice.choice((1, 2, 5, 30))]) or b"a"
        data[at:at] = piece * dice.choice((2, 10, 300))
    elif kind < 0.95:
        # Long enough to show a quadratic parser, rare enough not to be all that is tried.
        piece = dice.choice(PIECES)
        data[at:at] = piece * (dice.choice((5_000, 60_000)) // len(piece))
    else:
        del data[at:]


def _move_a_line(dice: Random, data: bytearray) -> None:
    """Drop, repeat or move one line."""
    lines = data.split(b"\r\n")
    line = lines.pop(dice.randrange(len(lines)))
    for _ in range(dice.choice((0, 1, 2, 2))):
        lines.insert(dice.randrange(len(lines) + 1), line)
    data[:] = b"\r\n".join(lines)
