"""Transfers by the switch itself, and REFERs of odd kinds, in virtual time."""

import asyncio
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from softswitch.apps.transfer_call import How, cancel, complete, transfer_call
from tests.helpers.hand_phone import Call
from tests.helpers.virtual_office import VirtualOffice, virtual_office
from tests.softswitch.apps.test_talk_codes import answer, from_outside, told
from tests.softswitch.calls.test_talk import connected


@pytest.fixture
def office() -> Iterator[VirtualOffice]:
    with virtual_office() as running:
        yield running
        running.check_calm()


def test_blind(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, ewa = await office.phone("102"), await office.phone("104")
        out, inward = await from_outside(office, piotr)
        asking = asyncio.create_task(
            transfer_call(office.server.desk, office.calls()[-1], "102", "104")
        )
        new = await answer(ewa)
        assert (await asking).is_done
        await inward.over()
        await office.until(lambda: office.hears(out, new), "they talk")
        out.bye()
        await new.over()

    office.do(story())


@pytest.mark.parametrize("word", [complete, cancel])
def test_attended(office: VirtualOffice, word: object) -> None:
    async def story() -> None:
        desk = office.server.desk
        piotr, ewa = await office.phone("102"), await office.phone("104")
        out, inward = await from_outside(office, piotr)
        call = office.calls()[-1]
        asking = asyncio.create_task(transfer_call(desk, call, "102", "104", How.ATTENDED))
        asked = await answer(ewa)
        assert (await asking).is_done
        assert office.hears(inward, asked) and office.music_for(out)
        assert word(desk, call) is True  # type: ignore[operator]
        stays = asked if word is complete else inward
        await office.until(lambda: office.hears(out, stays), "they talk")
        assert word(desk, call) is False  # type: ignore[operator]
        out.bye()
        await stays.over()

    office.do(story())


@pytest.mark.parametrize("how", list(How))
@pytest.mark.parametrize(
    ("who", "target", "status"),
    [("102", "345", 404), ("102", "103", 480), ("104", "101", 404), ("102", "104", 486)],
)
def test_what_cannot_be_done_is_told(
    office: VirtualOffice, how: How, who: str, target: str, status: int
) -> None:
    async def story() -> None:
        desk = office.server.desk
        piotr, ewa = await office.phone("102"), await office.phone("104")
        ewa.rings = lambda call: call.answer(486)
        out, inward = await from_outside(office, piotr)
        result = await transfer_call(desk, office.calls()[-1], who, target, how)
        assert result.status == status
        assert (await transfer_call(desk, "no such call", "102", "104")).status == 404
        await asyncio.sleep(3)
        assert office.hears(out, inward)
        out.bye()
        await inward.over()

    office.do(story())


def test_outside_by_the_next_server(office: VirtualOffice) -> None:
    """RFC 3263 4.3: the first server of the trunk says nothing at all."""

    async def story() -> None:
        desk = office.server.desk
        anna, piotr = await office.phone("101"), await office.phone("102")
        provider = await office.provider()
        out, inward = await connected(anna, piotr)
        ((trunk, hop),) = desk.trunks.ways_out()
        dead = replace(hop, port=hop.port + 1000)
        desk.trunks.ways_out = lambda: [(trunk, dead), (trunk, hop)]  # type: ignore[method-assign]
        asking = asyncio.create_task(transfer_call(desk, office.calls()[-1], "102", "601202303"))
        far = await provider.expect("INVITE", within=40)
        call = provider._calls[far.get("Call-ID")]
        call.answer()
        assert (await asking).is_done
        await office.until(lambda: office.hears(out, call), "they talk")
        out.bye()
        await call.over()

    office.do(story())
    assert [e.data["key"] for e in office.events if e.kind == "ring.started"][1:] == [
        "operator",
        "operator",
    ]


def test_who_waited_has_left(office: VirtualOffice) -> None:
    async def story() -> None:
        piotr, ewa = await office.phone("102"), await office.phone("104")
        out, inward = await from_outside(office, piotr)
        call = office.calls()[-1]
        asking = asyncio.create_task(transfer_call(office.server.desk, call, "102", "104"))
        await ewa.rung()
        second = await transfer_call(office.server.desk, call, "102", "103")
        assert second.status == 491
        out.bye()
        assert (await asking).status == 487

    office.do(story())


# --- REFERs ---


async def refer(call: Call, refer_to: str, *headers: tuple[str, str]) -> int:
    request = call.inside("REFER")
    request.headers += [("Refer-To", refer_to), *headers]
    call.phone.send(request)
    return (await call.phone.expect(branch=request.branch, final=True)).status


@pytest.mark.parametrize(
    ("refer_to", "status"),
    [
        ("<tel:+48-601-202-303>", 202),
        ("<tel:104;phone-context=kancelaria.example>", 202),
        ("<sip:104@a;method=INVITE>", 202),
        ("<sip:104@a;method=invite>", 202),
        ("sip:104@a;method=INVITE", 202),
        ("<sip:104@a;method=BYE>", 501),
        ("<sip:104@a;method=SUBSCRIBE>", 501),
        ("<mailto:jan@a>", 202),
        ("<urn:service:sos>", 202),
    ],
)
def test_a_refer_to_of_any_kind(office: VirtualOffice, refer_to: str, status: int) -> None:
    async def story() -> None:
        piotr = await office.phone("102")
        out, inward = await from_outside(office, piotr)
        client = out.phone
        client.rings = lambda call: call.answer(486)
        assert await refer(inward, refer_to) == status
        await asyncio.sleep(4)
        assert office.hears(out, inward)
        out.bye()
        await inward.over()

    office.do(story())


@pytest.mark.parametrize(
    ("value", "noted"),
    [
        ("<sip:102@office.example>;cid=1", "sip:102@office.example"),
        ('"Piotr" <sip:102@office.example>', "sip:102@office.example"),
        ("<<<", None),
        (f"<sip:{'x' * 300}@a>", None),
    ],
)
def test_who_referred_is_noted(office: VirtualOffice, value: str, noted: str | None) -> None:
    async def story() -> None:
        anna, piotr = await office.phone("101"), await office.phone("102")
        out, inward = await connected(anna, piotr)
        assert await refer(inward, "<sip:345@a>", ("Referred-By", value)) == 202
        await asyncio.sleep(3)
        out.bye()
        await inward.over()

    office.do(story())
    assert told(office, "transfer").get("referred_by") == noted


@pytest.mark.parametrize("target", ["102", "101"])
def test_to_himself_and_to_the_other_one(office: VirtualOffice, target: str) -> None:
    """102 sends 101 to 102, or to 101: nobody is lost by it."""

    async def story() -> None:
        anna, piotr = await office.phone("101"), await office.phone("102")
        out, inward = await connected(anna, piotr)
        assert await refer(inward, f"<sip:{target}@a>") == 202
        if target == "102":
            again = await answer(piotr)
            await inward.over()
            await office.until(lambda: office.hears(out, again), "they talk")
            inward = again
        await asyncio.sleep(3)
        assert office.hears(out, inward)
        out.bye()
        await inward.over()

    office.do(story())


def test_both_refer_at_once(office: VirtualOffice) -> None:
    async def story() -> None:
        anna, piotr, ewa = [await office.phone(one) for one in ("101", "102", "104")]
        out, inward = await connected(anna, piotr)
        statuses = await asyncio.gather(refer(out, "<sip:104@a>"), refer(inward, "<sip:104@a>"))
        assert sorted(statuses) == [202, 491]
        new = await answer(ewa)
        referrer, stays = (out, inward) if statuses[0] == 202 else (inward, out)
        await referrer.over()
        await office.until(lambda: office.hears(stays, new), "they talk")
        stays.bye()
        await new.over()

    office.do(story())


def test_a_phone_that_answers_no_notify(office: VirtualOffice) -> None:
    """The NOTIFYs are repeated and given up; the transfer does not care."""

    async def story() -> None:
        piotr, ewa = await office.phone("102"), await office.phone("104")
        out, inward = await from_outside(office, piotr)
        assert await refer(inward, "<sip:104@a>") == 202
        new = await answer(ewa)
        await inward.over()
        await asyncio.sleep(60)
        assert office.hears(out, new)
        out.bye()
        await new.over()

    office.do(story())
