"""UPDATE, and re-INVITEs that meet (RFC 3311, RFC 3261 14)."""

import pytest

from softswitch.sip.offer_answer import Direction
from softswitch.store.fold import Result
from softswitch.wiring import Server
from tests.helpers.early_phone import accept, early, inside, prack, reliable, respond
from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess

OUTSIDE = "600100200"


async def talking(line: Line) -> tuple[Call, Call]:
    """101 calls 102, who answers."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    inward.answer()
    await piotr.expect("ACK")
    await out.answered()
    return out, inward


async def end(out: Call, inward: Call, office: OfficeInProcess) -> None:
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED


def leg_of(server: Server, user: str):  # type: ignore[no-untyped-def]
    """The leg toward this phone."""
    legs = server.desk.exchange.dispatcher._dialogs.values()
    return next(leg for leg in legs if leg.dialog and user in str(leg.dialog.remote.uri))


def offer_anew(office: OfficeInProcess, user: str) -> None:
    office.ask(lambda server: leg_of(server, user).offering.offer(Direction.SENDRECV))


async def test_inside_a_talk(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line)
    for call in (out, inward):
        plain = await inside(call, "UPDATE")
        assert plain.status == 200 and not plain.body and plain.get("Contact")
        assert "UPDATE" in plain.get("Allow") and "PRACK" in plain.get("Allow")
    held = await inside(out, "UPDATE", out.phone.offer("sendonly", version=5))
    assert held.status == 200 and b"a=recvonly" in held.body
    await office.until(lambda: "hold" in office.kinds(), "an UPDATE holds as a re-INVITE does")
    back = await inside(out, "UPDATE", out.phone.offer(version=6))
    assert b"a=sendrecv" in back.body
    await office.until(lambda: "resume" in office.kinds(), "and takes back")
    await end(out, inward, office)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"rubbish", "application/sdp", 400),
        (b"v=0\r\no=- 1 1 IN IP4 1.1.1.1\r\ns=-\r\nt=0 0\r\n", "application/sdp", 488),
        (b"<a/>", "application/xml", 415),
    ],
)
async def test_a_bad_update_leaves_the_talk(
    line: Line, office: OfficeInProcess, body: bytes, kind: str, status: int
) -> None:
    out, inward = await talking(line)
    request = out.inside("UPDATE", body)
    request.headers = [h for h in request.headers if h[0] != "Content-Type"]
    request.headers.append(("Content-Type", kind))
    out.phone.send(request)
    assert (await out.phone.expect(branch=request.branch, final=True)).status == status
    await end(out, inward, office)


async def test_outside_a_dialog_and_in_a_dead_one(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line)
    await end(out, inward, office)
    assert (await inside(out, "UPDATE")).status == 481
    me = f"<sip:101@{out.phone.domain}>"
    stray = out.phone.request("UPDATE", f"sip:102@{out.phone.domain}", me, me)
    assert (await out.phone.ask(stray)).status == 481


async def test_before_the_answer(line: Line, office: OfficeInProcess) -> None:
    """RFC 3311 5.2: an offer that meets one which is not answered yet."""
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE, None, ("Supported", "100rel"))
    inward = await provider.rung()
    inward.ring()
    out.final = await out.status(180)
    assert (await inside(out, "UPDATE")).status == 200
    refused = await inside(out, "UPDATE", anna.offer(version=2))
    assert refused.status == 500 and 0 <= int(refused.get("Retry-After")) <= 10
    early(inward, 183, provider.offer())
    progress = await out.status(183)
    assert (await prack(out, progress)).status == 200
    changed = await inside(out, "UPDATE", anna.offer("sendonly", version=3))
    assert changed.status == 200 and b"a=recvonly" in changed.body
    out.bye()
    out.final = None
    await out.status(487)
    await inward.over()


async def test_by_the_called_side_before_it_answers(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE)
    inward = await provider.rung()
    reliable(inward, 180, 1)
    provider.answer(await provider.expect("PRACK"), 200)
    refused = await inside(inward, "UPDATE", provider.offer(version=2))
    assert refused.status == 491, "our offer in the INVITE is open"
    reliable(inward, 183, 2, provider.offer())
    provider.answer(await provider.expect("PRACK"), 200)
    changed = await inside(inward, "UPDATE", provider.offer(version=3))
    assert changed.status == 200 and b"m=audio" in changed.body
    assert (await inside(inward, "BYE")).status == 481, "a BYE is not for an early dialog"
    accept(inward, b"")
    await provider.expect("ACK")
    await out.answered()
    await end(out, inward, office)


async def test_a_late_offer_waits_for_its_ack(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", b"")
    inward = await piotr.rung()
    inward.answer()
    await out.status(200)
    refused = await inside(out, "UPDATE", anna.offer(version=2))
    assert refused.status == 491
    out.ack(anna.offer())
    assert (await inside(out, "UPDATE", anna.offer(version=2))).status == 200
    await end(out, inward, office)


# --- our own ---


async def test_our_reinvite(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line)
    offer_anew(office, "101")
    request = await out.phone.expect("INVITE")
    assert b"m=audio" in request.body and not request.get("Require")
    meeting = await inside(out, "UPDATE", out.phone.offer(version=2))
    assert meeting.status == 491, "our offer is open"
    assert (await inside(out, "UPDATE")).status == 200
    respond(out.phone, request, 200, out.phone.offer(version=3))
    ack = await out.phone.expect("ACK")
    assert ack.cseq == request.cseq
    assert (await inside(out, "UPDATE", out.phone.offer(version=4))).status == 200
    await end(out, inward, office)


@pytest.mark.parametrize("status", [400, 488, 500, 503, 603])
async def test_a_refused_reinvite_leaves_the_talk(
    line: Line, office: OfficeInProcess, status: int
) -> None:
    out, inward = await talking(line)
    offer_anew(office, "102")
    request = await inward.phone.expect("INVITE")
    respond(inward.phone, request, status)
    await inward.phone.expect("ACK")
    assert (await inside(inward, "UPDATE", inward.phone.offer(version=4))).status == 200
    await end(out, inward, office)


@pytest.mark.parametrize("status", [408, 481])
async def test_a_phone_that_forgot_the_call(
    line: Line, office: OfficeInProcess, status: int
) -> None:
    out, inward = await talking(line)
    offer_anew(office, "102")
    respond(inward.phone, await inward.phone.expect("INVITE"), status)
    await out.over()
    if status == 408:
        await inward.over()
    await office.row()


async def test_a_phone_that_does_not_answer(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line)
    offer_anew(office, "102")
    await inward.phone.expect("INVITE")
    await out.over()
    await inward.over()
    await office.row()


@pytest.mark.parametrize("who", ["101", "102"])
async def test_glare(
    line: Line, office: OfficeInProcess, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both re-INVITE at once: each gets 491, each tries again after a pause of its own."""
    asked: list[bool] = []

    def delay(owns_call_id: bool, token: str) -> float:
        asked.append(owns_call_id)
        return 0.1

    monkeypatch.setattr("softswitch.calls.offering.delay_after_491", delay)
    out, inward = await talking(line)
    call = out if who == "101" else inward
    offer_anew(office, who)
    ours = await call.phone.expect("INVITE")
    theirs = call.inside("INVITE", call.phone.offer(version=2))
    call.phone.send(theirs)
    refused = await call.phone.expect(branch=theirs.branch, final=True)
    assert refused.status == 491
    call.phone.acknowledge(theirs, refused)
    respond(call.phone, ours, 491)
    again = await call.phone.expect("INVITE")
    assert again.cseq > ours.cseq and again.body
    assert asked == [who == "102"], "we chose the Call-ID of the leg that we placed"
    respond(call.phone, again, 200, call.phone.offer(version=3))
    await call.phone.expect("ACK")
    await end(out, inward, office)


async def test_glare_for_ever_gives_up(
    line: Line, office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softswitch.calls.offering.delay_after_491", lambda *_: 0.01)
    out, inward = await talking(line)
    offer_anew(office, "102")
    for _ in range(6):
        respond(inward.phone, await inward.phone.expect("INVITE"), 491)
    await inward.phone.expect("ACK")
    assert not inward.phone.got("INVITE")
    await end(out, inward, office)


async def test_ours_waits_for_the_ack_of_theirs(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line)
    request = out.inside("INVITE", out.phone.offer(version=2))
    out.phone.send(request)
    answer = await out.phone.expect(branch=request.branch, final=True)
    offer_anew(office, "101")
    assert (await inside(out, "OPTIONS")).status == 200
    assert not out.phone.got("INVITE"), "theirs is not acknowledged yet"
    out.phone.put(out.inside("ACK", b"", answer.cseq))
    ours = await out.phone.expect("INVITE")
    respond(out.phone, ours, 200, out.phone.offer(version=3))
    await out.phone.expect("ACK")
    await end(out, inward, office)


async def test_hang_up_while_ours_is_on_its_way(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line)
    offer_anew(office, "102")
    request = await inward.phone.expect("INVITE")
    out.bye()
    await inward.over()
    respond(inward.phone, request, 487)
    await office.row()
