"""What transfers and consultations share: one of two who talk asks, the other one waits.

Nobody is left alone: what fails comes back to who asked for it, in the talk that he still has, or
by ringing him again; when he is not there either, the route's safe place takes over.
"""

from collections.abc import Coroutine
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from softswitch.apps.forwarding import group_target
from softswitch.apps.outside import OUTSIDE, meaning_of
from softswitch.apps.paid import ring_paid
from softswitch.apps.parked_where import tell_slot
from softswitch.apps.parking_lot import ANY, NoSpace, Space
from softswitch.apps.ring import Ringer
from softswitch.apps.waiting import let_go, while_up
from softswitch.calls.bridge import Side
from softswitch.calls.dial import DialResult
from softswitch.calls.party import Party
from softswitch.log import get_logger
from softswitch.office.numbers import Dialled
from softswitch.office.permission import Barred
from softswitch.office.ringing import RingsFor
from softswitch.routing.caller import CallerFailed, CallerGone, RingKind, RingOutcome, RingTarget
from softswitch.sip.replaces import Replaces

if TYPE_CHECKING:
    from softswitch.apps.talk import Conversation

_log = get_logger("apps.transfer")

# The new one's phone rings this long, and then the phone of who asked: four rings each.
RING_SECONDS, RETURN_SECONDS = 20.0, 20.0
# A provider takes half of that to find a mobile.
OUTSIDE_SECONDS = 40.0
# Phones that hang up at the last NOTIFY, whatever it says, do so at once; people are slower.
HASTE = 2.0
SAFE = ""  # names no entry, so the route's safe place
RETURNED = {"pl": "Powrót", "en": "Returned"}
FAILURES = {
    RingOutcome.BUSY: 486,
    RingOutcome.DECLINED: 603,
    RingOutcome.NO_ANSWER: 408,
    RingOutcome.UNREACHABLE: 480,
}
RINGS, DONE = 180, 200
GONE, NOT_FOUND, NO_DIALOG, NOT_HIS, NOT_NOW = 487, 404, 481, 403, 491


class LedOn(Exception):
    """Whoever is led by the call goes to this word of the office: a queue, a route, `SAFE`.

    With a `space` he is parked there.
    """

    def __init__(self, word: str, space: Space | None = None) -> None:
        super().__init__(word)
        self.word = word
        self.space = space


class Wish(Protocol):
    """What somebody asked for, by a REFER, by keys or through the switch itself."""

    @property
    def dialled(self) -> str | None:
        """Whom he wants, as he would dial it."""

    @property
    def instance(self) -> str | None:
        """The only device of his that is meant (RFC 5627)."""

    @property
    def replaces(self) -> Replaces | None:
        """The dialog of the one whom he talks with already."""

    @property
    def referred_by(self) -> str | None:
        """Who asks, in his phone's own words (RFC 3892)."""

    def notify(self, status: int) -> None:
        """How it goes, as the status of a SIP response; the first final one is the last word."""


class Unread:
    """A wish that nobody can read; who had it was told so in the answer to his REFER."""

    dialled = instance = replaces = referred_by = None

    def notify(self, status: int) -> None:
        """He waits for no word."""


class Handover:
    """One wish of one side of a conversation."""

    def __init__(self, conversation: "Conversation", side: Side, wish: Wish) -> None:
        self._conversation = conversation
        self._desk, self._call = conversation.desk, conversation.call
        self._side = side
        self._wish = wish
        self._asker = conversation.party(side)
        self._waiting = conversation.party(side.other)
        self._failed_at = 0.0

    def _note(self, to: str, how: str) -> None:
        data = {"by": self._asker.who, "to": to, "how": how, "of": self._waiting.who}
        if self._wish.referred_by is not None:
            data["referred_by"] = self._wish.referred_by
        self._call.note("transfer", **data)

    # --- whom it is about ---

    def _ringing(
        self, word: str, party: Party, busy: ExitStack
    ) -> Coroutine[Any, Any, DialResult] | None:
        """Rings whoever is meant, for `party`; None when no phone can be meant by that."""
        meant = meaning_of(self._call.office, word)
        ringer = self._ringer(party)
        if meant.kind in OUTSIDE:
            return self._ring_outside(ringer, meant, party)
        if meant.value in self._call.office.office.people:
            only, who = self._wish.instance, meant.value
            target = RingTarget(RingKind.PERSON, who, (who,), instance=only)
            return ringer.ring(target, RING_SECONDS, busy)
        group = group_target(self._call.office.office, meant.value)
        return None if group is None else ringer.ring(group, RING_SECONDS, busy)

    async def _ring_outside(self, ringer: Ringer, meant: Dialled, party: Party) -> DialResult:
        """Whoever asks must be permitted to call there, and pays for it."""
        desk, call = self._desk, self._call
        charge = desk.spending.ask(call, self._asker.extension or "", meant)
        if isinstance(charge, Barred):
            return DialResult(RingOutcome.DECLINED, status=NOT_HIS)
        return await ring_paid(desk, call, ringer, meant, charge, OUTSIDE_SECONDS, party)

    def _ringer(self, shown: Party, rings_for: RingsFor | None = None) -> Ringer:
        told = partial(self._wish.notify, RINGS)
        return Ringer(self._desk, self._call, shown, told, rings_for)

    async def _wait(
        self, step: Coroutine[Any, Any, DialResult], busy: ExitStack
    ) -> DialResult | None:
        """What the ringing brought; None when the one who waits has hung up meanwhile."""

        def undo(late: DialResult) -> None:
            let_go(late)
            busy.close()

        try:
            return await while_up(self._waiting.leg, step, undo)
        except CallerFailed as error:
            return self._faulty(error)
        except CallerGone:
            self._left_alone()
            return None

    def _faulty(self, error: Exception) -> DialResult:
        """A fault of ours is like a phone that cannot be reached: nobody is lost by it."""
        _log.error("a transfer failed", why=str(error), call=self._call.id)
        return DialResult(RingOutcome.UNREACHABLE)

    def _left_alone(self) -> None:
        """The one who waited has hung up."""
        self._wish.notify(GONE)
        if self._waiting is self._conversation.other:
            self._call.ended_by_switch = "callee"

    # --- how it ends ---

    def _swap(self, newcomer: Party) -> None:
        """The new one takes the place of the one who asked."""
        self._wish.notify(DONE)
        self._conversation.drop(self._side)
        self._conversation.other = newcomer

    async def _lead_on(self, word: str) -> bool:
        """To a queue, a route or a mailbox; the one who asked is no part of it any more."""
        slot = self._desk.parking.meant_by(word)
        if slot is not None:
            return await self._park(slot)
        meant = meaning_of(self._call.office, word).value
        if meant not in self._call.office.graph.entries:
            return await self._fail(NOT_FOUND)
        if self._waiting.leg.is_over:
            self._left_alone()
            return False
        self._wish.notify(DONE)
        self._conversation.drop(self._side)
        raise LedOn(meant)

    async def _park(self, slot: str) -> bool:
        """To a slot of the car park (`parking_lot.py`). Who may hear it is told which."""
        try:
            space = self._desk.parking.reserve(slot, self._asker.extension or "")
        except NoSpace as no:
            return await self._fail(no.status)
        is_kept = False
        try:
            if slot == ANY:
                await tell_slot(self._desk, self._waiting.leg, self._asker.leg, space)
            is_kept = not self._waiting.leg.is_over
        except CallerGone:
            pass
        finally:
            if not is_kept:
                space.leave()
        if not is_kept:
            self._left_alone()
            return False
        self._wish.notify(DONE)
        self._conversation.drop(self._side)
        raise LedOn(space.slot, space)

    async def _fail_as(self, result: DialResult) -> bool:
        """Nobody took the call; a place that may not be called is told as such."""
        is_barred = result.status == NOT_HIS
        return await self._fail(NOT_HIS if is_barred else FAILURES[result.outcome])

    async def _fail(self, status: int) -> bool:
        """Back to who asked: in the talk that he still has, or by ringing him."""
        self._wish.notify(status)
        self._call.note("transfer.failed", by=self._asker.who, status=status)
        if self._waiting.leg.is_over:
            return False
        if self._asker.leg.is_over:
            return await self._return()
        self.watch_haste()
        return True

    def watch_haste(self) -> None:
        """Whoever hangs up on the bad news at once has not meant the one who waits."""
        self._failed_at = self._desk.exchange.now()
        self._conversation.failed = self

    async def was_meant_by(self, side: Side) -> bool:
        """Whether the end of the talk on this side was a phone's haste; then he is rung again."""
        self._conversation.failed = None
        is_hasty = self._desk.exchange.now() - self._failed_at < HASTE
        if side is not self._side or not is_hasty or self._waiting.leg.is_over:
            return False
        return await self._return()

    async def _return(self) -> bool:
        """Ring who asked once more; his phone says whom he has not got rid of."""
        extension = self._asker.extension or ""
        self._conversation.drop(self._side)
        self._waiting = self._call.party
        waiting, busy = self._waiting, ExitStack()
        word = RETURNED.get(self._call.office.office.office.language, RETURNED["en"])
        name = f"{word}: {waiting.name or waiting.who}"
        shown = Party(waiting.leg, waiting.number, name, waiting.extension)
        self._call.note("transfer.returned", to=extension)
        target = RingTarget(RingKind.PERSON, extension, (extension,))
        step = self._ringer(shown, RingsFor.RETURN).ring(target, RETURN_SECONDS, busy)
        result = await self._wait(step, busy)
        if result is None:
            return False
        if result.leg is None:
            raise LedOn(result.leads_to or SAFE)
        self._conversation.other = self._call.called(result.leg, busy)
        self._call.note("call.answered", who=result.leg.who, after=0.0)
        return True
