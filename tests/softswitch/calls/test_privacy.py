"""Asserted identities: believed of trunks, sent to trunks, never believed of phones (RFC 3325)."""

from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess

PAI = "P-Asserted-Identity"
OWN, OUTSIDE = "+48221234567", "600100200"
LIAR = (PAI, '"Prezes" <sip:+48999999999@127.0.0.1>')


async def outward(line: Line, *lines: tuple[str, str]) -> tuple[Call, Call]:
    anna, provider = await line.phone("101"), await line.provider()
    out = await anna.dial(OUTSIDE, None, *lines)
    return out, await provider.rung()


async def drop(out: Call, inward: Call) -> None:
    inward.answer(486)
    await out.status(486)


async def test_a_trunk_is_told_our_number(line: Line, office: OfficeInProcess) -> None:
    out, inward = await outward(line)
    assert f"sip:{OWN}@" in inward.invite.get(PAI)
    assert f"sip:{OWN}@" in inward.invite.get("From")
    assert not inward.invite.get("Privacy")
    await drop(out, inward)


async def test_who_hides_is_anonymous_outward(line: Line, office: OfficeInProcess) -> None:
    out, inward = await outward(line, ("Privacy", "id"))
    assert inward.invite.get("From").startswith('"Anonymous" <sip:anonymous@anonymous.invalid>')
    assert inward.invite.get("Privacy") == "id"
    assert f"sip:{OWN}@" in inward.invite.get(PAI), "the provider must know, and will not tell"
    assert "101" not in inward.invite.get("From") + inward.invite.get(PAI)
    await drop(out, inward)


async def test_a_phone_is_not_believed(line: Line, office: OfficeInProcess) -> None:
    out, inward = await outward(line, LIAR)
    assert all("999999999" not in value for _, value in inward.invite.headers)
    await drop(out, inward)
    anna, piotr = await line.phone("103"), await line.phone("102")
    out = await anna.dial("102", None, LIAR, ("P-Preferred-Identity", "<sip:900@x>"))
    inward = await piotr.rung()
    assert "sip:103@" in inward.invite.get("From")
    assert not inward.invite.get(PAI) and not inward.invite.get("P-Preferred-Identity")
    inward.answer(486)
    await out.status(486)


async def test_a_colleague_who_hides(line: Line, office: OfficeInProcess) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    out = await anna.dial("102", None, ("Privacy", "user;id"))
    inward = await piotr.rung()
    assert "anonymous.invalid" in inward.invite.get("From")
    inward.answer(486)
    await out.status(486)
    assert (await office.row()).number == "101", "the office's own history knows"


async def test_a_trunk_is_believed(line: Line, office: OfficeInProcess) -> None:
    provider, piotr = await line.provider(), await line.phone("102")
    out = await provider.dial("+48221234570", None, (PAI, "<sip:+48511222333@provider>"))
    inward = await piotr.rung()
    assert "511222333" in inward.invite.get("From")
    out.cancel()
    await out.status(487)
    await inward.over()


async def test_a_trunk_hides_its_caller(line: Line, office: OfficeInProcess) -> None:
    provider, piotr = await line.provider(), await line.phone("102")
    lines = ((PAI, "<sip:+48511222333@provider>"), ("Privacy", "id"))
    out = await provider.dial("+48221234570", None, *lines)
    inward = await piotr.rung()
    assert all("511222333" not in value for _, value in inward.invite.headers)
    assert "anonymous.invalid" in inward.invite.get("From")
    out.cancel()
    await out.status(487)
    await inward.over()
