"""Codecs and keys on their way through a call: what each side is offered, answered and refused."""

import base64
from collections.abc import Callable

import pytest

from softswitch.calls.terms import Terms
from softswitch.sip.crypto import Srtp
from softswitch.sip.sdp import Media, parse
from tests.helpers.hand_phone import Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess

KEY = base64.b64encode(bytes(range(30))).decode()
CRYPTO = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"


@pytest.fixture
def agree(office: OfficeInProcess) -> Callable[[Terms], None]:
    def on(terms: Terms) -> None:
        office.ask(lambda server: setattr(server.desk.exchange, "terms", terms))

    return on


def described(phone: Phone, protocol: str, formats: str, *lines: str) -> bytes:
    """The phone's own offer with another m-line."""
    text = phone.offer().decode()
    head, _, rest = text.partition("m=audio ")
    port = rest.split()[0]
    more = "".join(f"{line}\r\n" for line in lines)
    return f"{head}m=audio {port} {protocol} {formats}\r\n{more}".encode()


def audio(body: bytes) -> Media:
    return parse(body).media[0]


async def test_the_caller_is_answered_in_the_callees_codec(line: Line) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", described(anna, "RTP/AVP", "9 8"))
    inward = await piotr.rung()
    # The caller's first codec leads.
    assert audio(inward.invite.body).formats[0] == "9"
    inward.answer(200, described(piotr, "RTP/AVP", "8"))
    await out.answered()
    assert audio(out.final.body).formats == ("8",)
    out.bye()
    await inward.over()


async def test_a_caller_without_that_codec_keeps_his_own(line: Line) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", described(anna, "RTP/AVP", "9"))
    inward = await piotr.rung()
    inward.answer(200, described(piotr, "RTP/AVP", "8"))
    await out.answered()
    assert audio(out.final.body).formats == ("9",)
    out.bye()
    await inward.over()


async def test_no_key_is_told_over_udp(line: Line) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    assert b"crypto" not in inward.invite.body
    inward.answer()
    await out.answered()
    out.bye()
    await inward.over()


async def test_who_must_encrypt_and_has_no_tls_is_refused_and_not_rung(
    line: Line, agree: Callable[[Terms], None]
) -> None:
    anna, _ = await line.phone("101"), await line.phone("102")
    agree(Terms(srtp=Srtp.REQUIRED))
    out = await anna.dial("102", described(anna, "RTP/SAVP", "8", CRYPTO))
    refusal = await out.status(488)
    assert refusal.get("Warning").startswith("302 ")
    assert "TLS" in refusal.get("Warning")


async def test_refused_keys_are_offered_once_more_as_savp(
    line: Line, agree: Callable[[Terms], None]
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    agree(Terms(is_open_signalling_enough=True))
    out = await anna.dial("102")
    first = await piotr.rung()
    assert audio(first.invite.body).protocol == "RTP/AVP"
    assert audio(first.invite.body).attributes("crypto")
    first.answer(488)
    again = await piotr.expect("INVITE")  # of the same call
    assert audio(again.body).protocol == "RTP/SAVP"
    first.invite = again
    first.answer(200, described(piotr, "RTP/SAVP", "8", CRYPTO))
    await out.answered()
    # Nobody asked the caller to encrypt.
    assert audio(out.final.body).protocol == "RTP/AVP"
    assert b"crypto" not in out.final.body
    out.bye()
    await first.over()
