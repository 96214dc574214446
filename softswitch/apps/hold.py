"""The guard over clients on hold: whoever holds one is reminded, and in the end loses him.

A reminder rings the holder's phones ("Held: …"); who answers talks with the client at once, on that
phone. A holder who talks elsewhere hears a short tone instead. After the longest time the client is
brought to the office's safe place, so that nobody is forgotten. People of the office on hold are
not guarded: a colleague hangs up and calls again.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from math import inf
from typing import TYPE_CHECKING

from softswitch.apps.ring import identity_of, invitations_for
from softswitch.apps.waiting import let_go, while_up
from softswitch.calls.bridge import Side
from softswitch.calls.dial import DialResult, dial
from softswitch.calls.leg import Leg
from softswitch.calls.party import Party
from softswitch.log import get_logger
from softswitch.office.ringing import RingsFor
from softswitch.routing.caller import CallerFailed, CallerGone

if TYPE_CHECKING:
    from softswitch.apps.talk import Conversation

_log = get_logger("apps.hold")

# Three rings: the next reminder follows anyhow.
RING_SECONDS = 15.0
TONE = "tone:record"
HELD = {"pl": "Zawieszony", "en": "Held"}


class HoldGuard:
    """Over one talk, from its join to its end; `close` ends its watches."""

    def __init__(self, conversation: "Conversation") -> None:
        self._conversation = conversation
        self._desk, self._call = conversation.desk, conversation.call
        self._watches: dict[Side, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def changed(self, side: Side, holds: bool) -> None:
        """One side holds, or takes back."""
        before = self._watches.pop(side, None)
        if before is not None:
            before.cancel()
            self._ending.add(before)
        holder, held = self._parties(side)
        if holds and holder.extension is not None and held.extension is None:
            self._watches[side] = asyncio.create_task(
                self._watch(side), name=f"hold {self._call.id}"
            )

    async def close(self) -> None:
        """The talk is over; a phone that rings for it is silenced."""
        tasks = {*self._watches.values(), *self._ending}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._watches.clear()
        self._ending.clear()

    def _parties(self, side: Side) -> tuple[Party, Party]:
        return self._conversation.party(side), self._conversation.party(side.other)

    async def _watch(self, side: Side) -> None:
        try:
            for pause, left in self._pauses():
                await asyncio.sleep(pause)
                if not left:
                    self._conversation.bring_back(side)
                    return
                await self._remind(side, min(left, RING_SECONDS))
        except CallerGone:
            pass  # the talk ends by itself

    def _pauses(self) -> Iterator[tuple[float, float]]:
        """How long to wait, and how long from then until the client is brought back (0: then, inf:
        never); endless without a limit.

        Counted from the beginning of the hold: the ringing of a reminder takes time too.
        """
        config, now = self._call.office.office.hold, self._desk.exchange.now
        began, last = now(), config.return_
        times = 1
        while config.remind is not None or last is not None:
            due = began + times * config.remind if config.remind is not None else None
            end = began + last if last is not None else None
            if due is None or (end is not None and end <= max(due, now())):
                assert end is not None  # one of the two is there
                yield max(end - now(), 0.0), 0.0
                return
            yield max(due - now(), 0.0), inf if end is None else end - max(due, now())
            times += 1

    async def _remind(self, side: Side, seconds: float) -> None:
        holder, held = self._parties(side)
        other = self._other_talk(holder)
        how = "ring" if other is None else "tone"
        self._call.note("hold.reminded", by=holder.who, how=how)
        if other is not None:
            other.sound.begin([TONE])
            return
        busy = ExitStack()
        busy.enter_context(self._desk.exchange.people.occupied(holder.extension or ""))
        try:
            result = await while_up(held.leg, self._ring(holder, held, seconds), let_go)
        except CallerFailed as error:
            _log.warning("nobody could be reminded", why=str(error), call=self._call.id)
            result = None
        except BaseException:
            busy.close()
            raise
        if result is None or result.leg is None:
            busy.close()
            return
        taken = self._call.called(result.leg, busy)
        if not self._conversation.replace(holder.leg, taken):
            taken.close()

    def _other_talk(self, holder: Party) -> Leg | None:
        """A leg by which he talks, and hears, in another call."""
        for leg, talk in self._desk.talks.items():
            is_his = talk.party(talk.side_of(leg)).extension == holder.extension
            if is_his and leg is not holder.leg and not leg.is_held:
                return leg
        return None

    async def _ring(self, holder: Party, held: Party, seconds: float) -> DialResult:
        """His phones; the client, whom they show by name, goes on hearing music."""
        language, extension = self._call.office.office.office.language, holder.extension or ""
        name = HELD.get(language, HELD["en"])
        if identity_of(self._desk, self._call, held).number is not None:
            name = f"{name}: {held.name or held.who}"
        # By his own number: linphone refuses a second call from the address that it holds already.
        shown = Party(held.leg, extension, name, held.extension)
        devices = invitations_for(self._desk, self._call, extension, shown, RingsFor.RETURN)
        return await dial(self._desk.exchange, devices, seconds)
