"""A hundred short stories by chance, on a line that loses and repeats packets; nothing is left."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

from softswitch.store.fold import Result, fold
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.live.sip_text import Message

SEED, STORIES, AT_ONCE = 20_260_301, 102, 3
PAIRS = (("101", "102"), ("103", "104"), ("121", "122"))
LOST, REPEATED = 0.08, 0.08
ENDS = ("answer", "answer", "answer", "refuse", "cancel", "cross")


def bad_line(chance: random.Random) -> Callable[[Message], int]:
    """How many copies of a message go through."""

    def fate(_: Message) -> int:
        dice = chance.random()
        return 0 if dice < LOST else 2 if dice < LOST + REPEATED else 1

    return fate


class Story:
    """What happens in one call between two phones."""

    def __init__(self, number: int, chance: random.Random, caller: Phone, callee: Phone) -> None:
        self.chance, self.caller, self.callee = chance, caller, callee
        # Tells an INVITE from a late one of the story before.
        self.hops = 30 + number % 30
        self.plan = chance.choice(ENDS)

    async def pause(self) -> None:
        await asyncio.sleep(self.chance.choice((0.0, 0.005, 0.03)))

    async def tell(self) -> None:
        hops = ("Max-Forwards", str(self.hops))
        out = await self.caller.dial(self.callee.user, None, hops)
        called = asyncio.create_task(self._called())
        final = out.final = await self._final(out)
        if final.status == 200:
            out.ack()
            await self._talk(out, await called)
        else:
            self.caller.acknowledge(out.invite, final)
        called.cancel()
        with suppress(asyncio.CancelledError):
            await called

    async def _final(self, out: Call) -> Message:
        branch = out.invite.branch
        first = await self.caller.expect(branch=branch)
        if first.status >= 200:
            return first
        if self.plan in ("cancel", "cross"):
            # RFC 3261 9.1: not before a provisional response, or it might overtake the INVITE.
            await self.pause()
            out.cancel()
        while True:
            final = await self.caller.expect(branch=branch, final=True)
            if final.method == "INVITE":
                return final

    async def _called(self) -> Call:
        call = await self.callee.rung()
        while int(call.invite.get("Max-Forwards")) != self.hops - 1:
            call = await self.callee.rung()
        await self.pause()
        call.ring()
        await self.pause()
        if self.plan in ("answer", "cross"):
            call.answer()
        elif self.plan == "refuse":
            call.answer(486)
        else:
            await call.over()
        return call

    async def _talk(self, out: Call, inward: Call) -> None:
        await self.pause()
        if self.plan == "answer" and self.chance.random() < 0.4:
            holder = self.chance.choice((out, inward))
            if holder is inward:
                await self.callee.expect("ACK", call=inward)
            await holder.hold(self.chance.choice(("sendonly", "inactive")))
            if self.chance.random() < 0.5:
                await holder.reinvite(holder.phone.offer(version=90))
        for side in self.chance.choice(([out], [inward], [out, inward])):
            side.bye()


async def test_stories(line: Line, office: OfficeInProcess) -> None:
    phones = [[await line.phone(one) for one in pair] for pair in PAIRS]
    told: list[str] = []

    async def tell(number: int) -> None:
        caller, callee = phones[number]
        chance = random.Random(SEED + number)
        caller.fate = callee.fate = bad_line(chance)
        for step in range(STORIES // AT_ONCE):
            story = Story(step, chance, caller, callee)
            await story.tell()
            told.append(story.plan)
            caller.inbox.clear()

    await asyncio.gather(*(tell(number) for number in range(AT_ONCE)))
    for caller, callee in phones:
        caller.fate = callee.fate = lambda _: 1
    await office.calm()
    calls = office.calls()
    assert len(calls) == len(told) == STORIES
    for call in calls:
        row = fold(office.story(call))
        assert row.result in (Result.TALKED, Result.BUSY, Result.ABANDONED), row
        assert (row.result is Result.TALKED) is (row.handled_by is not None)
    results = [fold(office.story(call)).result for call in calls]
    # One that is to be cancelled may come while the call before, its BYE lost, is still up.
    refused, busy = told.count("refuse"), results.count(Result.BUSY)
    assert refused <= busy <= refused + told.count("cancel") + told.count("cross")
    assert results.count(Result.TALKED) >= told.count("answer")
