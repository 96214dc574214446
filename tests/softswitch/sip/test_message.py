"""Whole messages: read, refused, answered, written."""

import contextlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from softswitch.sip.errors import ParseError
from softswitch.sip.fields import MAX_FIELDS, MAX_LINE, Headers
from softswitch.sip.headers import CSeq, NameAddr, Via
from softswitch.sip.message import MAX_MESSAGE, Request, Response, answerable, parse_message
from softswitch.sip.uri import MAX_URI, OtherUri, Uri, parse_uri
from tests.helpers.pump import fill, is_linear
from tests.softswitch.sip.torture import CASES

INVITE = (
    b"INVITE sip:101@192.0.2.1;x=y SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 192.0.2.9:5062;branch=z9hG4bK1;rport, SIP/2.0/TCP [::1];branch=z9hG4bK0\r\n"
    b"v: SIP/2.0/TLS edge.example;branch=z9hG4bK9\r\n"
    b"Max-Forwards: 70\r\n"
    b'f: "Zo\xc3\xab \xff" <sip:102@192.0.2.1>;tag=from\r\n'
    b"To: <sip:101@192.0.2.1>\r\n"
    b"i: call\r\n"
    b"CSeq: 7 INVITE\r\n"
    b"m: <sip:102@192.0.2.9:5062>\r\n"
    b"Record-Route: <sip:p1;lr>\r\n"
    b"Timestamp: 54\r\n"
    b"c: Application/SDP ; charset=utf-8\r\n"
    b"l: 4\r\n"
    b"\r\n"
    b"v=0\n"
)


def invite(*changes: tuple[bytes, bytes]) -> bytes:
    data = INVITE
    for old, new in changes:
        assert old in data
        data = data.replace(old, new, 1)
    return data


def request(data: bytes = INVITE) -> Request:
    message = parse_message(data)
    assert isinstance(message, Request)
    return message


def refusal(data: bytes) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse_message(data)
    return caught.value


def test_a_request_is_read() -> None:
    message = request()
    assert (message.method, str(message.uri)) == ("INVITE", "sip:101@192.0.2.1;x=y")
    assert (message.call_id, message.cseq) == ("call", CSeq(7, "INVITE"))
    assert (message.from_.display, message.from_.tag) == ("Zoë \udcff", "from")
    assert message.to == NameAddr(None, parse_uri("sip:101@192.0.2.1"))
    assert [via.transport for via in message.vias] == ["UDP", "TCP", "TLS"]
    assert message.via == message.vias[0]
    assert message.contact is not None and message.contacts == [message.contact]
    assert (message.content_type, message.max_forwards) == ("application/sdp", 70)
    assert message.body == b"v=0\n"
    assert message.to_bytes() == INVITE


def test_a_response_is_read() -> None:
    data = INVITE.replace(INVITE.split(b"\r\n")[0], b"SIP/2.0 486 Zaj\xc4\x99te")
    message = parse_message(data)
    assert isinstance(message, Response)
    assert (message.status, message.reason) == (486, "Zajęte")
    assert message.to_bytes() == data


def test_a_small_header_does() -> None:
    message = request(
        b"\r\n\r\nOPTIONS sip:h SIP/2.0\r\nv:SIP/2.0/UDP h\r\nf:sip:a@h\r\nt:sip:b@h\r\ni:1\r\n"
        b"CSeq:1 OPTIONS\r\n\r\n"
    )
    assert (message.contacts, message.contact, message.content_type) == ([], None, None)
    assert message.max_forwards is None and message.body == b""
    assert message.to_bytes().endswith(b"CSeq:1 OPTIONS\r\nContent-Length: 0\r\n\r\n")


def test_line_feeds_alone() -> None:
    message = request(INVITE.replace(b"\r\n", b"\n"))
    assert message.to_bytes() == INVITE


def test_views_follow_the_headers() -> None:
    message = request()
    assert message.via is message.via and message.to is message.to
    kept = message.from_
    message.headers.set("To", "<sip:x@h>;tag=new")
    message.headers.prepend("Via", "SIP/2.0/UDP us;branch=z9hG4bKus")
    message.headers.set("Contact", "*")
    assert message.to.tag == "new" and message.via.host == "us" and len(message.vias) == 4
    assert message.contact_list.is_star and message.contacts == [] and message.contact is None
    assert message.from_ is kept
    message.headers.remove("CSeq")
    with pytest.raises(ParseError, match="CSeq is missing"):
        _ = message.cseq


def test_a_copy_is_apart() -> None:
    message = request()
    other = message.copy()
    other.headers.remove("Record-Route")
    assert "Record-Route" in message.headers and other.uri is message.uri


@pytest.mark.parametrize(
    ("body", "said"),
    [(b"", b"l: 0"), (b"12345", b"l: 5"), (b"v=0", b"Content-Length: 3")],
)
def test_content_length_is_put_right(body: bytes, said: bytes) -> None:
    message = request(invite((b"l: 4", b"l: 4")))
    message.body = body
    data = message.to_bytes()
    assert data.endswith(b"\r\n\r\n" + body)
    assert data.lower().count(b"\r\nl: ") + data.count(b"\r\nContent-Length: ") == 1
    assert request(data).body == body
    message.headers.add("Content-Length", "99")
    assert request(message.to_bytes()).body == body


@pytest.mark.parametrize(
    ("length", "body", "kept"),
    [(b"l: 3", b"abcdef", b"abc"), (b"l:  0006 ", b"abcdef", b"abcdef"), (b"x: 1", b"abc", b"abc")],
)
def test_octets_behind_the_body_are_dropped(length: bytes, body: bytes, kept: bytes) -> None:
    assert request(invite((b"l: 4", length), (b"v=0\n", body))).body == kept


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ((b"l: 4", b"l: 5"), 400),
        ((b"l: 4", b"l: -4"), 400),
        ((b"l: 4", b"l: +4"), 400),
        ((b"l: 4", b"l: 4, 4"), 400),
        ((b"l: 4", b"l: "), 400),
        ((b"l: 4", b"l: " + b"9" * 5000), 400),
        ((b"l: 4", b"l: 4\r\nContent-Length: 4"), 400),
        ((b"Max-Forwards: 70", b"Max-Forwards: 256"), 400),
        ((b"Max-Forwards: 70", b"Max-Forwards: x"), 400),
        ((b"Max-Forwards: 70", b"Max-Forwards: 70\r\nMax-Forwards: 70"), 400),
        ((b"CSeq: 7", b"CSeq: 2147483648"), 400),
        ((b"7 INVITE", b"7 ACK"), 400),
        ((b"CSeq: 7 INVITE", b"CSeq: 7 INVITE\r\nCSeq: 7 INVITE"), 400),
        ((b"i: call", b"i:"), 400),
        ((b"i: call", b"x: call"), 400),
        ((b"To:", b"X:"), 400),
        ((b"f:", b"X:"), 400),
        ((b"<sip:101@192.0.2.1>", b"<sip:101@192.0.2.1"), 400),
        ((b"<sip:101@192.0.2.1>", b"<sip:101@192.0.2.1>;;tag=x"), 400),
        ((b"UDP 192.0.2.9:5062", b"UDP 192.0.2.9:5062x"), 400),
        ((b"SIP/2.0\r\n", b"SIP/2.1\r\n"), 505),
        ((b"SIP/2.0\r\n", b"sip/3.0\r\n"), 505),
        ((b" SIP/2.0\r\n", b"  SIP/2.0\r\n"), 400),
        ((b"INVITE sip", b"INV(ITE sip"), 400),
        ((b";x=y SIP", b"?x=y SIP"), 400),
        ((b"sip:101@", b"sip:" + b"1" * MAX_URI + b"@"), 414),
        ((b"i: call", b"a: " + b"x" * MAX_LINE + b"\r\ni: call"), 513),
        ((b"i: call", b"a: x\r\n" * MAX_FIELDS + b"i: call"), 513),
        ((b"Timestamp: 54", b"no header"), 400),
    ],
)
def test_refused_with_what_answers_it(change: tuple[bytes, bytes], status: int) -> None:
    error = refusal(invite(change))
    assert error.status == status
    if b"INV(ITE" in change[1]:
        assert error.response_headers is None
        return
    assert error.response_headers is not None
    answer = Response.answering_fields(error.response_headers, status, error.reason, "tag")
    data = answer.to_bytes()
    assert data.startswith(b"SIP/2.0 %d " % status)
    assert answer.headers.all("Via") == request().headers.all("Via") or b"5062x" in change[1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        b"\r\n\r\n",
        b"\0" * 4,
        b"x",
        b"jaK",
        INVITE.split(b"\r\n\r\n")[0],
        b"\x16\x03\x01" * 50,
        b"GET / HTTP/1.1\r\nVia: SIP/2.0/UDP h\r\nCSeq: 1 GET\r\n\r\n",
        invite((b"INVITE sip", b"ACK sip")),
        invite((b"INVITE sip:101@192.0.2.1;x=y SIP/2.0", b"SIP/2.0 99 No")),
        invite((b"INVITE sip:101@192.0.2.1;x=y SIP/2.0", b"SIP/2.0 700 No")),
        invite((b"INVITE sip:101@192.0.2.1;x=y SIP/2.0", b"SIP/2.0 2000 No")),
        invite((b"CSeq: 7 INVITE\r\n", b"")),
        invite((b"i: call", b"i: ca\rll")),
        invite((b"i: call", b"i: ca\nVia: x")),
        invite((b"i: call", b"i: ca\0ll")),
        invite((b"INVITE sip:101", b"INVITE sip:1\n01")),
        invite((b"INVITE sip:101@192.0.2.1;x=y SIP/2.0", b"SIP/2.0 200 O\rK")),
        INVITE + b"x" * MAX_MESSAGE,
    ],
)
def test_refused_in_silence(data: bytes) -> None:
    assert refusal(data).response_headers is None


def test_reasons_are_our_own_words() -> None:
    error = refusal(invite((b"CSeq: 7 INVITE", b"CSeq: hostile")))
    assert "hostile" not in error.reason and str(error) == error.reason


def test_an_answer_copies_what_it_must() -> None:
    answer = Response.answering(request(), 180, to_tag="ours")
    names = [name for name, _ in answer.headers]
    assert names == ["Via", "Via", "From", "To", "Call-ID", "CSeq", "Record-Route"]
    assert answer.to_bytes().startswith(b"SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP 192.0.2.9:5062;")
    assert answer.to.tag == "ours" and answer.via == request().via
    trying = Response.answering(request(), 100)
    assert "Timestamp" in trying.headers and "Record-Route" not in trying.headers
    assert trying.to.tag is None
    busy = Response.answering(request(), 486, "Zajęte")
    assert "Record-Route" not in busy.headers and busy.reason == "Zajęte"


def test_a_tag_is_kept() -> None:
    tagged = request(invite((b"To: <sip:101@192.0.2.1>", b"To: sip:101@192.0.2.1 ; TAG = old")))
    assert Response.answering(tagged, 200, to_tag="new").to.tag == "old"
    fields = Response.answering_fields(tagged.headers, 400, to_tag="new").headers
    assert fields.get("To") == "sip:101@192.0.2.1 ; TAG = old"
    assert Response.answering_fields(Headers(), 400, to_tag="new").headers.names == ()


@pytest.mark.parametrize(
    "message",
    [
        Request("INV ITE", OtherUri("tel", "1"), Headers()),
        Request("INVITE", OtherUri("tel", "1 2"), Headers()),
        Request("INVITE", OtherUri("tel", "1\r\nVia: x"), Headers()),
        Request("INVITE\r\nVia:", OtherUri("tel", "1"), Headers()),
        Request("INVITE", Uri("sip", None, None, "h\r\nx", None), Headers()),
        Response(200, "OK\r\nVia: x", Headers()),
        Response(200, "OK\nVia: x", Headers()),
    ],
)
def test_nothing_is_smuggled_into_a_start_line(message: Request | Response) -> None:
    with pytest.raises(ValueError, match="line|URI"):
        message.to_bytes()


def test_they_say_what_they_are() -> None:
    assert repr(request()) == "<Request INVITE sip:101@192.0.2.1;x=y>"
    assert repr(Response(200, "OK", Headers())) == "<Response 200 OK>"


def test_answerable_takes_what_it_can() -> None:
    head = "FOO bar sip/9\r\n junk\r\nv: a\r\n b\r\nno colon\r\nCSeq: 1 FOO\r\nt: x\r\nTo: y"
    found = answerable(head)
    assert found is not None
    assert list(found) == [("Via", "a b"), ("CSeq", "1 FOO"), ("To", "x")]


def read_all(message: Request | Response) -> None:
    """Ask for every view."""
    for view in ("call_id", "cseq", "from_", "to", "via", "content_type"):
        getattr(message, view)
    for view in ("vias", "contacts", "contact", "contact_list"):
        with contextlib.suppress(ParseError):
            getattr(message, view)


def spoil(data: bytes, random: Random) -> bytes:
    """Some octets changed, dropped, doubled or moved."""
    octets = bytearray(data)
    for _ in range(random.randint(1, 6)):
        place = random.randrange(len(octets))
        kind = random.randrange(5)
        if kind == 0:
            octets[place] = random.randrange(256)
        elif kind == 1:
            del octets[place : place + random.randint(1, 8)]
        elif kind == 2:
            octets[place:place] = random.choice(
                [b"\r\n", b'"', b"<", b";", b",", b"\0", b"\xff", b":"]
            )
        elif kind == 3:
            octets[place:place] = octets[place : place + random.randint(1, 40)]
        else:
            del octets[place:]
        if not octets:
            break
    return bytes(octets)


@pytest.mark.parametrize("name", CASES)
def test_spoilt_messages_raise_parse_errors_only(name: str) -> None:
    random = Random(name)
    for _ in range(60):
        data = spoil(CASES[name].data, random)
        try:
            message = parse_message(data)
        except ParseError as error:
            if error.response_headers is not None:
                Response.answering_fields(error.response_headers, 400, None, "t").to_bytes()
            continue
        read_all(message)
        written = message.to_bytes()
        assert parse_message(written).to_bytes() == written
        if isinstance(message, Request):
            read_all(Response.answering(message, 200, to_tag="t"))


@given(st.binary(max_size=400))
@settings(max_examples=200)
def test_only_parse_errors_come_out(data: bytes) -> None:
    for before in (b"", b"OPTIONS sip:h SIP/2.0\r\n", INVITE[:-6]):
        with contextlib.suppress(ParseError):
            parse_message(before + data + b"\r\n\r\n").to_bytes()


# Lone surrogates come of octets that are no UTF-8; nobody of us puts others in.
TEXTS = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=30)


@given(
    value=TEXTS,
    display=TEXTS,
    tag=st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True),
    body=st.binary(),
)
@settings(max_examples=200)
def test_whatever_we_write_can_be_read(value: str, display: str, tag: str, body: bytes) -> None:
    headers = Headers()
    headers.add("Via", str(Via("UDP", "::1", 5060, (("branch", "z9hG4bK" + tag),))))
    headers.add("From", str(NameAddr(display, OtherUri("tel", "1"), (("tag", tag),))))
    headers.add("To", "<sip:h>")
    headers.add("Call-ID", tag)
    headers.add("CSeq", str(CSeq(1, "MESSAGE")))
    headers.add("Subject", value)
    data = Request("MESSAGE", Uri("sip", value or None, None, "h", None), headers, body).to_bytes()
    message = request(data)
    assert message.headers.get("Subject") == value.strip(" \t")
    assert (message.from_.display or "", message.from_.tag) == (display, tag)
    assert isinstance(message.uri, Uri) and message.uri.user == (value or None)
    assert message.body == body and message.to_bytes() == data


@pytest.mark.parametrize(
    "place", [b"sip:101@192", b"SIP/2.0\r\n", b'"Zo', b"<sip:101", b"call", b"7 INV"]
)
def test_messages_are_linear(place: bytes) -> None:
    before, after = INVITE.split(place, 1)
    room = MAX_MESSAGE - len(INVITE) - 10
    for unit in (
        '"',
        "<",
        ">",
        ";",
        ",",
        " ",
        "\\",
        ":",
        "=",
        "@",
        "%",
        "a",
        "9",
        "\r\n ",
        "a:\r\n",
    ):
        pumped = before + place + fill("", unit).encode()[:room] + after
        assert is_linear(parse_message, pumped), unit
