"""What lamps and presence show of what people set for themselves."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from softswitch.office.codes import Setting
from softswitch.presence.rights import find_thing
from softswitch.presence.things import DIALOG, PRESENCE, SUMMARY, Thing, own_switch
from softswitch.sip.subscription import EventPackage
from softswitch.wiring import Server
from tests.helpers.hand_phone import Phone
from tests.helpers.office_fixtures import Line
from tests.softswitch.presence.desk import OFFICE
from tests.softswitch.presence.test_room import states, subscribe, told, unsubscribe


@pytest.mark.parametrize(
    ("package", "user", "found"),
    [
        (DIALOG, "*26", own_switch("101", Setting.DND)),
        (DIALOG, "*21", own_switch("101", Setting.FORWARD_ALL)),
        (DIALOG, "*22", own_switch("101", Setting.ABSENT)),
        (DIALOG, "*43", 404),  # the usual state
        (DIALOG, "*26*1700", 404),
        (DIALOG, "#26", 404),
        (DIALOG, "*99", 404),
        (PRESENCE, "*26", 404),
        (SUMMARY, "*26", 404),
    ],
)
def test_a_codes_address_is_the_watchers_own(
    package: EventPackage, user: str, found: Thing | int
) -> None:
    assert find_thing(OFFICE, "101", package, user) == found


def put(line: Line, extension: str, setting: Setting, is_on: bool, seconds: float = 0.0) -> None:
    until = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
    line.office.ask(lambda server: server.desk.standing.set(extension, setting, is_on, until=until))


async def test_the_lamp_of_a_code_and_of_the_person(line: Line) -> None:
    """His own key lights, his colleagues see him busy; both end by themselves at the time."""
    anna, piotr = await line.phone("101"), await line.phone("102")
    own = await subscribe(anna, "*26", "dialog")
    assert await states(anna) == []
    seen = await subscribe(piotr, "101", "dialog")
    assert await states(piotr) == []
    put(line, "101", Setting.DND, True, seconds=1.0)
    assert await states(anna) == ["confirmed"]
    notify = await told(piotr)
    assert "confirmed" in notify.body.decode()
    assert "<remote>" not in notify.body.decode()
    assert await states(anna) == ["terminated"]
    assert await states(piotr) == ["terminated"]
    await unsubscribe(anna, own, "dialog")
    await unsubscribe(piotr, seen, "dialog")
    assert not any(line.office.ask(lambda server: server.presence.dump()).values())


async def shown(phone: Phone, dialog: str, state: str) -> str:
    """The first NOTIFY that tells this state of a dialog."""
    while True:
        body = (await told(phone)).body.decode()
        if re.search(f'id="{dialog}".*?<state>{state}', body, re.DOTALL):
            return body


async def test_a_call_shows_itself_over_do_not_disturb(line: Line) -> None:
    anna, watcher = await line.phone("101"), await line.phone("104")
    put(line, "101", Setting.DND, True)
    lit = line.office.ask(lambda s: s.presence.lamps.dialogs(own_switch("101", "dnd")))[0].id
    first = await subscribe(watcher, "101", "dialog")
    await shown(watcher, lit, "confirmed")
    call = await (await anna.dial("600")).answered()
    assert 'direction="initiator"' in await shown(watcher, lit, "terminated")
    call.bye()
    await shown(watcher, lit, "confirmed")
    put(line, "101", Setting.DND, False)
    await shown(watcher, lit, "terminated")
    await unsubscribe(watcher, first, "dialog")


async def test_presence_says_why(line: Line) -> None:
    _, watcher = await line.phone("101"), await line.phone("104")
    first = await subscribe(watcher, "101", "presence")
    assert "<basic>open</basic>" in (await told(watcher)).body.decode()
    put(line, "101", Setting.DND, True)
    body = (await told(watcher)).body.decode()
    assert "<basic>open</basic>" in body
    assert "<note>Do not disturb</note>" in body
    assert "<rpid:busy/>" in body
    put(line, "101", Setting.ABSENT, True)
    body = (await told(watcher)).body.decode()
    assert "<basic>closed</basic>" in body
    assert "<note>Absent</note>" in body
    for setting in (Setting.ABSENT, Setting.DND):
        put(line, "101", setting, False)
        await told(watcher)
    await unsubscribe(watcher, first, "presence")


async def test_the_lamp_of_who_has_left_some_queues_blinks(line: Line) -> None:
    """It rings, for a phone; and a lamp that is lit is another dialog than one that blinks."""
    marta = await line.phone("121")
    own = await subscribe(marta, "*30", "dialog")
    assert await states(marta) == []

    def says(is_on: bool, left: str = "") -> None:
        def put(server: Server) -> None:
            server.desk.standing.set("121", Setting.AGENT, is_on, target=left)

        line.office.ask(put)

    says(True, "reception")
    assert await states(marta) == ["early"]
    says(False)
    assert await states(marta) == ["terminated", "confirmed"]
    says(True, "reception")
    assert await states(marta) == ["terminated", "early"]
    says(True)
    assert await states(marta) == ["terminated"]
    await unsubscribe(marta, own, "dialog")
