"""What an extension dialled: a colleague, a group, a queue, a service, the world outside.

A colleague who does not answer is told apart as phones show it: busy 486, declined 603, no answer
and nobody registered 480 with different Q.850 causes; somebody with a mailbox takes a message.
"""

from softswitch.apps.caller import PhoneCaller
from softswitch.apps.codes import serve_code
from softswitch.apps.desk import FrontDesk
from softswitch.apps.dialling import call_outside
from softswitch.apps.echo import echo_test
from softswitch.apps.hand_switch import switch_by_number, turn
from softswitch.apps.outside import NO_WAY, OUTSIDE, TIMED_OUT, meaning_of
from softswitch.apps.park import fetch
from softswitch.apps.ring import invitations_for
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult
from softswitch.calls.leg import BUSY, DECLINED, NO_ANSWER, UNREACHABLE
from softswitch.log import get_logger
from softswitch.office.numbers import Dialled, Kind
from softswitch.routing.caller import CallerFailed, RingKind, RingOutcome, RingTarget
from softswitch.trunks.trunks import Trunks

_log = get_logger("apps.internal")

# A colleague's phone rings this long; his mailbox or a busy sign comes after it.
RING_SECONDS = 45.0
# What the caller's phone is told: a status, and a Reason (RFC 3326).
STATUS = {
    RingOutcome.BUSY: (486, BUSY),
    RingOutcome.DECLINED: (603, DECLINED),
    RingOutcome.NO_ANSWER: (480, NO_ANSWER),
    RingOutcome.UNREACHABLE: (480, UNREACHABLE),
}
# What a provider says of the called number, and the phone should show. Anything else is between
# the provider and us (a challenge, a redirection, a fault of its own): 502, and 504 for silence.
PASSED_ON = frozenset({403, 404, 410, 480, 484, 486, 488, 600, 603, 604, 606, 607, 608})
BAD_GATEWAY, GATEWAY_SILENT = 502, 504
ALL_IN_USE = 'SIP;cause=503;text="All lines to the outside are in use"'
NONE_ANSWERS = 'SIP;cause=503;text="No provider can be reached"'


class InternalCall:
    """One call that an extension placed."""

    def __init__(self, desk: FrontDesk, trunks: Trunks, call: Call, caller: PhoneCaller) -> None:
        self._desk = desk
        self._trunks = trunks
        self._call = call
        self._caller = caller
        self._office = call.office.office

    async def serve(self) -> None:
        """Find out what the digits mean and do it; the caller is busy meanwhile."""
        occupied = self._desk.exchange.people.occupied(self._call.origin.number or "")
        self._call.party.busy.enter_context(occupied)
        try:
            await self._serve()
        except CallerFailed as error:
            # No route, so no safe node: the phone is told, and its user may try again.
            self._call.leg.hang_up(f'SIP;cause=503;text="{error}"', 503)

    async def _serve(self) -> None:
        dialled = self._call.origin.called
        if self._desk.parking.is_slot(dialled):
            await fetch(self._desk, self._call, dialled)
            return
        meant = meaning_of(self._call.office, self._call.origin.called)
        if meant.kind in OUTSIDE:
            await self._dial_outside(meant)
        elif meant.kind is Kind.CODE:
            await serve_code(self._desk, self._call, self._caller, meant.value)
        elif meant.kind is not Kind.INTERNAL:
            self._call.leg.hang_up(status=404)
        elif meant.value == self._office.services.echo:
            await echo_test(self._call, self._caller)
        elif (switch := switch_by_number(self._office, meant.value)) is not None:
            await turn(self._desk, self._call, self._caller, switch)
        elif meant.value in self._office.people:
            await self._ring_colleague(meant.value)
        else:
            # A group, a queue, or our own public number: the caller hears what clients hear.
            await self._desk.follow(self._call, meant.value, self._caller)

    async def _ring_colleague(self, extension: str) -> None:
        if extension == self._call.origin.number and not self._has_other_phone(extension):
            self._hang_up(RingOutcome.BUSY)
            return
        instance = self._call.origin.instance
        target = RingTarget(RingKind.PERSON, extension, (extension,), instance=instance)
        outcome = await self._caller.ring(target, RING_SECONDS)
        if outcome is RingOutcome.ANSWERED:
            return
        mailbox = self._office.mailbox_of(extension)
        if mailbox is not None and outcome is not RingOutcome.DECLINED:
            await self._caller.voicemail(mailbox)
        else:
            self._hang_up(outcome)

    def _has_other_phone(self, extension: str) -> bool:
        return bool(invitations_for(self._desk, self._call, extension))

    def _hang_up(self, outcome: RingOutcome) -> None:
        status, reason = STATUS[outcome]
        self._call.leg.hang_up(reason, status)

    async def _dial_outside(self, meant: Dialled) -> None:
        result = await call_outside(self._desk, self._call, self._caller, meant)
        if result is not None:
            self._refuse_outside(result)

    def _refuse_outside(self, result: DialResult) -> None:
        """The provider's own words where they speak of the called number."""
        if result.status is None:
            self._hang_up(result.outcome)
        elif result.status == NO_WAY and not self._trunks.ways_out():
            self._call.leg.hang_up(self._no_way_out(), BAD_GATEWAY)
        elif result.status in PASSED_ON:
            self._call.leg.hang_up(result.reason, result.status)
        else:
            _log.warning("a trunk did not take a call", status=result.status, call=self._call.id)
            status = GATEWAY_SILENT if result.status == TIMED_OUT else BAD_GATEWAY
            self._call.leg.hang_up(f'SIP;cause={result.status};text="The provider failed"', status)

    def _no_way_out(self) -> str:
        """No provider was asked: it is nobody's fault, or all are known not to answer."""
        is_full = any(self._trunks.is_full(name) for name in self._trunks.all)
        return ALL_IN_USE if is_full else NONE_ANSWERS
