"""Keys in descriptions (RFC 4568): what is taken, what is passed over, what is answered."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softswitch.sip import crypto
from softswitch.sip.codecs import PCMA
from softswitch.sip.crypto import Crypto, Keys, Srtp, Suite
from softswitch.sip.offer_answer import Capabilities, LocalMedia, OfferAnswer, OfferAnswerError
from softswitch.sip.sdp import Media, attribute, parse

KEY = bytes(range(30))
TEXT = base64.b64encode(KEY).decode()
FIRST = f"1 AES_CM_128_HMAC_SHA1_80 inline:{TEXT}"


def with_lines(*lines: str) -> Media:
    media = Media("audio", 4000, 1, "RTP/SAVP", ("8",))
    return replace(media, lines=tuple(attribute("crypto", one) for one in lines))


def test_a_line_is_read_and_written() -> None:
    (one,) = crypto.read(with_lines(FIRST))
    assert one == Crypto(1, Suite.AES_CM_128_HMAC_SHA1_80, KEY)
    assert one.line() == attribute("crypto", FIRST)


@pytest.mark.parametrize(
    "line",
    [
        FIRST + "|2^20",
        FIRST + " WSH=64",
        FIRST.rstrip("="),
        FIRST.replace("1 AES", "77 AES"),
        f"1 AES_CM_128_HMAC_SHA1_32 INLINE:{TEXT}|1048576",
        f"1 AEAD_AES_128_GCM inline:{base64.b64encode(bytes(28)).decode()}",
        f"1 AEAD_AES_256_GCM inline:{base64.b64encode(bytes(44)).decode()}",
    ],
)
def test_lines_that_can_be_used(line: str) -> None:
    assert len(list(crypto.read(with_lines(line)))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "",
        "1",
        "1 AES_CM_128_HMAC_SHA1_80",
        FIRST + "|2^20|1:4",  # a master key identifier
        FIRST + f";inline:{TEXT}",  # several keys
        FIRST + " UNENCRYPTED_SRTP",
        FIRST + " KDR=1",
        FIRST.replace("inline:", "uri:"),
        FIRST.replace("SHA1_80", "SHA1_96"),
        FIRST.replace("1 AES", "x AES"),
        f"1 AES_CM_128_HMAC_SHA1_80 inline:{TEXT[:-4]}",
        "1 AES_CM_128_HMAC_SHA1_80 inline:%%%",
        f"1 AEAD_AES_128_GCM inline:{TEXT}",
    ],
)
def test_lines_that_are_passed_over(line: str) -> None:
    assert list(crypto.read(with_lines(line))) == []
    assert [one.tag for one in crypto.read(with_lines(line, FIRST))] == [1]


@given(st.text(max_size=200))
def test_any_text_is_read_or_passed_over(text: str) -> None:
    list(crypto.read(with_lines(text.replace("\r", "").replace("\n", ""))))


def test_a_key_is_in_no_repr() -> None:
    keys = Keys(Suite.AES_CM_128_HMAC_SHA1_80, KEY, KEY)
    _, _, session, _ = agreed()
    for one in (keys, Crypto(1, Suite.AES_CM_128_HMAC_SHA1_80, KEY), session):
        assert repr(KEY)[2:12] not in repr(one)
        assert "inline:" not in repr(one)


# --- offers and answers --------------------------------------------------------------------


class Chance:
    """Another key each time."""

    def __init__(self, begin: int) -> None:
        self.next = begin

    def __call__(self, size: int) -> bytes:
        self.next += 1
        return bytes([self.next]) * size


def side(srtp: Srtp, begin: int, *, is_open: bool = False) -> OfferAnswer:
    caps = Capabilities((PCMA,), srtp=srtp, new_key=None if is_open else Chance(begin))
    return OfferAnswer.start(7, caps, LocalMedia("192.0.2.1", 4000))


def agreed(one: Srtp = Srtp.ALLOWED, other: Srtp = Srtp.ALLOWED) -> tuple:
    asking, offer = side(one, 10).make_offer()
    answering, answer, far = side(other, 100).answer(offer)
    asking, near = asking.accept_answer(answer)
    return near, far, asking, answering


def protocol(body: bytes) -> str:
    return parse(body).media[0].protocol


@pytest.mark.parametrize("one", [Srtp.ALLOWED, Srtp.REQUIRED])
@pytest.mark.parametrize("other", [Srtp.ALLOWED, Srtp.REQUIRED])
def test_two_that_encrypt_have_each_others_keys(one: Srtp, other: Srtp) -> None:
    near, far, _, _ = agreed(one, other)
    assert near.keys.suite is far.keys.suite is Suite.AES_CM_128_HMAC_SHA1_80
    assert (near.keys.send, near.keys.receive) == (far.keys.receive, far.keys.send)
    assert near.keys.send != near.keys.receive


@pytest.mark.parametrize(
    ("one", "other"), [(Srtp.OFF, Srtp.ALLOWED), (Srtp.ALLOWED, Srtp.OFF), (Srtp.OFF, Srtp.OFF)]
)
def test_where_one_does_not_it_is_plain(one: Srtp, other: Srtp) -> None:
    near, far, _, _ = agreed(one, other)
    assert near.keys is far.keys is None


@pytest.mark.parametrize(("one", "other"), [(Srtp.REQUIRED, Srtp.OFF), (Srtp.OFF, Srtp.REQUIRED)])
def test_where_one_must_and_the_other_does_not_there_is_no_call(one: Srtp, other: Srtp) -> None:
    _, offer = side(one, 1).make_offer()
    with pytest.raises(OfferAnswerError) as refused:
        side(other, 2).answer(offer)
    assert refused.value.status == 488
    assert refused.value.warning == 302


def test_what_must_be_encrypted_is_offered_as_savp_and_what_may_be_as_avp_with_keys() -> None:
    for policy, expected in ((Srtp.REQUIRED, "RTP/SAVP"), (Srtp.ALLOWED, "RTP/AVP")):
        _, offer = side(policy, 1).make_offer()
        assert protocol(offer) == expected
        assert len(parse(offer).media[0].attributes("crypto")) == len(Suite)
    _, offer = side(Srtp.OFF, 1).make_offer()
    assert b"crypto" not in offer


def test_no_key_is_said_where_others_listen() -> None:
    _, offer = side(Srtp.ALLOWED, 1, is_open=True).make_offer()
    assert b"crypto" not in offer
    _, secure = side(Srtp.REQUIRED, 1).make_offer()
    with pytest.raises(OfferAnswerError, match="encrypted"):
        side(Srtp.ALLOWED, 1, is_open=True).answer(secure)
    with pytest.raises(OfferAnswerError, match="register over TLS"):
        side(Srtp.REQUIRED, 1, is_open=True).answer(offer)


def test_an_answer_without_our_keys_is_plain_or_useless() -> None:
    plain = b"v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4000 RTP/AVP 8\r\n"
    may, _ = side(Srtp.ALLOWED, 1).make_offer()
    _, stream = may.accept_answer(plain)
    assert stream is not None
    assert stream.keys is None
    must, _ = side(Srtp.REQUIRED, 1).make_offer()
    strange = plain.replace(b"AVP", b"SAVP") + b"a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:"
    for answer in (plain, strange + TEXT.encode() + b"\r\n"):
        with pytest.raises(OfferAnswerError):
            must.accept_answer(answer)


def test_refused_keys_beside_plain_sound_are_offered_as_savp() -> None:
    session, offer = side(Srtp.ALLOWED, 1).make_offer()
    again = session.insist()
    assert again is not None
    insisting, body = again
    assert protocol(body) == "RTP/SAVP"
    assert parse(body).media[0].attributes("crypto") == parse(offer).media[0].attributes("crypto")
    assert insisting.insist() is None
    assert side(Srtp.OFF, 1).make_offer()[0].insist() is None
    _, answer, far = side(Srtp.REQUIRED, 100).answer(body)
    _, near = insisting.accept_answer(answer)
    assert near is not None and near.keys is not None and far is not None
    assert near.keys.receive == far.keys.send  # type: ignore[union-attr]


def test_a_new_key_of_theirs_leaves_ours() -> None:
    _, far, asking, answering = agreed()
    fresh, _ = side(Srtp.ALLOWED, 50).make_offer()
    rekeyed = fresh.repeat()
    answering, _, again = answering.answer(rekeyed)
    assert again.keys.send == far.keys.send
    assert again.keys.receive != far.keys.receive
    # And our own next offer keeps its keys too.
    _, offer = answering.make_offer()
    assert [one.key for one in crypto.read(parse(offer).media[0])] == [far.keys.send]
    del asking


def test_another_suite_brings_another_key() -> None:
    _, far, _, answering = agreed()
    head = "v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 4000 RTP/SAVP 8\r\n"
    line = f"a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:{TEXT}\r\n"
    _, answer, stream = answering.answer((head + line).encode())
    assert stream.keys.suite is Suite.AES_CM_128_HMAC_SHA1_32
    assert stream.keys.send != far.keys.send
    assert [one.tag for one in crypto.read(parse(answer).media[0])] == [4]
