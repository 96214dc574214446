"""People who do whatever comes to their minds on the phones of a virtual office.

`Crowd` keeps what each phone believes: which calls ring, are dialled, are up. Its phones
acknowledge and answer as phones do, except for what a story says. `check` looks at the switch from
inside: no leg without an owner, nobody hears whom he does not talk with, nobody waits in silence.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from softswitch.calls.leg import Leg, LegState
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.virtual_office import VirtualOffice
from tests.live import sip_text
from tests.live.sip_text import Message

PEOPLE = ("101", "102", "103", "104", "121")
MOST_CALLS = 3  # of one phone


def names(call: Call) -> str:
    """A Replaces value for a call, as the switch reads it."""
    theirs = call.final.get("To") if call.is_outgoing and call.final else call.invite.get("From")
    mine = sip_text.parameter(call.invite.get("From"), "tag") if call.is_outgoing else call.tag
    to_tag = sip_text.parameter(theirs, "tag")
    return f"{call.invite.get('Call-ID')};to-tag={to_tag};from-tag={mine}"


class Crowd:
    """All phones of an office and of its provider."""

    def __init__(self, office: VirtualOffice) -> None:
        self.office = office
        self.phones: dict[str, Phone] = {}
        self.client: Phone
        self.ringing: list[Call] = []
        self.dialled: list[Call] = []
        self.up: list[Call] = []
        self.deaf: set[str] = set()  # phones that answer no NOTIFY
        self.eager: set[str] = set()  # who answers at the first ring

    async def come(self) -> None:
        for extension in PEOPLE:
            phone = self.phones[extension] = await self.office.phone(extension)
            phone.rings = self._rung
        self.client = await self.office.provider()
        self.client.rings = self._rung

    def _rung(self, call: Call) -> None:
        call.ring()
        self.ringing.append(call)
        if call.phone.user in self.eager:
            self.answer(call)

    def act(self, what: Callable[..., None], *details: Any) -> None:
        """Do something of what follows, in the loop."""

        async def doing() -> None:
            what(*details)

        self.office.do(doing())

    def calls_of(self, phone: Phone) -> int:
        return sum(c.phone is phone for c in (*self.ringing, *self.dialled, *self.up))

    # --- what people do ---

    async def dial(self, phone: Phone, target: str, *headers: tuple[str, str]) -> None:
        self.dialled.append(await phone.dial(target, None, *headers))

    def answer(self, call: Call) -> None:
        self.ringing.remove(call)
        call.answer()
        self.up.append(call)

    def refuse(self, call: Call, status: int) -> None:
        self.ringing.remove(call)
        call.answer(status)

    def give_up(self, call: Call) -> None:
        """Cancel what was dialled, if it has not been answered in this very moment."""
        call.cancel()

    def bye(self, call: Call) -> None:
        self.up.remove(call)
        call.bye()

    async def hold(self, call: Call, direction: str) -> None:
        await call.reinvite(call.phone.offer(direction, version=call._cseq + 1))

    def refer(self, call: Call, target: str, replaces: Call | None = None) -> None:
        uri = f"sip:{target}@{call.phone.domain}"
        if replaces is not None:
            uri += f"?Replaces={quote(names(replaces), safe='')}"
        request = call.inside("REFER")
        request.headers.append(("Refer-To", f"<{uri}>"))
        call.phone.send(request)

    def press(self, call: Call, keys: str) -> None:
        """Keys of a phone without RFC 4733, all at once."""
        for key in keys:
            info = call.inside("INFO", f"Signal={key}\r\n".encode())
            info.headers = [h for h in info.headers if h[0] != "Content-Type"]
            info.headers.append(("Content-Type", "application/dtmf-relay"))
            call.phone.send(info)

    # --- what their phones do by themselves ---

    def settle(self) -> None:
        """Read every inbox: finals are acknowledged, NOTIFYs answered, ends noticed."""
        for phone in (*self.phones.values(), self.client):
            messages, phone.inbox = phone.inbox, []
            for message in messages:
                self._read(phone, message)

    def _read(self, phone: Phone, message: Message) -> None:
        call = phone._calls.get(message.get("Call-ID"))
        if message.is_request:
            if message.method == "NOTIFY" and phone.user not in self.deaf:
                phone.answer(message, 200)
            elif message.method in ("BYE", "CANCEL"):
                self._forget(call)
            return
        if call is None or call not in self.dialled or message.method != "INVITE":
            return
        if message.status >= 200:
            self.dialled.remove(call)
            call.final = message
            if message.status == 200:
                call.ack()
                self.up.append(call)
            else:
                phone.acknowledge(call.invite, message)

    def _forget(self, call: Call | None) -> None:
        for place in (self.ringing, self.dialled, self.up):
            if call is not None and call in place:
                place.remove(call)

    def everybody_leaves(self) -> None:
        """At last nothing of any call may be left."""
        for phone in (*self.phones.values(), self.client):
            phone.rings = lambda call: call.answer(486)
        for _ in range(40):
            self.act(self._leave)
            self.office.loop.pass_time(1.0)
            if not self.office.left():
                return

    def _leave(self) -> None:
        self.settle()
        for call in self.ringing:
            call.answer(603)
        self.ringing.clear()
        for call in list(self.dialled):
            self.give_up(call)
        for call in list(self.up):
            self.bye(call)


# --- what must hold ---


def _talking(office: VirtualOffice) -> Iterator[tuple[Leg, Leg]]:
    """Pairs that the switch says talk with each other now."""
    desk = office.server.desk
    for conversation in desk.conversations.values():
        if conversation._talk is not None and conversation.other is not None:
            yield conversation.call.leg, conversation.other.leg
        elif conversation.consultation is not None:
            pair = conversation.consultation.pair
            if pair is not None:
                yield pair


def check(office: VirtualOffice) -> None:
    """To be asked when nothing is in the making."""
    assert not office.media.mistakes, office.media.mistakes
    pairs = {frozenset((one.sound.leg, other.sound.leg)) for one, other in _talking(office)}
    bridges = {frozenset(members) for members in office.media.bridges.values()}
    assert bridges <= pairs, f"bridged: {bridges}, talking: {pairs}"
    owners = _owners(office)
    for leg in office.server.desk.exchange.dispatcher._dialogs.values():
        if leg.state is LegState.UP:
            assert leg in owners, f"an orphan: {leg}"
    for conversation in office.server.desk.conversations.values():
        parties = (conversation.call.party, conversation.other)
        legs = [one.leg for one in parties if one is not None and one.leg.state is LegState.UP]
        hear = [leg for leg in legs if leg.is_held or _hears(office, leg)]
        # Who has sent a REFER waits for its NOTIFY, and hears nothing.
        is_referring = conversation._talk is None and conversation.consultation is None
        assert len(hear) >= len(legs) - is_referring, f"silence: {office.kinds()}"


def _owners(office: VirtualOffice) -> set[Leg]:
    desk = office.server.desk
    owners = {call.leg for call in office.server.arrivals.calls.values()}
    for conversation in desk.conversations.values():
        if conversation.other is not None:
            owners.add(conversation.other.leg)
        if conversation.consultation is not None and conversation.consultation.pair is not None:
            owners |= set(conversation.consultation.pair)
    return owners


def _hears(office: VirtualOffice, leg: Leg) -> bool:
    """Somebody, a prompt, ringing or music."""
    row = office.media.legs[leg.sound.leg]
    is_played_to = row.music is not None or row.play is not None
    return is_played_to or bool(office.media.heard_by(leg.sound.leg))


def check_lamps(office: VirtualOffice) -> None:
    """A lamp is lit exactly while its person is counted as busy."""
    lamps, people = office.server.presence.lamps, office.server.desk.exchange.people
    lit = {extension for extension, dialogs in lamps._people.items() if dialogs}
    assert lit == set(people.busy()), f"lit {lit}, busy {people.busy()}: {office.kinds()}"


def _handler(talked: list[tuple[str, str | None]], caller: str | None) -> str:
    """Whom the history names; a number outside only when nobody of the office ever talked."""
    beside = [
        one
        for other, led in talked
        for one in ((led, other) if led != caller else (other,))
        if one in PEOPLE
    ]
    return beside[-1] if beside else talked[0][0]


def check_rows(office: VirtualOffice) -> None:
    """Each call has its end, and its row says who of the office talked last, beside the caller."""
    for call in office.calls():
        row, story = office.row(call), office.story(call)
        kinds: list[Any] = [event.kind for event in story]
        assert row.ended is not None and kinds.count("call.ended") == 1, kinds
        assert kinds.count("bridge.started") == kinds.count("bridge.ended"), kinds
        talks = [event.data for event in story if event.kind == "bridge.started"]
        talked = [(talk["who"], talk["led"]) for talk in talks]
        if talked and row.direction != "out":
            assert row.handled_by == _handler(talked, row.number), (row, talked)
        # A client who was put through, parked or held after it, and left, has not been served.
        may_be_lost = row.direction == "in" and bool(talked)
        assert (row.result == "talked") is bool(talked) or may_be_lost, row
