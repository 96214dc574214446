"""Parking and pick-up by chance: everybody parks, fetches, picks up and hangs up at any moment.

Half of the stories are told on a line that loses and repeats packets. Afterwards nothing is left of
any call, no slot is taken or lit, and each story of a call has the ends of what it began.
"""

import asyncio
import random
from collections.abc import Iterator

import pytest
from hypothesis import settings

from softswitch.apps import handover, park, parking_lot
from softswitch.presence.things import Kind, Thing
from softswitch.store.fold import fold
from softswitch.wiring import Server
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.softswitch.calls.test_stories import bad_line
from tests.softswitch.calls.test_talk import connected

SEED, ACTS = 20_261_124, 9
# Stories: each day, and when many examples are asked for.
FEW, MANY = 20, 150
PEOPLE = ("101", "102", "103", "104")
DIALLED: tuple[str, ...] = (
    *PEOPLE,
    *PEOPLE,
    "320",
    "321",
    "301",
    "701",
    "701",
    "701",
    "702",
    "701",
)
DIALLED += ("*7", "*7702", "*8", "*8320", "*8301", "*5102")
SLOTS = ("701", "702", "*7", "*7702", "*7")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    terms = parking_lot.Terms
    monkeypatch.setattr(parking_lot, "Terms", lambda _, music: terms(0.3, music))
    monkeypatch.setattr(park, "RETURN_SECONDS", 0.2)
    monkeypatch.setattr(park, "KEPT_SECONDS", 0.5)
    monkeypatch.setattr(handover, "RING_SECONDS", 0.2)
    monkeypatch.setattr(handover, "RETURN_SECONDS", 0.2)
    return iter(())


def is_ringing(call: Call) -> bool:
    """As far as the phone knows."""
    if call.is_outgoing or call.is_answered:
        return False
    name = call.invite.get("Call-ID")
    inbox = call.phone.inbox
    return not any(
        m.is_request and m.method == "CANCEL" and m.get("Call-ID") == name for m in inbox
    )


class Room:
    """Four phones, and what they may do."""

    def __init__(self, phones: list[Phone], chance: random.Random) -> None:
        self.phones, self.chance = phones, chance
        for phone in phones:
            phone.rings = self.rings

    def rings(self, call: Call) -> None:
        """Most only ring, so that there is something to pick up."""
        call.ring()
        dice = self.chance.random()
        if dice < 0.3:
            call.answer()
        elif dice < 0.4:
            call.answer(486)

    @property
    def calls(self) -> list[Call]:
        return [call for phone in self.phones for call in phone._calls.values()]

    def up(self) -> list[Call]:
        """Every call that a phone believes to be up; it may be over for the switch."""
        return [c for c in self.calls if (c.final if c.is_outgoing else c.is_answered)]

    def settle(self) -> None:
        """Acknowledge whatever came in for the calls that were dialled."""
        for call in self.calls:
            for message in call.phone.inbox:
                is_final = not message.is_request and message.status >= 200
                if call.final is None and is_final and message.branch == call.invite.branch:
                    self._settle(call, message)

    def _settle(self, call: Call, final: object) -> None:
        call.final = final  # type: ignore[assignment]
        assert call.final is not None
        if call.final.status == 200:
            call.ack()
        else:
            call.phone.acknowledge(call.invite, call.final)

    async def act(self) -> None:
        up = [call for call in self.up() if call.final is None or call.final.status == 200]
        kinds = ("dial", "dial", "dial", "dial", "park", "park", "bye", "cancel")
        kind = self.chance.choice(kinds)
        ringing = [call for call in self.calls if is_ringing(call)]
        if ringing and self.chance.random() < 0.6:
            await self._pick_up(self.chance.choice(ringing))
            return
        if kind == "dial" or not up:
            await self.chance.choice(self.phones).dial(self.chance.choice(DIALLED))
        elif kind == "cancel":
            for call in self.calls:
                if call.is_outgoing and call.final is None and self.chance.random() < 0.5:
                    call.cancel()
        elif kind == "bye":
            self.chance.choice(up).bye()
        else:
            call = self.chance.choice(up)
            request = call.inside("REFER")
            uri = f"sip:{self.chance.choice(SLOTS)}@{call.phone.domain}"
            request.headers.append(("Refer-To", f"<{uri}>"))
            call.phone.send(request)
        await asyncio.sleep(self.chance.choice((0.0, 0.001, 0.01, 0.05, 0.2)))
        self.settle()

    async def _pick_up(self, ringing: Call) -> None:
        """Two want it, and perhaps the phone that rings too."""
        number = f"*8{ringing.phone.user}"
        for phone in self.chance.sample(self.phones, 2):
            await phone.dial(number)
            if self.chance.random() < 0.2 and not ringing.is_answered:
                ringing.answer()
        await asyncio.sleep(self.chance.choice((0.0, 0.01, 0.1)))
        self.settle()

    async def everybody_leaves(self, office: OfficeInProcess) -> None:
        for phone in self.phones:
            phone.rings = lambda call: call.answer(486)
            phone.fate = lambda _: 1
        for _ in range(150):
            self.settle()
            for call in self.calls:
                if call.is_outgoing and call.final is None:
                    call.cancel()
            for call in self.up():
                call.bye()
            await asyncio.sleep(0.1)
            if not office.left():
                return


async def test_property_stories(line: Line, office: OfficeInProcess) -> None:
    phones = [await line.phone(one) for one in PEOPLE]
    stories = MANY if settings().max_examples > 1000 else FEW
    for number in range(stories):
        for phone in phones:
            phone.rings = None
        began = len(office.calls())
        await connected(phones[number % 4], phones[(number + 1) % 4])
        room = Room(phones, random.Random(SEED + number))
        for phone in phones:
            phone.fate = bad_line(room.chance) if number % 2 else lambda _: 1
        for _ in range(ACTS):
            await room.act()
        await room.everybody_leaves(office)
        await office.calm()
        for call in office.calls()[began:]:
            check(office, call, number)
        assert not office.ask(lit)
        for phone in phones:
            phone.inbox.clear()
            phone._calls.clear()
    kinds = [event.kind for event in office.events]
    assert kinds.count("park.started") >= stories / 5 and "pickup" in kinds


def lit(server: Server) -> list[str]:
    """The slots whose lamps are lit."""
    slots = [str(slot) for slot in range(701, 709)]
    return [slot for slot in slots if server.presence.lamps.is_lit(Thing(Kind.SWITCH, slot))]


def check(office: OfficeInProcess, call: str, number: int) -> None:
    """What began in a story has ended in it."""
    story = office.story(call)
    kinds = [event.kind for event in story]
    assert fold(story).ended is not None, (number, kinds)
    assert kinds.count("call.ended") == 1, (number, kinds)
    for kind in ("bridge", "park"):
        assert kinds.count(f"{kind}.started") == kinds.count(f"{kind}.ended"), (number, kinds)
