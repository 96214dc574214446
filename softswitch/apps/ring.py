"""Ring people for a caller: what `ring`, a queue, an internal call and a transfer share."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from softswitch.apps.desk import FrontDesk
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult, dial
from softswitch.calls.exchange import Invitation
from softswitch.calls.identity import Identity
from softswitch.calls.leg import LegState
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.party import Party
from softswitch.routing.caller import RingKind, RingOutcome, RingTarget, settled

RINGING = "tone:ringing"


def invitations_for(
    desk: FrontDesk, call: Call, extension: str, party: Party | None = None
) -> list[Invitation]:
    """One invitation for each registered device of a person, best q first.

    `party`: who is shown as calling, if not who is led by the call. The device that calls is not
    rung: who dials himself wants another phone of his.
    """
    party = party or call.party
    exchange, caller = desk.exchange, party.leg.way
    identity = Identity(desk.display_number(party.number), party.name)
    return [
        Invitation(
            uri=binding.contact,
            target=binding.flow,
            identity=identity,
            who=extension,
            to=exchange.address_of(extension, binding.flow),
            route=binding.path,
            hops=call.hops_left,
            prefer=party.leg.codec,
        )
        for binding in exchange.registrar.lookup(extension, exchange.clock().timestamp())
        if binding.flow != caller
    ]


class Ringer:
    """Rings for one caller: what he hears meanwhile, and what the story says."""

    def __init__(
        self,
        desk: FrontDesk,
        call: Call,
        party: Party | None = None,
        on_ringing: Callable[[], None] | None = None,
    ) -> None:
        """`party`: for whom, if not for who is led; `on_ringing`: besides telling his phone."""
        self._desk = desk
        self._call = call
        self._party = party or call.party
        self._on_ringing = on_ringing or self._party.leg.ring

    async def ring(self, target: RingTarget, seconds: float, busy: ExitStack) -> DialResult:
        """Ring people together, or one after the other, each for `seconds`.

        Who answers counts as busy from the first ring until the caller of this closes `busy`.
        """
        people = self._others(target)
        rounds = [[one] for one in people] if target.in_order else [people]
        failed = []
        for who in rounds:
            result = await self._ring_once(who, seconds, target, busy)
            if result.outcome is RingOutcome.ANSWERED:
                return result
            failed.append(result)
        outcome = settled(result.outcome for result in failed)
        statuses = (result.status for result in failed if result.outcome is outcome)
        return DialResult(outcome, status=next(statuses, None))

    def _others(self, target: RingTarget) -> list[str]:
        """The people of a target, but nobody is rung by a group for his own call."""
        if target.kind is RingKind.PERSON:
            return list(target.people)
        return [one for one in target.people if one != self._party.extension]

    async def _ring_once(
        self, who: list[str], seconds: float, target: RingTarget, busy: ExitStack
    ) -> DialResult:
        call, desk = self._call, self._desk
        call.note("ring.started", who=who, kind=target.kind.value, key=target.key)
        people = desk.exchange.people
        with people.all_occupied(who):
            invitations = [
                one for person in who for one in invitations_for(desk, call, person, self._party)
            ]
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
        leg = self._party.leg
        if leg.state is LegState.UP:
            leg.sound.loop([RINGING])
        try:
            return await dial(
                self._desk.exchange,
                invitations,
                seconds,
                on_ringing=self._on_ringing,
                on_early_sound=on_early_sound,
            )
        finally:
            if leg.state is LegState.UP:
                leg.sound.quiet()
