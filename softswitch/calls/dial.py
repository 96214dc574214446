"""Ring one or many devices at once; the first that answers has the call.

The losers are cancelled with `Reason: SIP;cause=200` so that none of them shows a missed call
(RFC 3326 2; RFC 3261 16.7 for which failure tells most).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from softswitch.calls.exchange import Exchange, Invitation, Waking
from softswitch.calls.leg import ANSWERED_ELSEWHERE, MEDIA_LOST, Leg, LegState
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.ringing import Claim, Sought
from softswitch.calls.sound import SoundError
from softswitch.log import get_logger
from softswitch.routing.caller import RingOutcome, settled
from softswitch.sip.transaction import TransactionKey

_log = get_logger("calls.dial")

# What a final status says of the person behind the device. The rest: nobody can be reached there.
_OUTCOMES = {
    486: RingOutcome.BUSY,
    600: RingOutcome.BUSY,
    603: RingOutcome.DECLINED,
    607: RingOutcome.DECLINED,
    608: RingOutcome.DECLINED,
    487: RingOutcome.NO_ANSWER,
}
# The INVITE did not arrive: no answer, or it could not be sent (RFC 3261 8.1.3.1, RFC 5626 7).
_NOT_REACHED = frozenset({None, 408, 430, 503})


@dataclass(frozen=True, slots=True)
class DialResult:
    """Who answered, or why nobody did. An answered leg belongs to the receiver of this.

    It may be the leg of somebody who picked the call up; `leg.who` says who he is.
    """

    outcome: RingOutcome
    leg: Leg | None = None
    status: int | None = None
    # The Reason header of that refusal (RFC 3326), a provider's Q.850 cause most often.
    reason: str = ""
    # No phone: whoever waits is to be led on to this number of the office, a queue or a route.
    leads_to: str | None = None
    # A phone's own forward (3xx), as one would dial it; who rang it decides whether it counts.
    deflected_to: str | None = None


Hook = Callable[[OutgoingLeg], None]


async def dial(
    exchange: Exchange,
    invitations: Sequence[Invitation],
    seconds: float,
    *,
    on_ringing: Callable[[], None] | None = None,
    on_early_sound: Hook | None = None,
    sought: Sought | None = None,
) -> DialResult:
    """Place all invitations and wait for the first answer, at most `seconds`.

    `on_ringing` is called once at the first 180; `on_early_sound` once, when the only device sends
    sound before it answers. `sought`: the call may be picked up meanwhile (`exchange.ringing`).
    Cancelling cancels everything that rings, with the message `ANSWERED_ELSEWHERE` as taken by
    somebody else. Raises `SoundError` when no device could be rung
    because the media engine had no place for it.
    """
    if not invitations:
        return DialResult(RingOutcome.UNREACHABLE)
    attempt = _Attempt(exchange, on_ringing, on_early_sound, sought)
    winner: Leg | None = None
    late = asyncio.get_running_loop().call_later(seconds, attempt.give_up)
    with exchange.ringing.listed(attempt):
        try:
            await attempt.place(invitations)
            result = await attempt.wait()
            winner = result.leg
        except asyncio.CancelledError as called_off:
            # Whoever rang other phones beside these says so: none of them missed a call.
            attempt.is_elsewhere = ANSWERED_ELSEWHERE in called_off.args
            raise
        finally:
            late.cancel()
            attempt.drop_all_but(winner)
    return result


class _Attempt:
    """The legs of one `dial`."""

    def __init__(
        self,
        exchange: Exchange,
        on_ringing: Callable[[], None] | None,
        on_early_sound: Hook | None,
        sought: Sought | None,
    ) -> None:
        self.sought = sought
        self.is_elsewhere = False
        self._claim: Claim | None = None
        self._is_over = False
        self._exchange = exchange
        self._legs: list[OutgoingLeg] = []
        self._devices: dict[OutgoingLeg, object] = {}
        self._waking: dict[asyncio.Task[None], str] = {}  # → who sleeps
        self._is_late = False
        self._moved: asyncio.Future[None] | None = None  # done when there is news for `wait`
        self._on_ringing = on_ringing
        self._on_early_sound = on_early_sound

    async def place(self, invitations: Sequence[Invitation]) -> None:
        awake = [one for one in invitations if one.waking is None]
        for invitation in invitations:
            if invitation.waking is not None:
                task = asyncio.create_task(self._wake(invitation, invitation.waking))
                self._waking[task] = invitation.who
                task.add_done_callback(self._woke)
        faults: list[SoundError] = []
        if len(awake) == 1:
            await self._try(awake[0], faults)
        else:
            # Side by side: the last phone of a group waits for one media row, not for all of them.
            async with asyncio.TaskGroup() as group:
                for invitation in awake:
                    group.create_task(self._try(invitation, faults))
        if faults and not (self._legs or self._waking):
            raise faults[-1]

    async def _try(self, invitation: Invitation, faults: list[SoundError]) -> None:
        try:
            await self._place(invitation)
        except SoundError as error:
            faults.append(error)

    async def _place(self, invitation: Invitation) -> None:
        leg = await self._exchange.place(invitation, self._tell_news)
        self._legs.append(leg)
        self._devices[leg] = invitation.device

    async def _wake(self, invitation: Invitation, waking: Waking) -> None:
        """Ring a phone once it has woken, in place of what it did not hear (RFC 8599 5.1)."""
        way = await waking()
        device = invitation.device
        asleep = [leg for leg in self._legs if self._devices[leg] == device]
        if way is None or any(self._has_spoken(leg) for leg in asleep):
            return
        for leg in asleep:
            self._legs.remove(leg)
            leg.hang_up()
            leg.release()
        await self._place(
            replace(invitation, uri=way.uri, target=way.target, route=way.route, waking=None)
        )

    def _has_spoken(self, leg: OutgoingLeg) -> bool:
        """It was awake: whatever it said stands, and it is not rung twice."""
        if leg.is_over:
            return leg.last_status not in _NOT_REACHED
        return leg.key is None or not self._exchange.endpoint.stack.is_unheard(leg.key)

    def _woke(self, task: asyncio.Task[None]) -> None:
        self._waking.pop(task, None)
        self._tell_news()
        fault = None if task.cancelled() else task.exception()
        if fault is not None and not isinstance(fault, SoundError):
            _log.error("a phone could not be woken", exc_info=fault)

    async def wait(self) -> DialResult:
        """Until one answered, all have ended, or the time is over."""
        while True:
            self._moved = asyncio.get_running_loop().create_future()
            verdict = self.verdict()
            if verdict is not None:
                return verdict
            if self._is_late:
                return DialResult(RingOutcome.NO_ANSWER)
            self._tell()
            await self._moved

    def give_up(self) -> None:
        """The time is over."""
        self._is_late = True
        self._tell_news()

    def _tell_news(self) -> None:
        if self._moved is not None and not self._moved.done():
            self._moved.set_result(None)

    def verdict(self) -> DialResult | None:
        """The result, if there is one already.

        Raises `SoundError` when a leg lost its sound: that says nothing of the people behind it.
        """
        for leg in self._legs:
            if leg.state is LegState.UP:
                return DialResult(RingOutcome.ANSWERED, leg)
        if self._claim is not None and self._claim.is_open:
            return DialResult(RingOutcome.ANSWERED, self._claim.leg)
        if any(leg.is_over and leg.ended.result().reason == MEDIA_LOST for leg in self._legs):
            raise SoundError("the media worker died")
        statuses = [leg.last_status or 480 for leg in self._legs if leg.is_over]
        # RFC 3261 16.7: a 6xx is the person's word for every device.
        globally = next((status for status in statuses if status >= 600), None)
        if globally is not None:
            return DialResult(_OUTCOMES.get(globally, RingOutcome.DECLINED), None, globally)
        if len(statuses) < len(self._legs) or self._waking:
            return None
        telling = settled(_OUTCOMES.get(status, RingOutcome.UNREACHABLE) for status in statuses)
        status = min(statuses, default=None)
        reasons = (leg.last_reason for leg in self._legs if leg.last_status == status)
        said = (leg.deflected_to for leg in self._legs if leg.deflected_to)
        deflected_to = next(said, None)
        return DialResult(telling, None, status, next(reasons, ""), deflected_to=deflected_to)

    # --- a colleague takes the call ---

    def take(self, claim: Claim) -> bool:
        """One at a time; who gave up before he was heard leaves the place to the next."""
        if self._is_over or any(leg.state is LegState.UP for leg in self._legs):
            return False
        if self._claim is not None and self._claim.is_open:
            return False
        if self._claim is not None:
            self._claim.lose()
        self._claim = claim
        self._tell_news()
        return True

    def rings_at(self, extension: str) -> bool:
        is_rung = any(leg.who == extension and not leg.is_over for leg in self._legs)
        return is_rung or extension in self._waking.values()

    def has_sent(self, key: TransactionKey) -> bool:
        return any(leg.key == key and not leg.is_over for leg in self._legs)

    def _tell(self) -> None:
        ringing = [leg for leg in self._legs if leg.state is LegState.RINGING]
        # Whoever calls a phone that is being woken hears that something is done about it.
        if (ringing or self._waking) and self._on_ringing is not None:
            self._on_ringing()
            self._on_ringing = None
        if len(self._legs) == 1 and self._legs[0].has_early_sound and self._on_early_sound:
            self._on_early_sound(self._legs[0])
            self._on_early_sound = None

    def drop_all_but(self, winner: Leg | None) -> None:
        """The end of the ringing: one has the call, or nobody."""
        self._is_over = True
        for task in self._waking:
            task.cancel()
        if self._claim is not None and self.sought is not None:
            if self._claim.leg is winner:
                self.sought.picked_up(self._claim)
            else:
                self._claim.lose()
        reason = ANSWERED_ELSEWHERE if winner is not None or self.is_elsewhere else ""
        for leg in self._legs:
            if leg is not winner:
                leg.hang_up(reason)
                leg.release()
        self._legs.clear()  # the winner tells his news to others
        self._devices.clear()
