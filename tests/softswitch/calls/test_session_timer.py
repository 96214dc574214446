"""Session timers with phones played by hand (RFC 4028). The hours pass in tenths of a second."""

from collections.abc import Iterator

import pytest

from softswitch.sip.session_timer import Agreed
from softswitch.store.fold import Result
from tests.helpers.early_phone import accept, inside, respond
from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess

TIMER = ("Supported", "timer")
SPEED = 3000.0  # seconds of the timer in one of ours


def expires(text: str) -> tuple[str, str]:
    return ("Session-Expires", text)


@pytest.fixture(autouse=True)
def fast_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    refresh, over = Agreed.refresh_after, Agreed.over_after
    assert isinstance(refresh, property) and isinstance(over, property)
    slow = {"refresh_after": refresh.fget, "over_after": over.fget}
    for name, getter in slow.items():
        assert getter is not None
        fast = property(lambda agreed, getter=getter: getter(agreed) / SPEED)
        monkeypatch.setattr(Agreed, name, fast)
    yield


async def talking(line: Line, *lines: tuple[str, str], answer: str = "") -> tuple[Call, Call]:
    """101 calls 102; `lines` are the caller's, `answer` the called side's Session-Expires."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", None, *lines)
    inward = await piotr.rung()
    accept(inward, None, *((expires(answer),) if answer else ()))
    await piotr.expect("ACK")
    await out.answered()
    return out, inward


async def end(out: Call, inward: Call, office: OfficeInProcess) -> None:
    out.bye()
    await inward.over()
    assert (await office.row()).result is Result.TALKED


async def test_what_we_say(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line, TIMER, expires("600;refresher=uac"))
    assert out.final is not None
    assert out.final.get("Session-Expires") == "600;refresher=uac"
    assert out.final.get("Require") == "timer"
    assert inward.invite.get("Session-Expires") == "1800"
    assert "timer" in inward.invite.get("Supported")
    await end(out, inward, office)


async def test_an_old_phone_is_left_alone(line: Line, office: OfficeInProcess) -> None:
    out, inward = await talking(line)
    assert out.final is not None and not out.final.get("Session-Expires")
    await end(out, inward, office)


async def test_too_brief_is_422_and_then_it_works(line: Line, office: OfficeInProcess) -> None:
    anna = await line.phone("101")
    out = await anna.dial("102", None, TIMER, expires("30"))
    refused = await out.status(422)
    assert refused.get("Min-SE") == "90"
    assert not office.left(), "no call began"
    out, inward = await talking(line, TIMER, expires("90"))
    for method in ("UPDATE", "INVITE"):
        body = out.phone.offer(version=2) if method == "INVITE" else b""
        again = await inside(out, method, body, TIMER, expires("60"))
        assert (again.status, again.get("Min-SE")) == (422, "90")
    await end(out, inward, office)


async def test_we_refresh_by_update_and_the_talk_goes_on(
    line: Line, office: OfficeInProcess
) -> None:
    allow = ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE")
    out, inward = await talking(line, TIMER, expires("1800;refresher=uas"), allow)
    for _ in range(3):
        update = await out.phone.expect("UPDATE")
        assert update.get("Session-Expires") == "1800;refresher=uac" and not update.body
        respond(out.phone, update, 200, b"", expires("1800;refresher=uac"))
    await end(out, inward, office)


async def test_we_refresh_by_reinvite_where_update_is_unknown(
    line: Line, office: OfficeInProcess
) -> None:
    """The same description, version and all: nothing changes (7.4)."""
    out, inward = await talking(line, answer="1800;refresher=uac")
    first = await inward.phone.expect("INVITE")
    assert first.get("Session-Expires") == "1800;refresher=uac"
    assert first.body == inward.invite.body
    respond(inward.phone, first, 200, inward.phone.offer(), expires("1800;refresher=uac"))
    await inward.phone.expect("ACK")
    again = await inward.phone.expect("INVITE")
    assert again.body == first.body
    respond(inward.phone, again, 200, inward.phone.offer())
    await inward.phone.expect("ACK")
    await end(out, inward, office)


async def test_an_update_that_is_not_allowed_after_all(line: Line, office: OfficeInProcess) -> None:
    allow = ("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE")
    out, inward = await talking(line, TIMER, expires("1800;refresher=uas"), allow)
    respond(out.phone, await out.phone.expect("UPDATE"), 405)
    reinvite = await out.phone.expect("INVITE")
    assert out.final is not None and reinvite.body == out.final.body
    respond(out.phone, reinvite, 200, out.phone.offer(), expires("1800;refresher=uac"))
    await out.phone.expect("ACK")
    await end(out, inward, office)


async def test_a_hold_survives_a_refresh(
    line: Line, office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("softswitch.calls.offering.delay_after_491", lambda *_: 0.2)
    out, inward = await talking(line, answer="1800;refresher=uac")
    respond(inward.phone, await inward.phone.expect("INVITE"), 491)
    await inward.phone.expect("ACK")
    held = await inward.reinvite(inward.phone.offer("sendonly", version=2))
    assert held.status == 200
    await office.until(lambda: "hold" in office.kinds(), "the hold")
    # That re-INVITE without Session-Expires and `timer` has switched the timer off.
    update = await inside(inward, "UPDATE", b"", TIMER, expires("1800;refresher=uas"))
    assert update.get("Session-Expires") == "1800;refresher=uas"
    refresh = await inward.phone.expect("INVITE")
    assert b"a=recvonly" in refresh.body
    respond(inward.phone, refresh, 200, inward.phone.offer("sendonly", version=2))
    await inward.phone.expect("ACK")
    assert "resume" not in office.kinds()
    await end(out, inward, office)


@pytest.mark.parametrize("by_caller", [True, False])
async def test_a_phone_that_should_refresh_and_does_not(
    line: Line, office: OfficeInProcess, by_caller: bool
) -> None:
    if by_caller:
        out, inward = await talking(line, TIMER, expires("1800;refresher=uac"))
    else:
        out, inward = await talking(line, answer="1800;refresher=uas")
    first, other = (out, inward) if by_caller else (inward, out)
    assert "Session timer" in (await first.over()).get("Reason")
    await other.over()
    # His phone let the session die: it counts as his end of the call.
    assert (await office.row()).ended_by == ("switch" if by_caller else "callee")


@pytest.mark.parametrize("method", ["UPDATE", "INVITE"])
async def test_a_phone_that_refreshes(line: Line, office: OfficeInProcess, method: str) -> None:
    out, inward = await talking(line, TIMER, expires("1800;refresher=uac"))
    for version in range(2, 7):
        body = out.phone.offer() if method == "INVITE" else b""
        lines = (TIMER, expires("1800;refresher=uac"))
        request = out.inside(method, body)
        request.headers += lines
        out.phone.send(request)
        answer = await out.phone.expect(branch=request.branch, final=True)
        assert answer.get("Session-Expires") == "1800;refresher=uac", version
        if method == "INVITE":
            out.phone.put(out.inside("ACK", b"", answer.cseq))
        with pytest.raises(AssertionError):
            await out.phone.expect("BYE", within=0.25)
    await end(out, inward, office)


@pytest.mark.parametrize("status", [481, 408])
async def test_a_refresh_that_finds_nobody(
    line: Line, office: OfficeInProcess, status: int
) -> None:
    out, inward = await talking(line, answer="1800;refresher=uac")
    respond(inward.phone, await inward.phone.expect("INVITE"), status)
    await out.over()
    await office.row()


async def test_a_refresh_that_is_refused_proves_that_somebody_is_there(
    line: Line, office: OfficeInProcess
) -> None:
    out, inward = await talking(line, answer="1800;refresher=uac")
    for _ in range(3):
        respond(inward.phone, await inward.phone.expect("INVITE"), 488)
        await inward.phone.expect("ACK")
    assert not out.phone.got("BYE")
    await end(out, inward, office)


async def test_the_far_side_wants_longer(line: Line, office: OfficeInProcess) -> None:
    """Our INVITE gets 422: asked for again with his Min-SE, in the same call."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    respond(piotr, inward.invite, 422, b"", ("Min-SE", "3600"), tag="refused")
    await piotr.expect("ACK")
    request = await piotr.expect("INVITE")
    assert request.get("Call-ID") == inward.invite.get("Call-ID")
    assert request.cseq == inward.invite.cseq + 1
    assert (request.get("Session-Expires"), request.get("Min-SE")) == ("3600", "3600")
    assert request.body == inward.invite.body
    inward.invite = request
    accept(inward, None, expires("3600;refresher=uas"))
    await piotr.expect("ACK")
    await out.answered()
    await end(out, inward, office)


async def test_ever_longer_is_given_up(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102")
    inward = await piotr.rung()
    request = inward.invite
    for least in ("3600", "7200", "9000"):
        respond(piotr, request, 422, b"", ("Min-SE", least), tag=f"refused{least}")
        await piotr.expect("ACK")
        if least != "9000":
            request = await piotr.expect("INVITE")
    await out.status(480)
    await office.row()


async def test_a_refresh_that_is_too_brief_is_made_longer(
    line: Line, office: OfficeInProcess
) -> None:
    allow = ("Allow", "INVITE, UPDATE")
    out, inward = await talking(line, TIMER, expires("1800;refresher=uas"), allow)
    respond(out.phone, await out.phone.expect("UPDATE"), 422, b"", ("Min-SE", "4000"))
    again = await out.phone.expect("UPDATE")
    assert (again.get("Session-Expires"), again.get("Min-SE")) == ("4000;refresher=uac", "4000")
    respond(out.phone, again, 200, b"", expires("4000;refresher=uac"))
    await end(out, inward, office)
