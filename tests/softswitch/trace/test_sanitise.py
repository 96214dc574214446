"""No password, nonce, key or digit that somebody pressed survives, however odd the message is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.trace.sanitise import MAX_TEXT, sanitised
from tests.helpers.pump import fill, is_linear

SECRET = "Zq7-tajne_X9"
START = "INVITE sip:102@192.0.2.1 SIP/2.0"
SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nm=audio 4000 RTP/AVP 8\r\na=sendrecv\r\n"


def text(*headers: str, body: str = "", start: str = START, end: str = "\r\n") -> bytes:
    lines = [start, "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1", "Call-ID: c1", *headers]
    return (end.join([*lines, "", ""]) + body).encode()


HEADERS = (
    "Authorization",
    "Proxy-Authorization",
    "WWW-Authenticate",
    "Proxy-Authenticate",
    "Authentication-Info",
    "Proxy-Authentication-Info",
    "X-Auth-Token",
)
VALUES = (
    'Digest username="101", response="{}", nonce="n"',
    "Basic {}",
    "{}",
    'Digest realm="a",\r\n nonce="{}"',
    'Digest realm="a",\r\n\tnonce="x",\r\n\topaque="{}"',
)


@given(
    st.sampled_from(HEADERS),
    st.sampled_from(VALUES),
    st.sampled_from([str.lower, str.upper, str.title, str]),
    st.sampled_from([":", ": ", " : ", "\t:  "]),
    st.sampled_from(["\r\n", "\n", "\r"]),
    st.booleans(),
)
def test_credentials_are_cut(
    name: str, value: str, case: type[str], colon: str, end: str, is_last: bool
) -> None:
    line = case(name) + colon + value.format(SECRET).replace("\r\n", end)
    headers = ("Max-Forwards: 70", line) if is_last else (line, "Max-Forwards: 70")
    left = sanitised(text(*headers, end=end))
    assert SECRET.encode() not in left
    assert b"[cut]" in left and b"Max-Forwards: 70" in left and b"Call-ID: c1" in left


@pytest.mark.parametrize(
    "line",
    [
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRET}|2^20",
        f"A=CRYPTO:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRET}",
        f"a=acap:1 crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{SECRET}",
        f"a=key-mgmt:mikey {SECRET}",
        f"a=ice-pwd:{SECRET}",
        f"k=base64:{SECRET}",
        f"k=clear:{SECRET}",
    ],
)
@pytest.mark.parametrize("kind", ["Content-Type: application/sdp", "c: application/SDP;x=1"])
def test_keys_of_sdp_are_cut(line: str, kind: str) -> None:
    left = sanitised(text(kind, body=SDP + line + "\r\na=ptime:20\r\n"))
    assert SECRET.encode() not in left
    assert b"m=audio 4000 RTP/AVP 8" in left and b"a=ptime:20" in left


BODIES = (
    ("INFO", "application/dtmf-relay", "Signal={}\r\nDuration=160\r\n"),
    ("INFO", "application/dtmf-relay", "Signal={}\r\nDuration=160\r\n\r\n"),
    ("INFO", "application/dtmf", "{}"),
    ("INFO", "audio/telephone-event", "{}"),
    ("NOTIFY", "application/kpml-response+xml", '<kpml-response digits="{}"/>'),
    ("MESSAGE", "text/plain", "Kod do drzwi: {}"),
    ("INVITE", "multipart/mixed;boundary=x", "--x\r\nContent-Type: application/sdp\r\n\r\n{}"),
    ("INFO", "", "{}"),
)


@given(
    st.sampled_from(BODIES),
    st.sampled_from(["Content-Type", "content-type", "c", "C "]),
    st.sampled_from(["\r\n", "\n"]),
)
def test_bodies_become_their_length(case: tuple[str, str, str], name: str, end: str) -> None:
    method, kind, body = case
    body = body.format(SECRET)
    headers = (f"{name}: {kind}",) if kind else ()
    left = sanitised(text(*headers, body=body, start=f"{method} sip:1@x SIP/2.0", end=end))
    assert SECRET.encode() not in left
    assert left.endswith(b"[%d bytes]" % len(body))


def test_a_second_content_type_hides_nothing() -> None:
    both = ("Content-Type: application/sdp", "c: text/plain")
    assert SECRET.encode() not in sanitised(text(*both, body=f"hello {SECRET}"))


@pytest.mark.parametrize("scheme", ["sip", "sips", "SIP"])
def test_passwords_in_uris_are_cut(scheme: str) -> None:
    left = sanitised(text(f"From: <{scheme}:101:{SECRET}@192.0.2.1>;tag=1"))
    assert SECRET.encode() not in left
    assert b"101:[cut]@192.0.2.1>;tag=1" in left


def test_a_header_inside_a_uri_is_cut() -> None:
    assert SECRET.encode() not in sanitised(
        text(f"Refer-To: <sip:104@x?Authorization=Digest%20{SECRET}&Replaces=a>")
    )


@pytest.mark.parametrize(
    "data",
    [
        text("Contact: <sip:101@192.0.2.9:5060;transport=tcp>"),
        text("Content-Type: application/sdp", body=SDP),
        text("Content-Type: message/sipfrag;version=2.0", body="SIP/2.0 200 OK\r\n"),
        b"",
        b"\r\n\r\n",
        b"\x00\xff not SIP at all",
    ],
)
def test_what_is_no_secret_stays(data: bytes) -> None:
    assert sanitised(data) == data


@given(st.binary(max_size=300), st.sampled_from(HEADERS))
def test_rubbish_around_it(rubbish: bytes, name: str) -> None:
    data = rubbish + f"\r\n{name}: Digest {SECRET}\r\n".encode() + rubbish
    assert SECRET.encode() not in sanitised(data)


def test_length_is_bounded_and_a_cut_secret_stays_cut() -> None:
    filler = ("X-Long: " + "x" * 80,) * 40
    for extra in range(0, 900, 7):
        data = text(*filler, "X-Pad: " + "y" * extra, f"Authorization: Digest {SECRET * 9}")
        left = sanitised(data)
        assert len(left) <= MAX_TEXT and SECRET.encode()[:6] not in left


@pytest.mark.parametrize(
    "worst", [b"sip:a:", b"\r\n ", b"a=", b"\r\nauth", b"?authorization=", b"\n\n", b"c:", b"k="]
)
def test_time_is_linear(worst: bytes) -> None:
    assert is_linear(sanitised, fill("", worst.decode()).encode())
