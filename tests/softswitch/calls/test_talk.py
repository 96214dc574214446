"""A call between two phones, from its INVITE to its BYE, the right way and many wrong ways."""

import asyncio

import pytest

from softswitch.store.fold import CallRow, Result
from softswitch.wiring import Server
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess


async def connected(anna: Phone, piotr: Phone) -> tuple[Call, Call]:
    """101 calls 102, who answers."""
    out = await anna.dial(piotr.user)
    inward = await piotr.rung()
    inward.ring()
    await out.status(180)
    inward.answer()
    await piotr.expect("ACK")
    await out.answered()
    return out, inward


@pytest.mark.parametrize("who", ["caller", "callee", "both"])
async def test_a_talk_is_ended_by(line: Line, office: OfficeInProcess, who: str) -> None:
    out, inward = await connected(await line.phone("101"), await line.phone("102"))
    if who != "callee":
        out.bye()
    if who != "caller":
        inward.bye()
    if who == "caller":
        await inward.over()
    if who == "callee":
        await out.over()
    row = await office.row()
    assert (row.result, row.handled_by, row.number) == (Result.TALKED, "102", "101")
    assert row.ended_by == who or who == "both"
    assert office.kinds().count("bridge.ended") == 1


async def test_a_late_offer_is_answered_in_the_ack(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", b"")
    inward = await piotr.rung()
    inward.answer()
    final = await out.status(200)
    assert b"m=audio" in final.body
    out.ack(anna.offer())
    await office.until(lambda: office.ask(_streams) == [True, True], "both legs have sound")
    inward.bye()
    await out.over()
    assert (await office.row()).result is Result.TALKED


def _streams(server: object) -> list[bool]:
    legs = server.desk.exchange.dispatcher._dialogs.values()  # type: ignore[attr-defined]
    return [leg.stream is not None for leg in legs]


@pytest.mark.parametrize("ack", [b"", b"v=0\r\nnonsense"])
async def test_a_late_offer_without_a_usable_answer_ends(
    line: Line, office: OfficeInProcess, ack: bytes
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", b"")
    inward = await piotr.rung()
    inward.answer()
    await out.answered(ack)
    assert "488" in (await out.over()).get("Reason")
    await inward.over()
    await office.row()


@pytest.mark.parametrize("body", [b"", b"v=0\r\nrubbish", b"m=audio 0 RTP/AVP 8\r\n"])
async def test_an_answer_without_usable_sound_is_hung_up(
    line: Line, office: OfficeInProcess, body: bytes
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.answer(200, body)
    await piotr.expect("ACK")
    assert "488" in (await inward.over()).get("Reason")
    await out.status(480)
    assert (await office.row()).result is Result.UNREACHABLE


@pytest.mark.parametrize("body", [b"rubbish", b"v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\n"])
async def test_an_offer_nobody_can_speak_is_refused_and_told(
    line: Line, office: OfficeInProcess, body: bytes
) -> None:
    out = await (await line.phone("101")).dial("102", body)
    await out.status(400, 488)
    row = await office.row()
    assert (row.result, row.ended_by) == (Result.FAILED, "switch")


@pytest.mark.parametrize(
    ("direction", "host"),
    [("sendonly", "127.0.0.1"), ("inactive", "127.0.0.1"), ("sendrecv", "0.0.0.0")],
)
@pytest.mark.parametrize("by_caller", [True, False])
async def test_hold_plays_music_to_the_held_side_alone(
    line: Line, office: OfficeInProcess, direction: str, host: str, by_caller: bool
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    holder, held = (out, piotr) if by_caller else (inward, anna)
    before = held.rtp
    assert (await holder.hold(direction, host)).status == 200
    await office.until(lambda: held.rtp >= before + 10, "music")
    quiet = holder.phone.rtp
    await asyncio.sleep(0.2)
    assert holder.phone.rtp <= quiet + 1
    assert (await holder.reinvite(holder.phone.offer(version=9))).status == 200
    await asyncio.sleep(0.1)
    heard = held.rtp
    await asyncio.sleep(0.2)
    assert held.rtp <= heard + 1  # no music any more; the other phone sends nothing
    out.bye()
    await inward.over()
    await office.row()
    assert [k for k in office.kinds() if k in ("hold", "resume")] == ["hold", "resume"]


async def test_both_hold_and_one_hangs_up(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    await out.hold()
    await inward.hold("inactive")
    await asyncio.sleep(0.1)
    quiet = anna.rtp, piotr.rtp
    await asyncio.sleep(0.2)
    assert anna.rtp <= quiet[0] + 1 and piotr.rtp <= quiet[1] + 1
    await inward.reinvite(piotr.offer(version=8))
    await office.until(lambda: piotr.rtp > quiet[1] + 5, "music for the one who came back")
    inward.bye()
    await out.over()
    await office.row()


async def test_a_reinvite_without_an_offer_gets_ours(line: Line, office: OfficeInProcess) -> None:
    out, inward = await connected(await line.phone("101"), await line.phone("102"))
    response = await out.reinvite(b"", ack=out.phone.offer("sendonly", version=3))
    assert b"m=audio" in response.body
    await office.until(lambda: "hold" in office.kinds(), "the ACK's answer counts")
    out.bye()
    await inward.over()


@pytest.mark.parametrize("body", [b"rubbish", b"v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\n"])
async def test_a_bad_reinvite_leaves_the_talk(
    line: Line, office: OfficeInProcess, body: bytes
) -> None:
    out, inward = await connected(await line.phone("101"), await line.phone("102"))
    assert (await out.reinvite(body)).status in (400, 488)
    assert office.left()["calls"] == 1
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED


async def test_a_second_reinvite_before_the_ack(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    offers = [anna.offer("sendonly", version=2), anna.offer("inactive", version=3)]
    requests = [out.inside("INVITE", offer) for offer in offers]
    for request in requests:
        anna.send(request)
    answers = [await anna.expect(branch=request.branch, final=True) for request in requests]
    for answer in answers:
        assert answer.status in (200, 500)
        anna.put(out.inside("ACK", b"", answer.cseq))
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED


async def test_audio_closed_inside_the_call_is_a_hold(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    closed = anna.offer().replace(f"m=audio {anna.sound_port}".encode(), b"m=audio 0")
    assert (await out.reinvite(closed)).status == 200
    await office.until(lambda: piotr.rtp > 5, "music for the other side")
    out.bye()
    await inward.over()


async def test_a_phone_that_forgot_the_call_frees_the_other(
    line: Line, office: OfficeInProcess
) -> None:
    """No RTP, and 481 to the question whether the call is still there."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, _ = await connected(anna, piotr)
    piotr.answer = _forgetful(piotr)  # type: ignore[method-assign]
    await piotr.expect("OPTIONS")
    await out.over()
    row = await office.row()
    assert (row.result, row.ended_by) == (Result.TALKED, "callee")


def _forgetful(phone: Phone):  # type: ignore[no-untyped-def]
    answer = phone.answer
    return lambda request, status, *more: answer(request, 481, *more)


async def test_a_phone_that_lost_its_power_frees_the_other(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, _ = await connected(anna, piotr)
    piotr.fate = lambda _: 0
    await out.over()
    assert (await office.row()).result is Result.TALKED
    piotr.fate = lambda _: 1


async def test_silent_phones_that_are_there_stay_connected(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    for phone in (anna, piotr, anna, piotr):
        await phone.expect("OPTIONS")
    assert office.left()["calls"] == 1
    out.bye()
    await inward.over()


async def test_silence_of_both_sides_ends_the_talk(
    line: Line, office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softswitch.calls.bridge.LONGEST_SILENCE", 1.5)
    out, inward = await connected(await line.phone("101"), await line.phone("102"))
    assert "No sound" in (await out.over()).get("Reason")
    await inward.over()
    assert (await office.row()).ended_by == "switch"


async def test_no_ack_ends_the_call(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.answer()
    await out.status(200)
    await out.over()
    await inward.over()
    await office.row()


async def test_keys_in_info_and_odd_requests(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out, inward = await connected(anna, piotr)
    for kind, body, status in (
        ("application/dtmf-relay", b"Signal=5\r\nDuration=160\r\n", 200),
        ("application/dtmf", b"11", 200),
        ("text/plain", b"hello", 415),
    ):
        info = out.inside("INFO", body)
        info.headers = [h for h in info.headers if h[0] != "Content-Type"]
        info.headers.append(("Content-Type", kind))
        anna.send(info)
        assert (await anna.expect(branch=info.branch, final=True)).status == status
    out.bye()
    await inward.over()
    again = out.inside("BYE")
    anna.send(again)
    assert (await anna.expect(branch=again.branch, final=True)).status == 481


async def test_the_history_on_the_disk_says_the_same(line: Line, office: OfficeInProcess) -> None:
    out, inward = await connected(await line.phone("101"), await line.phone("102"))
    out.bye()
    await inward.over()
    row = await office.row()

    async def stored(server: Server) -> CallRow:
        events = server.desk.exchange.events
        assert await events.flush()
        [newest, *_] = await events._disk.history.list_calls()  # type: ignore[attr-defined]
        return newest

    kept = await office.run(stored)
    assert (kept.id, kept.result, kept.ended_by) == (row.id, row.result, row.ended_by)
