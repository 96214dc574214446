"""RFC 4475: each message is read or refused as the table says, alone and by the whole stack."""

from itertools import count

import pytest

from softswitch.sip.errors import ParseError
from softswitch.sip.framing import StreamFramer
from softswitch.sip.headers import Challenge, NameAddr, parse_list
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.stack import Flow, MessageRejected, Send, Stack, StackConfig, Transport
from softswitch.sip.uri import OtherUri, Uri
from tests.softswitch.sip.torture import CASES, Case

READABLE = {name: case for name, case in CASES.items() if case.refused is None}
REFUSED = {name: case for name, case in CASES.items() if case.refused is not None}
FLOW = Flow(Transport.UDP, ("192.0.2.250", 5060), ("192.0.2.251", 5060))


def read(name: str) -> Request:
    message = parse_message(CASES[name].data)
    assert isinstance(message, Request)
    return message


def test_they_are_all_here() -> None:
    assert len(CASES) == 49
    assert len({case.section for case in CASES.values()}) == 49


@pytest.mark.parametrize("case", READABLE.values(), ids=READABLE)
def test_readable(case: Case) -> None:
    message = parse_message(case.data)
    assert message.call_id and message.cseq.method and message.via and message.from_ and message.to


@pytest.mark.parametrize("case", READABLE.values(), ids=READABLE)
def test_untouched_text_leaves_as_it_came(case: Case) -> None:
    message = parse_message(case.data)
    head, _, body = case.data.partition(b"\r\n\r\n")
    had_length = "Content-Length" in message.headers
    length = b"" if had_length else b"\r\nContent-Length: %d" % len(message.body)
    expected = head + length + b"\r\n\r\n" + body[: len(message.body)]
    start, _, rest = expected.partition(b"\r\n")
    written_start, _, written = message.to_bytes().partition(b"\r\n")
    assert written == rest
    # The start line is made anew: a scheme has no case, and is written small.
    assert written_start.lower() == start.lower()


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_refused(case: Case) -> None:
    with pytest.raises(ParseError) as caught:
        parse_message(case.data)
    error = caught.value
    assert error.status == case.refused
    assert (error.response_headers is not None) == case.is_answered
    if error.response_headers is not None:
        answer = Response.answering_fields(error.response_headers, error.status)
        assert b"SIP/2.0 %d " % error.status in answer.to_bytes()
        assert "Via" in answer.headers


def answers(data: bytes) -> list[int]:
    """The final statuses with which a stack answers by itself."""
    numbers = count()
    stack = Stack(StackConfig(), lambda: f"token{next(numbers):08}")
    stack.receive(data, FLOW, 0.0)
    sent = [output.data for output in stack.take() if isinstance(output, Send)]
    statuses = [int(data.split(b" ", 2)[1]) for data in sent if data.startswith(b"SIP/2.0 ")]
    return [status for status in statuses if status != 100]


@pytest.mark.parametrize("name", CASES)
def test_what_the_stack_answers(name: str) -> None:
    case = CASES[name]
    status = case.refused if case.is_answered else None
    expected = [status] if (status := status or case.stack) else []
    assert answers(case.data) == expected


@pytest.mark.parametrize("name", ["wsinv", "intmeth", "longreq", "mpart01", "esc02"])
def test_over_a_stream_octet_by_octet(name: str) -> None:
    data, framer = CASES[name].data, StreamFramer()
    frames = [frame for octet in data for frame in framer.feed(bytes([octet]))]
    assert frames == [data]


def test_wsinv_is_understood() -> None:
    request = read("wsinv")
    assert isinstance(request.uri, Uri) and request.uri.has_param("unknownparam")
    assert request.to.tag == "1918181833n"
    assert (request.from_.display, request.from_.tag) == ('J Rosenberg \\"', "98asjd8")
    assert (request.cseq.number, request.max_forwards) == (9, 68)
    assert [via.branch for via in request.vias] == ["390skdjuw", "z9hG4bK9ikj8", "z9hG4bK30239"]
    assert request.headers.get("Subject") == ""
    assert request.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert request.contact is not None
    assert request.contact.display == 'Quoted string ""'
    assert request.contact.param("newparam") == "newvalue"
    assert request.contact.has_param("secondparam") and request.contact.param("q") == "0.33"
    (route,) = parse_list(NameAddr, request.headers.all("Route"))
    assert isinstance(route.uri, Uri) and route.uri.has_param("lr")
    assert len(request.body) == 150


def test_intmeth_is_understood() -> None:
    request = read("intmeth")
    assert request.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert request.from_.display == "token1~` token2'+_ token3*%!.-"
    assert request.from_.param("fromparam''~+*_!.-%") == "работающий"
    assert isinstance(request.uri, Uri)
    assert request.uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert request.uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert request.headers.get("EXTENSIONHEADER-!.%*+_`'~") == "大停電"


def test_escapes_are_understood() -> None:
    request = read("esc01")
    assert isinstance(request.uri, Uri) and request.uri.user == "sips:user@example.com"
    assert isinstance(request.to.uri, Uri) and request.to.uri.user == "user"
    assert isinstance(request.from_.uri, Uri) and request.from_.uri.user == "I have spaces"
    users = [contact.uri.user for contact in read("escnull").contacts]
    assert users == ["\x00", "\x00\x00"]
    request = read("esc02")
    assert request.method == "RE%47IST%45R" and request.to.display == "%Z%45"
    assert len(request.contacts) == 2


def test_dblreq_and_semiuri_are_understood() -> None:
    assert read("dblreq").method == "REGISTER" and read("dblreq").body == b""
    uri = read("semiuri").uri
    assert isinstance(uri, Uri) and uri.user == "user;par=u@example.net" and uri.params == ()


def test_responses_are_understood() -> None:
    good = parse_message(CASES["unreason"].data)
    assert isinstance(good, Response)
    assert good.reason == "= 2**3 * 5**2 но сто девяносто девять - простое"
    bare = parse_message(CASES["noreason"].data)
    assert isinstance(bare, Response) and (bare.status, bare.reason) == (100, "")


def test_whose_parameter_it_is() -> None:
    (first,), (second,) = read("cparam01").contacts, read("cparam02").contacts
    assert isinstance(first.uri, Uri) and isinstance(second.uri, Uri)
    assert first.has_param("unknownparam") and not first.uri.has_param("unknownparam")
    assert second.uri.has_param("unknownparam") and not second.has_param("unknownparam")
    (escaped,) = read("regescrt").contacts
    assert isinstance(escaped.uri, Uri) and escaped.uri.header("route") == "<sip:sip.example.com>"


def test_a_contact_with_headers_needs_brackets() -> None:
    with pytest.raises(ParseError):
        _ = read("regbadct").contacts


def test_other_schemes_are_values() -> None:
    request = read("unksm2")
    assert request.to.uri == OtherUri("isbn", "2983792873")
    assert request.from_.uri == OtherUri("http", "//www.example.com")
    challenge = Challenge.parse(read("regaut01").headers.get("Authorization") or "")
    assert (challenge.scheme, challenge.params) == ("NoOneKnowsThisScheme", {"opaque-data": "here"})


def test_the_old_syntax_is_understood() -> None:
    request = read("inv2543")
    assert request.via.branch is None and request.from_.tag is None
    # Without brackets the parameter is the header's.
    assert request.to.has_param("user") and request.max_forwards is None


def test_a_rejected_message_is_told() -> None:
    stack = Stack(StackConfig(), lambda: "token")
    stack.receive(CASES["bigcode"].data, FLOW, 0.0)
    (told,) = stack.take()
    assert isinstance(told, MessageRejected) and told.status is None
