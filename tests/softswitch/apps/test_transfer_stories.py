"""Transfers by chance: four phones refer each other at any moment, and nobody is left over.

Each story is a talk in which whoever is up refers, holds, or hangs up, while other phones answer,
refuse or only ring. At the end everybody hangs up, and nothing of the calls may be left; each
history row has its end and says that there was a talk. Here the real media worker and the real
clock; very many more in virtual time: `fuzz/calls`.
"""

import asyncio
import random
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import settings

from softswitch.apps import handover
from softswitch.store.fold import Result, fold
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.helpers.office_people import names
from tests.softswitch.calls.test_talk import connected

SEED = 20_261_123
# Stories: each day, and when many examples are asked for.
FEW, MANY = 24, 120
PEOPLE = ("101", "102", "103", "104")
TARGETS = (*PEOPLE, "320", "301", "345", "nobody")


@pytest.fixture(autouse=True)
def short_rings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(handover, "RING_SECONDS", 0.2)
    monkeypatch.setattr(handover, "RETURN_SECONDS", 0.2)
    return iter(())


class Room:
    """Four phones, and what they may do."""

    def __init__(self, phones: list[Phone], chance: random.Random) -> None:
        self.phones, self.chance = phones, chance
        for phone in phones:
            phone.rings = self.rings

    def rings(self, call: Call) -> None:
        """Some answer at once, some refuse, some only ring."""
        call.ring()
        plan = self.chance.choice(("answer", "answer", "answer", "refuse", "ring"))
        if plan == "answer":
            call.answer()
        elif plan == "refuse":
            call.answer(self.chance.choice((486, 603)))

    def up(self) -> list[Call]:
        """Every call that a phone believes to be up; it may be over for the switch."""
        calls = [call for phone in self.phones for call in phone._calls.values()]
        return [call for call in calls if (call.final if call.is_outgoing else call.is_answered)]

    async def act(self) -> None:
        call = self.chance.choice(self.up())
        kind = self.chance.choice(("refer", "refer", "refer", "attended", "bye", "hold"))
        if kind == "bye":
            call.bye()
        elif kind == "hold":
            call.phone.send(call.inside("INVITE", call.phone.offer("sendonly", version=7)))
        elif kind == "attended":
            own = [one for one in self.up() if one.phone is call.phone and one is not call]
            self.refer(call, self.chance.choice(own or self.up()))
        else:
            self.refer(call)
        await asyncio.sleep(self.chance.choice((0.0, 0.001, 0.01, 0.05, 0.3)))

    def refer(self, call: Call, replaced: Call | None = None, target: str | None = None) -> None:
        request = call.inside("REFER")
        uri = f"sip:{target or self.chance.choice(TARGETS)}@{call.phone.domain}"
        if replaced is not None:
            uri += f"?Replaces={quote(names(replaced), safe='')}"
        request.headers.append(("Refer-To", f"<{uri}>"))
        call.phone.send(request)

    async def everybody_leaves(self, office: OfficeInProcess) -> None:
        def refuse(call: Call) -> None:
            call.answer(486)

        for phone in self.phones:
            phone.rings = refuse
        for _ in range(100):
            for call in self.up():
                call.bye()
            await asyncio.sleep(0.1)
            if not office.left():
                return


async def test_property_stories(line: Line, office: OfficeInProcess) -> None:
    phones = [await line.phone(one) for one in PEOPLE]
    stories = MANY if settings().max_examples > 1000 else FEW
    for number in range(stories):
        room = Room(phones, random.Random(SEED + number))
        began = len(office.calls())
        first, second = room.chance.sample(phones[:3], 2)
        for phone in phones:
            phone.rings = None
        _, called = await connected(first, second)
        asked = (await connected(second, phones[3]))[0] if number % 2 else None
        # What chance alone may leave out, in a run whose moments the machine decides.
        if number % 8 == 1:
            room.refer(called, asked)
        elif number % 8 == 2:
            room.refer(called, target="nobody")
            called.bye()
        for phone in phones:
            phone.rings = room.rings
        for _ in range(room.chance.randint(1, 4)):
            await room.act()
        await room.everybody_leaves(office)
        await office.calm()
        for call in office.calls()[began:]:
            row = fold(office.story(call))
            assert row.ended is not None and row.result is Result.TALKED, (number, row)
            kinds = [event.kind for event in office.story(call)]
            assert kinds.count("bridge.started") == kinds.count("bridge.ended"), (number, kinds)
        for phone in phones:
            phone.inbox.clear()
            phone._calls.clear()
    how = [event.data["how"] for event in office.events if event.kind == "transfer"]
    assert how.count("blind") > stories / 2 and "attended" in how
    assert any(event.kind == "transfer.returned" for event in office.events)
