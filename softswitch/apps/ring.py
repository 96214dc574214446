"""Ring people for a caller, and let them talk: what `ring`, a queue and an internal call share."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from softswitch.apps.desk import FrontDesk
from softswitch.calls.bridge import Side, Talk
from softswitch.calls.call import Call, Direction
from softswitch.calls.dial import DialResult, dial
from softswitch.calls.exchange import Invitation
from softswitch.calls.identity import Identity
from softswitch.calls.leg import LegState
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.routing.caller import RingKind, RingOutcome, RingTarget

RINGING = "tone:ringing"


def invitations_for(desk: FrontDesk, call: Call, extension: str) -> list[Invitation]:
    """One invitation for each registered device of a person, best q first.

    The device that calls is not rung: who dials himself wants another phone of his.
    """
    exchange, caller = desk.exchange, call.leg.flow
    identity = Identity(desk.display_number(call.origin.number), call.origin.name)
    return [
        Invitation(
            uri=binding.contact,
            target=binding.flow,
            identity=identity,
            who=extension,
            to=exchange.address_of(extension, binding.flow),
            route=binding.path,
            hops=call.hops_left,
            prefer=call.leg.codec,
        )
        for binding in exchange.registrar.lookup(extension, exchange.clock().timestamp())
        if binding.flow != caller
    ]


class Ringer:
    """Rings for one caller: what he hears meanwhile, and what the story says."""

    def __init__(self, desk: FrontDesk, call: Call) -> None:
        self._desk = desk
        self._call = call

    async def ring(self, target: RingTarget, seconds: float, busy: ExitStack) -> DialResult:
        """Ring people together, or one after the other, each for `seconds`.

        Who answers counts as busy from the first ring until the caller of this closes `busy`.
        """
        people = self._others(target)
        rounds = [[one] for one in people] if target.in_order else [people]
        best = DialResult(RingOutcome.UNREACHABLE)
        for who in rounds:
            result = await self._ring_once(who, seconds, target, busy)
            if result.outcome is RingOutcome.ANSWERED:
                return result
            # In order: the call is as unanswered as its best try was.
            if best.outcome is RingOutcome.UNREACHABLE:
                best = result
        return best

    def _others(self, target: RingTarget) -> list[str]:
        """The people of a target, but nobody is rung by a group for his own call."""
        origin = self._call.origin
        if target.kind is RingKind.PERSON or origin.direction is Direction.IN:
            return list(target.people)
        return [one for one in target.people if one != origin.number]

    async def _ring_once(
        self, who: list[str], seconds: float, target: RingTarget, busy: ExitStack
    ) -> DialResult:
        call, desk = self._call, self._desk
        call.note("ring.started", who=who, kind=target.kind.value, key=target.key)
        people = desk.exchange.people
        with people.all_occupied(who):
            invitations = [one for person in who for one in invitations_for(desk, call, person)]
            result = await self.dial(invitations, seconds)
            if result.leg is not None:
                # Before the ringing is left, so that he is not free for an instant.
                busy.enter_context(people.occupied(result.leg.who))
        if result.leg is None:
            call.note("ring.failed", who=who, outcome=result.outcome.value)
        return result

    async def dial(
        self,
        invitations: Sequence[Invitation],
        seconds: float,
        on_early_sound: Callable[[OutgoingLeg], None] | None = None,
    ) -> DialResult:
        """Dial with the ringing tone toward the caller: his phone's own, or ours once answered."""
        leg = self._call.leg
        if leg.state is LegState.UP:
            leg.sound.loop([RINGING])
        try:
            return await dial(
                self._desk.exchange,
                invitations,
                seconds,
                on_ringing=leg.ring,
                on_early_sound=on_early_sound,
            )
        finally:
            if leg.state is LegState.UP:
                leg.sound.quiet()


async def talk(desk: FrontDesk, call: Call, callee: OutgoingLeg, after: float) -> None:
    """Answer the caller if that is still owed, join both, and return when one hung up.

    The leg is given back at the end; that its person is busy meanwhile is the caller's to see to.
    `after`: seconds from the start of the ringing to the answer, for the story.
    """
    call.note("call.answered", who=callee.who, after=round(after, 1))
    began = desk.exchange.now()
    try:
        call.leg.accept()
        call.note("bridge.started", who=callee.who)

        def on_hold(side: Side, holds: bool) -> None:
            by = callee.who if side is Side.CALLEE else "caller"
            call.note("hold" if holds else "resume", by=by)

        end = await Talk(desk.exchange, call.leg, callee, desk.hold_music, on_hold).run()
        if end.side is Side.CALLEE:
            call.ended_by_switch = "callee"
    finally:
        callee.release()
        call.note("bridge.ended", who=callee.who, seconds=round(desk.exchange.now() - began, 1))
