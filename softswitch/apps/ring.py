"""Ring people for a caller, and let them talk: what `ring`, a queue and an internal call share."""

from collections.abc import Callable, Sequence

from softswitch.apps.desk import FrontDesk
from softswitch.calls.bridge import Side, Talk
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult, dial
from softswitch.calls.exchange import Invitation
from softswitch.calls.identity import Identity
from softswitch.calls.leg import LegState
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.routing.caller import RingOutcome, RingTarget

RINGING = "tone:ringing"


def invitations_for(desk: FrontDesk, call: Call, extension: str) -> list[Invitation]:
    """One invitation for each registered device of a person, best q first."""
    exchange = desk.exchange
    identity = Identity(desk.display_number(call.origin.number), call.origin.name)
    return [
        Invitation(
            uri=binding.contact,
            target=binding.flow,
            identity=identity,
            who=extension,
            to=exchange.address_of(extension, binding.flow),
            route=binding.path,
            prefer=call.leg.codec,
        )
        for binding in exchange.registrar.lookup(extension, exchange.clock().timestamp())
    ]


class Ringer:
    """Rings for one caller: what he hears meanwhile, and what the story says."""

    def __init__(self, desk: FrontDesk, call: Call) -> None:
        self._desk = desk
        self._call = call

    async def ring(self, target: RingTarget, seconds: float) -> DialResult:
        """Ring people together, or one after the other, each for `seconds`."""
        people = list(target.people)
        rounds = [[one] for one in people] if target.in_order else [people]
        best = DialResult(RingOutcome.UNREACHABLE)
        for who in rounds:
            result = await self._ring_once(who, seconds, target)
            if result.outcome is RingOutcome.ANSWERED:
                return result
            # In order: the call is as unanswered as its best try was.
            if best.outcome is RingOutcome.UNREACHABLE:
                best = result
        return best

    async def _ring_once(self, who: list[str], seconds: float, target: RingTarget) -> DialResult:
        call, desk = self._call, self._desk
        call.note("ring.started", who=who, kind=target.kind.value, key=target.key)
        invitations = [one for person in who for one in invitations_for(desk, call, person)]
        with desk.exchange.people.all_occupied(who):
            result = await self.dial(invitations, seconds)
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

        with desk.exchange.people.occupied(callee.who):
            end = await Talk(desk.exchange, call.leg, callee, desk.hold_music(), on_hold).run()
        if end.side is Side.CALLEE:
            call.ended_by_switch = "callee"
    finally:
        callee.release()
        call.note("bridge.ended", who=callee.who, seconds=round(desk.exchange.now() - began, 1))
