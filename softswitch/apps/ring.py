"""Ring people for a caller: what `ring`, a queue, an internal call and a transfer share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from softswitch.apps.desk import FrontDesk
from softswitch.apps.forwarding import Chain
from softswitch.apps.outside import Accepts
from softswitch.apps.reach import Refused
from softswitch.calls.call import Call
from softswitch.calls.dial import DialResult, dial
from softswitch.calls.exchange import MAX_HOPS, Invitation, Waking
from softswitch.calls.identity import Identity
from softswitch.calls.leg import Leg, LegState
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.party import Party
from softswitch.calls.ringing import Sought
from softswitch.calls.sound import Sound
from softswitch.calls.ways import Way
from softswitch.office.ringing import RingsFor
from softswitch.registrar.binding import Binding
from softswitch.routing.caller import RingKind, RingOutcome, RingTarget, settled
from softswitch.sip.offer_answer import Codec

RINGING = "tone:ringing"
# What the display says of a client whom somebody of the office had called.
RETURNS = {"pl": "oddzwania do {}", "en": "returns the call of {}"}


def _unheard(_kind: str, **_data: object) -> None:
    return None


def invitations_for(
    desk: FrontDesk,
    call: Call,
    extension: str,
    party: Party | None = None,
    rings_for: RingsFor | None = None,
    instance: str | None = None,
) -> list[Invitation]:
    """One invitation for each registered device of a person, best q first; then those to be woken.

    `party`: who is shown as calling, if not who is led by the call. The device that calls is not
    rung: who dials himself wants another phone of his. `rings_for`: how the phone is to ring, if
    not as for a colleague or a client. `instance`: only this device of his.
    """
    party = party or call.party
    shown = Shown(
        identity_of(desk, call, party),
        _headers_for(desk, call, party, rings_for or _rings_for(party)),
        hops=call.hops_left,
        prefer=party.leg.codec,
        beside=party.leg.sound,
        own=call.own,
        note=call.note,
    )
    return phones_of(desk, extension, shown, party.leg, instance)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a phone is told of the one for whom it rings; `own` is told whose leg it is, `note` of
    a phone that is woken for it."""

    identity: Identity
    headers: tuple[tuple[str, str], ...] = ()
    hops: int = MAX_HOPS
    prefer: Codec | None = None
    beside: Sound | None = None
    own: Callable[[OutgoingLeg], None] | None = None
    note: Callable[..., None] = _unheard


def phones_of(
    desk: FrontDesk,
    extension: str,
    shown: Shown,
    calling: Leg | None = None,
    instance: str | None = None,
) -> list[Invitation]:
    """One invitation for each registered device, but for the one that is `calling`; then one for
    each that is to be woken."""
    exchange = desk.exchange
    registrar, now = exchange.registrar, exchange.steady()
    return [
        Invitation(
            uri=binding.contact,
            target=binding.flow,
            identity=shown.identity,
            who=extension,
            to=exchange.address_of(extension, binding.flow),
            route=binding.path,
            hops=shown.hops,
            prefer=shown.prefer,
            beside=shown.beside,
            is_ours=True,
            own=shown.own,
            other_ways=tuple(
                Way(other.contact, other.flow, other.path)
                for other in registrar.other_ways(binding, now)
            ),
            headers=shown.headers,
            waking=waking,
            device=binding.push,
        )
        for binding, waking in _ways_to(desk, extension, shown, instance)
        if calling is None or not _is_calling(binding, calling)
        if desk.exchange.terms.reach(binding.flow)
    ]


def _ways_to(
    desk: FrontDesk, extension: str, shown: Shown, instance: str | None
) -> Iterator[tuple[Binding, Waking | None]]:
    """Who is there, and who has to be woken first; a device may be both as far as we know."""
    now = desk.exchange.steady()
    for binding in desk.exchange.registrar.lookup(extension, now, instance):
        yield binding, None
    for binding in desk.pushes.sleepers(extension, instance):
        yield binding, partial(desk.pushes.wake, binding, shown.note)


def _headers_for(
    desk: FrontDesk, call: Call, party: Party, rings_for: RingsFor
) -> tuple[tuple[str, str], ...]:
    """How it is to ring, and where more is to be read about a client (RFC 3261 20.4, 20.9)."""
    alert = desk.office.office.ringing.alert(rings_for)
    lines = [("Alert-Info", alert)] if alert is not None else []
    contact = call.origin.contact
    if contact is not None and contact.card is not None and party.number == contact.number:
        lines.append(("Call-Info", f"<{contact.card}>;purpose=info"))
    return tuple(lines)


def _is_calling(binding: Binding, leg: Leg) -> bool:
    """Is it this phone that calls? All phones behind one proxy come by one flow, and their contacts
    tell them apart.
    """
    if binding.flow != leg.way:
        return False
    return not binding.path or (
        leg.dialog is not None and str(leg.dialog.remote_target) == str(binding.contact)
    )


def _rings_for(party: Party) -> RingsFor:
    return RingsFor.EXTERNAL if party.extension is None else RingsFor.INTERNAL


def identity_of(desk: FrontDesk, call: Call, party: Party) -> Identity:
    """What a phone of the office shows of somebody; nothing of a caller who wants it so."""
    if call.origin.is_private and party.number == call.origin.number:
        return Identity(None)
    return Identity(desk.display_number(party.number), party.name)


def named_after(party: Party, why: str | None) -> Party:
    """Somebody whose name on the display begins with why it rings: `Kadry: Jan Nowak`."""
    if why is None:
        return party
    return replace(party, name=f"{why}: {party.name}" if party.name else why)


def sought_by(
    desk: FrontDesk, call: Call, party: Party, kind: str, key: str, since: float
) -> Sought:
    """So that a colleague may pick the call up while it rings, and sees who it is."""
    return Sought(call.id, call.note, identity_of(desk, call, party), kind, key, since)


class Ringer:
    """Rings for one caller: what he hears meanwhile, and what the story says."""

    def __init__(
        self,
        desk: FrontDesk,
        call: Call,
        party: Party | None = None,
        on_ringing: Callable[[], None] | None = None,
        rings_for: RingsFor | None = None,
    ) -> None:
        """`party`: for whom, if not for who is led; `on_ringing`: besides telling his phone.

        `rings_for`: what the phones are told to ring for, if it is not plain.
        """
        self._desk = desk
        self._call = call
        self._party = party or call.party
        self._on_ringing = on_ringing or self._party.leg.ring
        self._rings_for = rings_for
        self._since = desk.exchange.now()
        self._only: tuple[str, str | None] = ("", None)  # a person, and the one device of his

    async def ring(self, target: RingTarget, seconds: float, busy: ExitStack) -> DialResult:
        """Ring people together, or one after the other, each for `seconds`.

        Who answers counts as busy from the first ring until the caller of this closes `busy`.
        """
        if target.kind is RingKind.PERSON:
            self._only = (target.key, target.instance)
            chain = Chain(self._desk, self._call, self, self._party, seconds, busy)
            return await chain.ring(target.key)
        # Nobody is rung by a group for his own call.
        people = [one for one in target.people if one != self._party.extension]
        rounds = [[one] for one in people] if target.in_order else [people]
        failed = []
        for who in rounds:
            result = await self._ring_team(who, seconds, target, busy)
            if result.outcome is RingOutcome.ANSWERED:
                return result
            failed.append(result)
        outcome = settled(result.outcome for result in failed)
        statuses = (result.status for result in failed if result.outcome is outcome)
        return DialResult(outcome, status=next(statuses, None))

    async def _ring_team(
        self, who: list[str], seconds: float, target: RingTarget, busy: ExitStack
    ) -> DialResult:
        """Those of them who may be rung, together."""
        found = {one: self._desk.reach.member(one) for one in who}
        refused = {one: why for one, why in found.items() if why is not None}
        for why in dict.fromkeys(refused.values()):
            self.pass_over([one for one in refused if refused[one] == why], why)
        rung = [one for one in who if one not in refused]
        outcomes = [why.outcome for why in refused.values()]
        if not rung:
            return DialResult(settled(outcomes))
        result = await self.ring_once(rung, seconds, target, busy)
        if result.leg is not None:
            return result
        outcome = settled([result.outcome, *outcomes])
        return result if outcome is result.outcome else DialResult(outcome)

    def pass_over(self, who: list[str], refused: Refused) -> None:
        """The story tells why they are not rung."""
        outcome = refused.outcome.value
        self._call.note("ring.failed", who=who, outcome=outcome, why=str(refused.why))

    async def ring_once(
        self, who: list[str], seconds: float, target: RingTarget, busy: ExitStack
    ) -> DialResult:
        """The phones of these people, for `seconds`."""
        call, desk = self._call, self._desk
        call.note("ring.started", who=who, kind=target.kind.value, key=target.key)
        people = desk.exchange.people
        with people.all_occupied(who):
            party = self._shown_for(target)
            invitations = [one for person in who for one in self._invitations_for(person, party)]
            kind, key = target.kind.value, target.key
            sought = sought_by(desk, call, self._party, kind, key, self._since)
            result = await self.dial(invitations, seconds, sought=sought)
            if result.leg is not None:
                # Before the ringing is left, so that he is not free for an instant.
                busy.enter_context(people.occupied(result.leg.who))
        if result.leg is None:
            call.note("ring.failed", who=who, outcome=result.outcome.value)
        return result

    def _shown_for(self, target: RingTarget) -> Party:
        """The caller, with a name that says for which group he rings, or whose call he returns."""
        office = self._call.office.office
        if target.recalled is None:
            group = office.groups.get(target.key) if target.kind is RingKind.GROUP else None
            return named_after(self._party, group.name if group is not None else None)
        person = office.people.get(target.recalled)
        words = RETURNS.get(office.office.language, RETURNS["en"])
        return named_after(
            self._party, words.format(person.name if person is not None else target.recalled)
        )

    def _invitations_for(self, person: str, party: Party) -> list[Invitation]:
        extension, instance = self._only
        only = instance if person == extension else None
        return invitations_for(self._desk, self._call, person, party, self._rings_for, only)

    async def dial(
        self,
        invitations: Sequence[Invitation],
        seconds: float,
        on_early_sound: Callable[[OutgoingLeg], None] | None = None,
        sought: Sought | None = None,
        accepts: Accepts | None = None,
    ) -> DialResult:
        """Dial with the ringing tone toward the caller: his phone's own, or ours once answered.

        With `accepts`, only who is asked by it has answered.
        """
        leg = self._party.leg
        if leg.state is LegState.UP:
            leg.sound.loop([RINGING])
        try:
            result = await dial(
                self._desk.exchange,
                invitations,
                seconds,
                on_ringing=self._on_ringing,
                on_early_sound=on_early_sound,
                sought=sought,
            )
            return result if accepts is None else await _accepted(result, accepts)
        finally:
            if leg.state is LegState.UP:
                leg.sound.quiet()


async def _accepted(result: DialResult, accepts: Accepts) -> DialResult:
    """The result if a human took the call; what answered by itself is no answer."""
    leg = result.leg
    if leg is None:
        return result
    is_taken = False
    try:
        is_taken = await accepts(leg)
    finally:
        if not is_taken:
            leg.release()
    return result if is_taken else DialResult(RingOutcome.NO_ANSWER)
