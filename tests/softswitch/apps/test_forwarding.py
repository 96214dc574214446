"""A call for one person, over what people have set, with phones: to whom it comes, what is left.

101 is 'who calls' in most tests, 102 the one with a forward, 104 has 102 as deputy.
"""

import asyncio
from collections.abc import Iterator

import pytest

from softswitch.apps import confirm
from softswitch.office.codes import Setting
from softswitch.store.fold import Result
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import MAILBOX, SHORT, OfficeInProcess
from tests.helpers.rehearsal import press

MOBILE = "+48600100200"


@pytest.fixture(autouse=True)
def nothing_is_set(office: OfficeInProcess) -> Iterator[None]:
    """Each test leaves the people as it found them."""
    yield

    def clear(server: object) -> None:
        standing = office.server.desk.standing
        for extension, setting in list(standing._records):
            standing.set(extension, setting, setting is Setting.CALL_WAITING)

    office.ask(clear)


def put(office: OfficeInProcess, extension: str, setting: Setting, target: str = "") -> None:
    office.ask(
        lambda server: server.desk.standing.set(extension, setting, True, target=target or None)
    )


async def talk_and_end(out: Call, rung: Call) -> None:
    rung.answer()
    await out.answered()
    out.bye()
    await rung.over()


async def test_every_call_forwarded(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    put(office, "102", Setting.FORWARD_ALL, "104")
    out = await anna.dial("102")
    await talk_and_end(out, await ewa.rung())
    assert not piotr.got("INVITE")
    row = await office.row()
    assert (row.result, row.handled_by, row.forwarded) == (Result.TALKED, "104", "102 > 104")


@pytest.mark.parametrize(
    ("setting", "status"),
    [
        (Setting.FORWARD_BUSY, 486),
        (Setting.FORWARD_UNREACHABLE, 480),
        (Setting.FORWARD_NO_ANSWER, None),
    ],
)
async def test_a_forward_for_what_failed(
    line: Line, office: OfficeInProcess, setting: Setting, status: int | None
) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    office.ask(
        lambda server: server.desk.standing.set("102", setting, True, target="104", seconds=0.5)
    )
    out = await anna.dial("102")
    first = await piotr.rung()
    if status is None:
        first.ring()
        await first.over()
    else:
        first.answer(status)
    await talk_and_end(out, await ewa.rung())
    assert (await office.row()).forwarded == "102 > 104"


async def test_no_phone_at_all_is_unreachable(line: Line, office: OfficeInProcess) -> None:
    anna, ewa = await line.phone("101"), await line.phone("104")
    put(office, "102", Setting.FORWARD_UNREACHABLE, "104")
    await talk_and_end(await anna.dial("102"), await ewa.rung())


async def test_a_chain_is_followed(line: Line, office: OfficeInProcess) -> None:
    anna, marta = await line.phone("101"), await line.phone("121")
    put(office, "102", Setting.FORWARD_ALL, "104")
    put(office, "104", Setting.FORWARD_UNREACHABLE, "121")
    await talk_and_end(await anna.dial("102"), await marta.rung())
    assert (await office.row()).forwarded == "102 > 104 > 121"


async def test_a_circle_is_no_answer(line: Line, office: OfficeInProcess) -> None:
    anna = await line.phone("101")
    put(office, "102", Setting.FORWARD_ALL, "104")
    put(office, "104", Setting.FORWARD_ALL, "102")
    final = await (await anna.dial("102")).status(480)
    assert "cause=19" in final.get("Reason")
    row = await office.row()
    assert (row.result, row.forwarded) == (Result.NO_ANSWER, "102 > 104 > 102")


async def test_too_long_a_chain_is_no_answer(line: Line, office: OfficeInProcess) -> None:
    people = ["102", "103", "104", "121", "122", "123", "101"]
    for one, other in zip(people, people[1:], strict=False):
        put(office, one, Setting.FORWARD_ALL, other)
    anna, provider = await line.phone("101"), await line.provider()
    out = await (await provider.dial(SHORT)).answered()  # a mailbox, after all
    out.bye()
    await office.row()
    ends = [e.data for e in office.story(office.calls()[-1]) if e.kind == "ring.failed"]
    assert ends == [{"who": ["101"], "outcome": "no_answer", "why": "circle"}]
    assert not anna.got("INVITE")


async def test_a_circle_through_a_route_ends(line: Line, office: OfficeInProcess) -> None:
    """The route rings 102, who forwards to the route: after some rounds to its own exit."""
    put(office, "102", Setting.FORWARD_ALL, SHORT)
    provider = await line.provider()
    out = await provider.dial(SHORT)
    await out.answered()  # a mailbox
    out.bye()
    await office.row()
    assert 3 <= office.kinds().count("call.forwarded") <= 8


@pytest.mark.parametrize("target", ["300", MAILBOX])
async def test_to_a_queue_and_to_a_route(line: Line, office: OfficeInProcess, target: str) -> None:
    anna, marta = await line.phone("101"), await line.phone("121")
    put(office, "102", Setting.FORWARD_ALL, target)
    out = await (await anna.dial("102")).answered()
    if target == "300":
        rung = await marta.rung()
        rung.answer()
        await office.until(lambda: "bridge.started" in office.kinds(), "they talk")
        out.bye()
        await rung.over()
        row = await office.row()
        assert (row.queue, row.handled_by) == ("reception", "121")
    else:
        out.bye()
        assert (await office.row()).forwarded == f"102 > {MAILBOX}"


async def test_to_a_group(line: Line, office: OfficeInProcess) -> None:
    put(office, "104", Setting.FORWARD_ALL, "320")  # 101 and 102
    marta, piotr = await line.phone("121"), await line.phone("102")
    await talk_and_end(await marta.dial("104"), await piotr.rung())


async def test_whoever_calls_are_forwarded_to_reaches_him(
    line: Line, office: OfficeInProcess
) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    put(office, "102", Setting.FORWARD_ALL, "101")
    await talk_and_end(await anna.dial("102"), await piotr.rung())
    assert (await office.row()).forwarded is None


# --- to a phone outside ---


def nothing_of_the_mobile(phone: Phone) -> None:
    """In no message to the caller."""
    for message in phone.inbox:
        assert MOBILE[3:] not in message.to_bytes().decode(), message.to_bytes().decode()


async def test_to_a_mobile_whose_owner_takes_the_call(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    put(office, "102", Setting.FORWARD_ALL, MOBILE)
    seen: list[bytes] = []
    anna.fate = lambda message: seen.append(message.to_bytes()) or 1
    out = await anna.dial("102")
    rung = await provider.rung()
    assert "+48221234567" in rung.invite.get("From"), "the office's own number"
    assert "101" not in rung.invite.get("From")
    provider.answer(rung.invite, 183, provider.offer(), rung.tag)
    assert not (await out.status(180)).body, "no early sound of the mobile's provider"
    rung.answer()
    await provider.expect("ACK")
    await office.until(lambda: provider.rtp > 5, "the question is put")
    assert not anna.got(200), "the caller hears ringing meanwhile"
    await press(rung, "1")
    await out.answered()
    rung.bye()
    await out.over()
    row = await office.row()
    assert (row.result, row.handled_by) == (Result.TALKED, "102")
    assert row.forwarded == "102 > 102 outside"
    assert not any(b"600100200" in one for one in seen), "the caller learns nothing of it"


@pytest.mark.parametrize("key", ["", "5"])
async def test_a_voicemail_of_the_mobile_is_no_answer(
    line: Line, office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(confirm, "KEY_SECONDS", 0.1)
    anna, provider = await line.phone("101"), await line.provider()
    put(office, "102", Setting.FORWARD_ALL, MOBILE)
    out = await anna.dial("102")
    rung = await provider.rung()
    rung.answer()
    if key:
        await provider.expect("ACK")
        await press(rung, key)
    await rung.over()
    await out.status(480)
    assert (await office.row()).result is Result.NO_ANSWER


@pytest.mark.parametrize("moment", ["looked for", "rings", "is asked"])
async def test_the_caller_gives_up(line: Line, office: OfficeInProcess, moment: str) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    put(office, "102", Setting.FORWARD_ALL, MOBILE)
    out = await anna.dial("102")
    rung = await provider.rung()
    if moment != "looked for":
        rung.ring()
        await out.status(180)
    if moment == "is asked":
        rung.answer()
        await provider.expect("ACK")
    out.cancel()
    await out.status(487)
    await rung.over()
    assert (await office.row()).result is Result.ABANDONED


async def test_the_mobile_hangs_up_while_it_is_asked(line: Line, office: OfficeInProcess) -> None:
    anna, provider = await line.phone("101"), await line.provider()
    put(office, "102", Setting.FORWARD_ALL, MOBILE)
    out = await anna.dial("102")
    rung = await provider.rung()
    rung.answer()
    await provider.expect("ACK")
    rung.bye()
    await out.status(480)
    await office.row()


@pytest.mark.parametrize("target", ["+48700123456", "+442071838750"])
async def test_what_is_not_permitted_is_not_dialled(
    line: Line, office: OfficeInProcess, target: str
) -> None:
    """However it came into the store."""
    anna, provider = await line.phone("101"), await line.provider()
    put(office, "102", Setting.FORWARD_ALL, target)
    await (await anna.dial("102")).status(480)
    assert not provider.got("INVITE")


async def test_who_talks_outside_counts_as_busy(line: Line, office: OfficeInProcess) -> None:
    """So a mobile that forwards back to the office makes no endless circle."""
    anna, marta, ola = [await line.phone(one) for one in ("101", "121", "122")]
    provider = await line.provider()
    put(office, "102", Setting.FORWARD_ALL, MOBILE)
    outs = [await anna.dial("102"), await marta.dial("102")]
    rungs = [await provider.rung(), await provider.rung()]
    await (await ola.dial("102")).status(486)
    for out, rung in zip(outs, rungs, strict=True):
        out.cancel()
        await out.status(487)
        await rung.over()


async def test_nobody_outside_may_transfer(line: Line, office: OfficeInProcess) -> None:
    """He answers for 102, but a trunk's REFER would call at the office's cost."""
    anna, provider = await line.phone("101"), await line.provider()
    put(office, "102", Setting.FORWARD_ALL, MOBILE)
    out = await anna.dial("102")
    rung = await provider.rung()
    rung.answer()
    await provider.expect("ACK")
    await press(rung, "1")
    await out.answered()
    refer = rung.inside("REFER")
    refer.headers.append(("Refer-To", f"<sip:+48700123456@{provider.domain}>"))
    provider.send(refer)
    assert (await provider.expect(branch=refer.branch, final=True)).status == 403
    out.bye()
    await rung.over()


# --- do not disturb, absence, limit ---


async def test_do_not_disturb_is_busy_and_rings_no_group_and_no_queue(
    line: Line, office: OfficeInProcess
) -> None:
    marta, piotr, anna = [await line.phone(one) for one in ("121", "102", "101")]
    put(office, "102", Setting.DND)
    assert "cause=17" in (await (await marta.dial("102")).status(486)).get("Reason")
    out = await marta.dial("320")  # 101 and 102
    await talk_and_end(out, await anna.rung())
    put(office, "101", Setting.DND)
    out = await (await marta.dial("320")).answered()  # the safe place
    out.bye()
    await office.calm()
    put(office, "121", Setting.DND)
    ola = await line.phone("122")
    out = await (await anna.dial("300")).answered()  # 121 and 122 in order
    rung = await ola.rung()
    rung.answer()
    await ola.expect("ACK")
    out.bye()
    await rung.over()
    assert not marta.got("INVITE")
    assert not piotr.got("INVITE")


async def test_a_queue_of_nobody_who_is_there(line: Line, office: OfficeInProcess) -> None:
    await line.phone("123")
    put(office, "123", Setting.DND)
    out = await (await (await line.phone("101")).dial("301")).answered()
    out.bye()
    await office.row()
    outcomes = [
        e.data["outcome"] for e in office.story(office.calls()[-1]) if e.kind == "queue.left"
    ]
    assert outcomes == ["unreachable"]


async def test_do_not_disturb_with_a_mailbox(line: Line, office: OfficeInProcess) -> None:
    await line.phone("103")
    put(office, "103", Setting.DND)
    out = await (await (await line.phone("101")).dial("103")).answered()
    out.bye()
    await office.row()


async def test_the_deputy_takes_the_calls(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, ewa = [await line.phone(one) for one in ("101", "102", "104")]
    put(office, "104", Setting.ABSENT)
    await talk_and_end(await anna.dial("104"), await piotr.rung())
    assert (await office.row()).forwarded == "104 > 102"
    put(office, "102", Setting.DND)
    await (await anna.dial("104")).status(486)
    assert not ewa.got("INVITE")


async def test_who_is_absent_without_a_deputy(line: Line, office: OfficeInProcess) -> None:
    anna, _ = await line.phone("101"), await line.phone("102")
    put(office, "102", Setting.ABSENT)
    assert "cause=20" in (await (await anna.dial("102")).status(480)).get("Reason")


async def test_a_second_call_rings_and_a_third_finds_him_busy(
    line: Line, office: OfficeInProcess
) -> None:
    anna, marta, ola = [await line.phone(one) for one in ("101", "121", "122")]
    desk, mobile = await line.phone("102"), await line.phone("102")
    first = await anna.dial("102")
    at_desk, at_mobile = await desk.rung(), await mobile.rung()
    at_desk.answer()
    await first.answered()
    await at_mobile.over()
    second = await marta.dial("102")
    again = [await desk.rung(), await mobile.rung()]  # all his phones, the talking one too
    await (await ola.dial("102")).status(486)
    second.cancel()
    for call in again:
        await call.over()
    first.bye()
    await at_desk.over()
    await office.calm()
    office.ask(lambda s: s.desk.standing.set("102", Setting.CALL_WAITING, False))
    first = await anna.dial("102")
    at_desk, at_mobile = await desk.rung(), await mobile.rung()
    at_desk.answer()
    await first.answered()
    await at_mobile.over()
    await (await marta.dial("102")).status(486)
    first.bye()
    await at_desk.over()


async def test_a_group_skips_who_talks(line: Line, office: OfficeInProcess) -> None:
    anna, piotr, marta = [await line.phone(one) for one in ("101", "102", "121")]
    echo = await (await piotr.dial("600")).answered()
    out = await marta.dial("320")
    await talk_and_end(out, await anna.rung())
    assert not piotr.got("INVITE")
    echo.bye()


async def test_a_transfer_to_who_forwards(line: Line, office: OfficeInProcess) -> None:
    """Blind, to 102, whose calls go to the queue: the one who waits is led on there."""
    anna, ewa, marta = [await line.phone(one) for one in ("101", "104", "121")]
    put(office, "102", Setting.FORWARD_ALL, "300")
    out = await anna.dial("104")
    rung = await ewa.rung()
    rung.answer()
    await out.answered()
    await ewa.expect("ACK")
    refer = rung.inside("REFER")
    refer.headers.append(("Refer-To", f"<sip:102@{ewa.domain}>"))
    ewa.send(refer)
    await ewa.expect(202)
    ewa_notified = await ewa.expect("NOTIFY")
    ewa.answer(ewa_notified, 200)
    agent = await marta.rung()
    agent.answer()
    await marta.expect("ACK")
    out.bye()
    await agent.over()
    for _ in range(3):
        try:
            ewa.answer(await ewa.expect("NOTIFY", "BYE", within=0.5), 200)
        except AssertionError:
            break
        await asyncio.sleep(0)
    row = await office.row()
    assert row.queue == "reception"
