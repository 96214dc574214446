"""What is fuzzed, one function a target: it raises when something is wrong, and only then.

From a parser nothing but `ParseError` may come out; what was read must read the same again.
"""

from collections.abc import Callable
from random import Random

from softswitch.sip import sdp
from softswitch.sip.digest import parse_parameters
from softswitch.sip.errors import ParseError
from softswitch.sip.fields import Headers
from softswitch.sip.framing import FramingError, Keepalive, StreamFramer
from softswitch.sip.headers import (
    Challenge,
    ContactList,
    CSeq,
    NameAddr,
    Reason,
    RetryAfter,
    Via,
    parse_list,
    split_challenges,
)
from softswitch.sip.message import Message, Request, Response, parse_message
from softswitch.sip.replaces import Replaces
from softswitch.sip.uri import Uri, parse_hostport, parse_uri
from tests.fuzz.corpus import BODIES, MESSAGES, VALUES
from tests.fuzz.mutate import mutate
from tests.fuzz.story import tell

Target = Callable[[Random], int]
"""Tries one or more inputs; returns how many."""

_VALUES = tuple(value.encode("utf-8", "surrogateescape") for value in VALUES)
_PARSERS: tuple[Callable[[str], object], ...] = (
    *(Via.parse, NameAddr.parse, CSeq.parse, Challenge.parse, Reason.parse, RetryAfter.parse),
    *(Replaces.parse, parse_hostport, parse_parameters, Headers.parse),
    *(lambda text, kind=kind: parse_list(kind, [text, text]) for kind in (Via, NameAddr)),
    lambda text: ContactList.parse_lines([text]),
    lambda text: [parse_parameters(one) for one in split_challenges([text])],
)


def read_all(message: Message) -> None:
    """Every reading that the house does of a message, each of which may refuse it."""
    for reading in ("via", "vias", "from_", "to", "cseq", "call_id", "contacts", "contact",
                    "max_forwards", "content_type"):  # fmt: skip
        try:
            getattr(message, reading, None)
        except ParseError:
            continue


def message(dice: Random) -> int:
    """A datagram: read, every part looked at, written, and read again."""
    data = mutate(dice, dice.choice(MESSAGES), MESSAGES)
    try:
        found = parse_message(data)
    except ParseError as error:
        if error.response_headers is not None:
            Response.answering_fields(error.response_headers, error.status).to_bytes()
        return 1
    read_all(found)
    written = found.to_bytes()
    assert parse_message(written).to_bytes() == written
    if isinstance(found, Request):
        answer = Response.answering(found, 486, to_tag="ours").to_bytes()
        assert isinstance(parse_message(answer), Response)
    return 1


def _one_line(data: bytes) -> str:
    """As a value comes out of `Headers`: whatever was on the line, and no line end in it."""
    return data.replace(b"\r", b"").replace(b"\n", b"").decode("utf-8", "surrogateescape")


def headers(dice: Random) -> int:
    """One header value, given to one parser, whether it is meant for it or not."""
    text = _one_line(mutate(dice, dice.choice(_VALUES), _VALUES))
    try:
        found = dice.choice(_PARSERS)(text)
    except ParseError:
        return 1
    if isinstance(found, Via | NameAddr | CSeq | Reason):
        assert str(type(found).parse(str(found))) == str(found)
    return 1


def uri(dice: Random) -> int:
    """A URI: read, written, read again, and the same."""
    value = dice.choice(_VALUES)
    at = value.find(b"sip")
    data = mutate(dice, value[max(at, 0) :].partition(b">")[0], _VALUES)
    try:
        found = parse_uri(_one_line(data))
    except ParseError:
        return 1
    again = parse_uri(str(found))
    assert str(again) == str(found)
    if isinstance(found, Uri):
        assert isinstance(again, Uri) and found.equivalent(again)
        found.equivalent(Uri("sip", "a", None, "h", None))
    return 1


def description(dice: Random) -> int:
    """An SDP: read, written, read again."""
    data = mutate(dice, dice.choice(BODIES), BODIES)
    try:
        found = sdp.parse(data)
    except ParseError:
        return 1
    written = found.to_bytes()
    assert sdp.parse(written).to_bytes() == written
    return 1


def framing(dice: Random) -> int:
    """A stream of some messages in pieces: cut the same whatever the pieces are."""
    stream = b"".join(
        mutate(dice, dice.choice(MESSAGES), MESSAGES) for _ in range(dice.randint(1, 3))
    )
    whole, pieces = _cut(stream, [len(stream)]), _cut(stream, _lengths(dice, len(stream)))
    assert whole == pieces
    return 1


def _lengths(dice: Random, total: int) -> list[int]:
    lengths = []
    while total > 0:
        lengths.append(min(total, dice.choice((1, 7, 100, 1_400, 9_000))))
        total -= lengths[-1]
    return lengths


def _cut(stream: bytes, lengths: list[int]) -> list[object]:
    framer, start, found = StreamFramer(), 0, list[object]()
    for length in lengths:
        try:
            found += framer.feed(stream[start : start + length])
        except FramingError as error:
            # How much was cut out before the fault does not depend on the pieces either.
            found += [*error.frames, "broken"]
            break
        start += length
    return [frame for frame in found if not isinstance(frame, Keepalive)]


def stack(dice: Random) -> int:
    """A whole story of a stack, after which nothing may be left of it."""
    return tell(dice)


TARGETS: dict[str, tuple[Target, float]] = {
    "message": (message, 0.30),
    "headers": (headers, 0.15),
    "uri": (uri, 0.10),
    "description": (description, 0.15),
    "framing": (framing, 0.05),
    "stack": (stack, 0.25),
}
"""Each with its share of all inputs."""
