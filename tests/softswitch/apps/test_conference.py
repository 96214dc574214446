"""Conferences with phones played by hand: who comes in, who meets, who is left alone."""

import asyncio

import pytest

from media.api import Bridge
from softswitch.apps import conference_room
from softswitch.store.fold import Result, fold
from softswitch.wiring import Server
from tests.helpers.hand_phone import Call
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess


@pytest.fixture(autouse=True)
def a_story_of_its_own(office: OfficeInProcess) -> None:
    office.events.clear()


async def joined(line: Line, office: OfficeInProcess, extension: str, people: int) -> Call:
    call = await (await line.phone(extension)).dial("351")
    await call.answered()

    def is_in() -> bool:
        return office.ask(lambda server: len(server.desk.conferences.get("open", ()))) == people

    await office.until(is_in, f"{people} are in")
    return call


def left(office: OfficeInProcess) -> dict[str, tuple[object, object]]:
    """Who left, by number: the outcome, and whether he met somebody."""
    found = {}
    for call in office.calls():
        story = office.story(call)
        number = story[0].data["number"]
        for event in story:
            if event.kind == "conference.left":
                found[number] = (event.data["outcome"], event.data["met"])
    return found


async def key(call: Call, digits: str) -> None:
    for digit in digits:
        info = call.inside("INFO", f"Signal={digit}\r\nDuration=100\r\n".encode())
        info.headers = [h for h in info.headers if h[0] != "Content-Type"]
        info.headers.append(("Content-Type", "application/dtmf-relay"))
        await call.phone.ask(info)


async def test_three_meet_and_each_row_says_so(line: Line, office: OfficeInProcess) -> None:
    calls = [await joined(line, office, one, n + 1) for n, one in enumerate(("101", "102", "104"))]
    for call in calls:
        call.bye()
    await office.calm()
    assert left(office) == {one: ("left", True) for one in ("101", "102", "104")}
    rows = [fold(office.story(call)) for call in office.calls()]
    assert {(row.result, row.handled_by) for row in rows} == {(Result.TALKED, "open")}
    assert not office.ask(lambda server: server.desk.conferences)


async def test_who_is_left_alone_is_hung_up(
    line: Line, office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conference_room, "AFTERWARDS", 0.3)
    anna, piotr = await joined(line, office, "101", 1), await joined(line, office, "102", 2)
    anna.bye()
    await piotr.over()
    await office.calm()
    assert left(office) == {"101": ("left", True), "102": ("talked", True)}


async def test_a_new_one_may_come_while_somebody_waits(
    line: Line, office: OfficeInProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conference_room, "AFTERWARDS", 3.0)
    anna, piotr = await joined(line, office, "101", 1), await joined(line, office, "102", 2)
    anna.bye()
    ewa = await joined(line, office, "104", 2)
    await asyncio.sleep(3.2)
    assert office.ask(lambda server: len(server.desk.conferences["open"])) == 2
    piotr.bye()
    ewa.bye()


async def test_the_pin_lets_in_and_nobody_came(line: Line, office: OfficeInProcess) -> None:
    call = await (await line.phone("101")).dial("350")
    await call.answered()
    await key(call, "4711")
    # One second alone, then the safe place: a mailbox.
    await office.until(lambda: left(office) == {"101": ("alone", False)}, "he is let go")
    call.bye()
    await office.calm()
    text = str([event.data for event in office.story(office.calls()[0])])
    assert "4711" not in text


async def test_a_wrong_pin_is_led_to_safety(line: Line, office: OfficeInProcess) -> None:
    call = await (await line.phone("101")).dial("350")
    await call.answered()
    for _ in range(3):
        await key(call, "0000")
    await office.until(lambda: "conference.refused" in office.kinds(), "he is refused")
    call.bye()
    await office.calm()
    assert not left(office)


async def test_a_full_room_takes_nobody(line: Line, office: OfficeInProcess) -> None:
    phones = [await line.phone(one) for one in ("101", "102", "104", "121")]
    calls = []
    for phone in phones:
        call = await phone.dial("352")
        await call.answered()
        calls.append(call)
    await office.until(lambda: left(office).get("121") == ("full", False), "there is no place")
    for call in calls:
        call.bye()
    await office.calm()


async def test_nobody_hears_a_muted_one(line: Line, office: OfficeInProcess) -> None:
    calls = [await joined(line, office, one, n + 1) for n, one in enumerate(("101", "102", "104"))]

    def mute(server: Server) -> list[bool]:
        room = server.desk.conferences["open"]
        sent: list[Bridge] = []
        send, room._sounds._media.send = room._sounds._media.send, sent.append  # type: ignore
        leg = room._members[1]
        for is_muted in (True, False):
            room.mute(leg, is_muted)
        room._sounds._media.send = send  # type: ignore[method-assign]
        return [bridge.muted == (leg.sound.leg,) for bridge in sent]

    assert office.ask(mute) == [True, False]
    for call in calls:
        call.bye()
    await office.calm()
