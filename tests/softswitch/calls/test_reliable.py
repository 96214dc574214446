"""Reliable provisional responses and PRACK, both roles, with phones played by hand (RFC 3262)."""

import pytest

from softswitch.store.fold import Result
from softswitch.wiring import Server
from tests.helpers.early_phone import accept, early, inside, prack, reliable
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.live import sip_text
from tests.live.sip_text import Message

SUPPORTED, REQUIRED = ("Supported", "100rel"), ("Require", "100rel")
OUTSIDE = "600100200"


def repeats(phone: Phone, status: int) -> list[Message]:
    """What lies in the inbox of this status."""
    return [one for one in phone.inbox if not one.is_request and one.status == status]


async def end(out: Call, inward: Call, office: OfficeInProcess) -> None:
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED


# --- we answer ---


async def test_a_caller_who_requires_it(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", None, REQUIRED)
    inward = await piotr.rung()
    inward.ring()
    ringing = await out.status(180)
    assert ringing.get("Require") == "100rel" and not ringing.body
    assert 1 <= int(ringing.get("RSeq")) < 2**31
    # It is repeated until the PRACK, and always the same.
    await office.until(lambda: len(repeats(anna, 180)) >= 2, "repeats")
    assert {one.get("RSeq") for one in repeats(anna, 180)} == {ringing.get("RSeq")}
    assert (await prack(out, ringing)).status == 200
    anna.inbox.clear()
    inward.answer()
    out.final = None
    final = await out.status(200)
    assert final.body, "nothing of ours was described before"
    out.ack()
    assert not repeats(anna, 180)
    await end(out, inward, office)


async def test_a_prack_of_something_else(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", None, REQUIRED)
    inward = await piotr.rung()
    inward.ring()
    ringing = await out.status(180)
    rseq, cseq = int(ringing.get("RSeq")), ringing.cseq
    for rack in (f"{rseq + 1} {cseq} INVITE", f"{rseq} {cseq + 1} INVITE", f"{rseq} {cseq} BYE"):
        assert (await prack(out, ringing, rack=rack)).status == 481
    assert (await prack(out, ringing, rack="rubbish")).status == 400
    assert (await prack(out, ringing)).status == 200
    assert (await prack(out, ringing)).status == 481, "it waits for no other one"
    out.bye()
    await out.status(487)
    await inward.over()


async def test_nobody_acknowledges(line: Line, office: OfficeInProcess) -> None:
    """64*T1, two seconds here, and the call is refused with 504; nothing is left."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", None, REQUIRED)
    inward = await piotr.rung()
    inward.ring()
    await out.status(504)
    await inward.over()
    assert (await office.row()).status == 504


async def test_early_sound_is_reliable_and_holds_the_200_back(
    line: Line, office: OfficeInProcess
) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE, None, SUPPORTED)
    inward = await provider.rung()
    inward.ring()
    ringing = await out.status(180)
    assert not ringing.get("RSeq"), "who only supports it is spared the PRACK of a plain 180"
    early(inward, 183, provider.offer())
    progress = await out.status(183)
    assert progress.get("RSeq") and b"m=audio" in progress.body
    inward.answer()
    await provider.expect("ACK")
    assert not repeats(anna, 200), "no 2xx before the PRACK of what described our sound"
    assert (await prack(out, progress)).status == 200
    out.final = None
    final = await out.status(200)
    assert not final.body, "the answer was given"
    out.ack()
    await end(out, inward, office)


async def test_he_hangs_up_while_the_200_is_held_back(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE, None, SUPPORTED)
    inward = await provider.rung()
    early(inward, 183, provider.offer())
    await out.status(183)
    inward.answer()
    await provider.expect("ACK")
    inward.bye()
    await out.status(480)
    await office.row()


async def test_he_cancels_while_the_200_is_held_back(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE, None, SUPPORTED)
    inward = await provider.rung()
    early(inward, 183, provider.offer())
    await out.status(183)
    inward.answer()
    await provider.expect("ACK")
    out.cancel()
    await out.status(487)
    await inward.over()
    await office.row()


async def test_a_late_offer_is_answered_in_the_prack(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", b"", REQUIRED)
    inward = await piotr.rung()
    inward.ring()
    ringing = await out.status(180)
    assert b"m=audio" in ringing.body, "RFC 3262 5: the first reliable response has the offer"
    inward.answer()
    await piotr.expect("ACK")
    assert (await prack(out, ringing, anna.offer())).status == 200
    out.final = None
    final = await out.status(200)
    assert not final.body
    out.ack()
    await office.until(lambda: office.ask(streams) == [True, True], "both sides have sound")
    await end(out, inward, office)


def streams(server: Server) -> list[bool]:
    legs = server.desk.exchange.dispatcher._dialogs.values()
    return [leg.stream is not None for leg in legs]


@pytest.mark.parametrize("answer", [b"", b"v=0\r\nnonsense"])
async def test_a_prack_without_a_usable_answer(
    line: Line, office: OfficeInProcess, answer: bytes
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", b"", REQUIRED)
    inward = await piotr.rung()
    inward.ring()
    ringing = await out.status(180)
    assert (await prack(out, ringing, answer)).status == 200
    out.final = None
    await out.status(400, 488)
    await inward.over()
    await office.row()


async def test_an_offer_in_the_prack_is_answered(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE, None, SUPPORTED)
    inward = await provider.rung()
    early(inward, 183, provider.offer())
    progress = await out.status(183)
    answer = await prack(out, progress, anna.offer("sendonly", version=2))
    assert answer.status == 200 and b"a=recvonly" in answer.body
    out.bye()
    out.final = None
    await out.status(487)
    await inward.over()


async def test_a_prack_from_nowhere(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.ring()
    ringing = await out.status(180)
    assert (await prack(out, ringing, rack="1 1 INVITE")).status == 481
    inward.answer()
    await out.answered()
    assert (await inside(inward, "PRACK", b"", ("RAck", "1 1 INVITE"))).status == 481
    await end(out, inward, office)


# --- we call ---


async def ringing_provider(line: Line) -> tuple[Call, Call]:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE)
    inward = await provider.rung()
    assert "100rel" in inward.invite.get("Supported")
    return out, inward


async def test_each_reliable_response_is_acknowledged_once_and_in_order(
    line: Line, office: OfficeInProcess
) -> None:
    out, inward = await ringing_provider(line)
    provider = inward.phone
    reliable(inward, 180, 500)
    first = await provider.expect("PRACK")
    provider.answer(first, 200)
    assert first.get("RAck") == f"500 {inward.invite.get('CSeq')}"
    reliable(inward, 180, 500)  # once more: its PRACK was on the way
    reliable(inward, 183, 502, provider.offer())  # overtook 501
    reliable(inward, 181, 501)
    second = await provider.expect("PRACK")
    provider.answer(second, 200)
    assert second.get("RAck").startswith("501 ")
    assert second.cseq == first.cseq + 1
    assert not provider.got("PRACK"), "neither the repeat nor the one out of order"
    reliable(inward, 183, 502, provider.offer())
    third = await provider.expect("PRACK")
    provider.answer(third, 200)
    assert third.get("RAck").startswith("502 ")
    await out.status(183)
    inward.answer()
    ack = await provider.expect("ACK")
    assert ack.cseq == inward.invite.cseq
    await out.answered()
    await end(out, inward, office)


async def test_the_description_in_a_reliable_response_is_the_answer(
    line: Line, office: OfficeInProcess
) -> None:
    """What the 200 describes besides is ignored (RFC 3261 13.2.1)."""
    out, inward = await ringing_provider(line)
    provider = inward.phone
    reliable(inward, 183, 1, provider.offer())
    provider.answer(await provider.expect("PRACK"), 200)
    await out.status(183)
    accept(inward, provider.offer().replace(b"127.0.0.1", b"127.0.0.9"))
    await provider.expect("ACK")
    await out.answered()

    def remote(server: Server) -> set[str]:
        legs = server.desk.exchange.dispatcher._dialogs.values()
        return {leg.stream.remote_host for leg in legs if leg.stream is not None}

    assert office.ask(remote) == {"127.0.0.1"}
    await end(out, inward, office)


async def test_two_forks_count_on_their_own(line: Line, office: OfficeInProcess) -> None:
    out, inward = await ringing_provider(line)
    provider = inward.phone
    for tag, rseq in (("forkone", 10), ("forktwo", 70)):
        reliable(inward, 180, rseq, tag=tag)
        prack_ = await provider.expect("PRACK")
        assert prack_.get("RAck").startswith(f"{rseq} ")
        assert sip_text.parameter(prack_.get("To"), "tag") == tag
        provider.answer(prack_, 200)
    inward.tag = "forktwo"
    inward.answer()
    await provider.expect("ACK")
    await out.answered()
    await end(out, inward, office)


@pytest.mark.parametrize("lost", ["PRACK", "answers"])
async def test_a_prack_gets_through(line: Line, office: OfficeInProcess, lost: str) -> None:
    """The PRACK is sent again until it is answered, and the call goes its way meanwhile."""
    out, inward = await ringing_provider(line)
    provider = inward.phone
    dropped: list[Message] = []

    def fate(message: Message) -> int:
        is_it = message.method == "PRACK" and message.is_request is (lost == "PRACK")
        if is_it and len(dropped) < 2:
            dropped.append(message)
            return 0
        return 1

    provider.fate = fate
    reliable(inward, 183, 1, provider.offer())
    provider.answer(await provider.expect("PRACK"), 200)
    await office.until(lambda: len(dropped) == 2, "two were lost")
    inward.answer()
    await out.answered()
    await end(out, inward, office)
