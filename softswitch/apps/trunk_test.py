"""`softswitch trunks --test`: is the provider there, and what does he make of a call of ours?

OPTIONS, the state of the registration, and if wished a call out over this trunk to a number of our
own, which comes back as a client's would. Both ends are then in our hands: what the far side showed
is read from the INVITE, and keys pressed on one side are heard on the other.

While the call is on its way, a call in to that number is taken for it only if it shows a number of
ours or none: a client who calls in the same second goes his way.
"""

import asyncio
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from media.api import LegStats
from softswitch.apps.outward import Shown as CallerShown
from softswitch.apps.outward import invitation_over
from softswitch.calls.call import Origin
from softswitch.calls.exchange import Exchange, Invitation
from softswitch.calls.incoming import IncomingLeg
from softswitch.calls.leg import Leg, LegState
from softswitch.calls.outgoing import OutgoingLeg
from softswitch.calls.sound import SoundError
from softswitch.control import ControlError
from softswitch.log import get_logger
from softswitch.office.models import Office
from softswitch.office.numbers import normalize
from softswitch.office.own_number import own_number
from softswitch.sip.events import ResponseReceived, TransactionFailed
from softswitch.sip.flow import Hop
from softswitch.sip.message import Headers, Request
from softswitch.trunks.profile import route_of
from softswitch.trunks.showing import (
    Advice,
    Shown,
    advice_on_refusal,
    advice_on_showing,
    shown_by,
)
from softswitch.trunks.trunks import Trunks
from softswitch.wording import say

if TYPE_CHECKING:
    from softswitch.trunks.keeper import TrunkKeeper

_log = get_logger("apps.trunk_test")

ANSWER_WITHIN, RING_WITHIN = 4.0, 30.0
"""Seconds for OPTIONS, and for the call to come back and be answered."""
RING_FOR = 0.5
KEY_WITHIN = 3.0
KEYS = ("5", "8")
TALK = 1.0


@dataclass(slots=True)
class Report:
    """What is known so far; milliseconds throughout."""

    trunk: str
    server: str
    state: str
    error: str
    at: list[str]
    language: str
    alive: bool = False
    answered_in: int | None = None
    status: int | None = None
    agent: str | None = None
    seen_as: str | None = None
    number: str | None = None
    shown: dict[str, Any] | None = None
    back_after: int | None = None
    rung_after: int | None = None
    call_status: int | None = None
    call_reason: str = ""
    codec: str | None = None
    ptime: int | None = None
    keys: list[bool] = field(default_factory=list)  # out → in, in → out
    lost: list[int] = field(default_factory=list)  # packets, of each leg
    advice: list[Advice] = field(default_factory=list)
    is_done: bool = False


class TrunkTests:
    """One at a time. `keeper` says how the trunks stand; it is put in by the wiring."""

    def __init__(self, exchange: Exchange, trunks: Trunks) -> None:
        self._exchange, self._trunks = exchange, trunks
        self.keeper: TrunkKeeper | None = None
        self._report: Report | None = None
        self._task: asyncio.Task[None] | None = None
        self._came_back: asyncio.Future[IncomingLeg] | None = None
        self._began = 0.0

    def begin(self, office: Office, trunk: str, number: str | None) -> None:
        """Start one. Raises `ControlError`."""
        if self._task is not None and not self._task.done():
            raise ControlError(say("another_trunk_tested"))
        if trunk not in office.trunks:
            raise ControlError(say("no_such_trunk_among", trunk=trunk, known=tuple(office.trunks)))
        if trunk not in self._trunks.all:
            raise ControlError(say("trunk_is_off", trunk=trunk))
        wanted = None if number is None else normalize(number, office.country)
        own = [one for each in office.trunks.values() for one in each.numbers]
        if number is not None and wanted not in own:
            raise ControlError(say("no_number_of_ours", text=number, known=tuple(own)))
        stands = self.keeper.status({trunk: office.trunks[trunk]})[0] if self.keeper else {}
        self._report = Report(
            trunk,
            office.trunks[trunk].server,
            str(stands.get("state", "off")),
            str(stands.get("error", "")),
            list(stands.get("at", [])),
            office.office.language,
            number=wanted,
        )
        self._task = asyncio.create_task(self._run(self._report, office, wanted, own))

    def told(self) -> dict[str, Any]:
        """The report so far, as plain values. Raises `ControlError` when nothing was tested."""
        if self._report is None:
            raise ControlError(say("no_trunk_tested"))
        return asdict(self._report)

    def is_ours(self, origin: Origin) -> bool:
        """Is this call in the one that we placed?"""
        report = self._report
        if self._came_back is None or self._came_back.done() or report is None:
            return False
        own = {one for trunk in self._trunks.all for one in self._trunks.own_numbers(trunk)}
        return origin.called == report.number and (origin.number is None or origin.number in own)

    def came_back(self, leg: IncomingLeg) -> None:
        """Its leg, which is the test's from now on."""
        if self._came_back is None or self._came_back.done():
            leg.refuse(480)
            leg.release()
        else:
            self._came_back.set_result(leg)

    async def close(self) -> None:
        """End one that is still under way."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    # --- the test ---

    async def _run(
        self, report: Report, office: Office, number: str | None, own: list[str]
    ) -> None:
        try:
            hops = self._trunks.hops(report.trunk)
            if hops:
                await self._ask(report, hops[0])
            if number is not None and hops:
                await self._call(report, office, number, hops[0], own)
        except SoundError as error:
            report.call_reason = str(error)
        finally:
            report.is_done = True
            _log.info("a trunk was tested", trunk=report.trunk, alive=report.alive,
                      status=report.call_status)  # fmt: skip

    async def _ask(self, report: Report, hop: Hop) -> None:
        question = _Question(self._exchange)
        began = self._exchange.now()
        answer = await question.ask(self._options(report.trunk), hop)
        if answer is None:
            return
        response = answer.response
        report.status, report.alive = response.status, response.status not in (408, 503)
        report.answered_in = _milliseconds(self._exchange.now() - began)
        report.agent = response.headers.get("Server") or response.headers.get("User-Agent")
        via = response.via
        if via.received or via.rport:
            report.seen_as = f"{via.received or via.host}:{via.rport or via.port or 5060}"

    def _options(self, name: str) -> Request:
        trunk, exchange = self._trunks.trunk(name), self._exchange
        uri = self._trunks.number_uri(name)
        headers = Headers()
        headers.add("Max-Forwards", "70")
        for route in route_of(trunk):
            headers.add("Route", route)
        account = self._trunks.number_uri(name, trunk.username)
        headers.add("From", f"<{account}>;tag={exchange.token()}")
        headers.add("To", f"<{uri}>")
        headers.add("Call-ID", exchange.token())
        headers.add("CSeq", "1 OPTIONS")
        return Request("OPTIONS", uri, headers)

    async def _call(
        self, report: Report, office: Office, number: str, hop: Hop, own: list[str]
    ) -> None:
        self._came_back = asyncio.get_running_loop().create_future()
        self._began = self._exchange.now()
        changed = asyncio.Event()
        out = await self._exchange.place(self._invitation(office, report, number, hop), changed.set)
        back: IncomingLeg | None = None
        try:
            back = await self._returned(report, office, out, changed, own)
            if back is not None:
                await self._talk(report, out, back)
        finally:
            self._came_back.cancel()
            self._came_back = None
            for leg in (out, back):
                if leg is not None:
                    leg.hang_up()
                    leg.release()

    def _invitation(self, office: Office, report: Report, number: str, hop: Hop) -> Invitation:
        """As a call of the office over this trunk."""
        trunks, name = self._trunks, report.trunk
        shown = CallerShown(own_number(office, name, [office.office.number]))
        invitation = invitation_over(trunks, self._exchange, name, hop, number, shown)
        return replace(invitation, own=lambda leg: trunks.occupy(name, leg))

    async def _returned(
        self, report: Report, office: Office, out: OutgoingLeg, changed: asyncio.Event,
        own: list[str],
    ) -> IncomingLeg | None:  # fmt: skip
        """Our call as it came back, once both ends are up; None when it did not."""
        waiting = self._came_back
        assert waiting is not None
        over = asyncio.ensure_future(_wait(changed, lambda: out.is_over or out.is_up))
        try:
            async with asyncio.timeout(RING_WITHIN):
                either: list[asyncio.Future[Any]] = [waiting, over]
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    self._note_end(report, out)
                    return None
                back = waiting.result()
                report.back_after = self._since()
                shown = shown_by(back.request)
                report.shown = asdict(shown)
                report.advice += self._advice(report, office, shown, own)
                back.ring()
                await _wait(changed, lambda: out.has_rung or out.is_over or out.is_up)
                report.rung_after = self._since() if out.has_rung else None
                await asyncio.sleep(RING_FOR)
                await back.answer()
                await over
        except TimeoutError:
            report.advice.append(Advice("no_way_back"))
        finally:
            over.cancel()
        self._note_end(report, out)
        return waiting.result() if waiting.done() and not waiting.cancelled() else None

    def _advice(self, report: Report, office: Office, shown: Shown, own: list[str]) -> list[Advice]:
        trunk = self._trunks.trunk(report.trunk)
        return advice_on_showing(trunk, office.country, shown, report.number or "", own)

    def _note_end(self, report: Report, out: OutgoingLeg) -> None:
        """How our INVITE was answered, if it was."""
        report.call_status = 200 if out.is_up else out.last_status
        report.call_reason = out.last_reason
        if out.is_up and (self._came_back is None or not self._came_back.done()):
            report.advice.append(Advice("somebody_else"))
        elif out.is_over:
            trunk = self._trunks.trunk(report.trunk)
            report.advice.append(advice_on_refusal(trunk, out.last_status))

    async def _talk(self, report: Report, out: OutgoingLeg, back: IncomingLeg) -> None:
        """Sound and keys, both ways."""
        if out.state is not LegState.UP or back.is_over:
            return
        stream = out.stream
        report.codec = stream.codec.name if stream is not None else None
        report.ptime = stream.ptime if stream is not None else None
        for leg in (out, back):
            leg.sound.loop(["tone:ringing"])
        await asyncio.sleep(TALK)
        for pressed, (here, there) in zip(KEYS, ((out, back), (back, out)), strict=True):
            report.keys.append(await _is_heard(here, there, pressed))
        report.lost = [await _lost(leg) for leg in (out, back)]
        if not all(report.keys):
            report.advice.append(Advice("no_sound"))

    def _since(self) -> int:
        return _milliseconds(self._exchange.now() - self._began)


class _Question:
    """One OPTIONS, and the future of its answer."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._answer: asyncio.Future[ResponseReceived | None] = (
            asyncio.get_running_loop().create_future()
        )

    async def ask(self, request: Request, hop: Hop) -> ResponseReceived | None:
        key = self._exchange.endpoint.send(request, hop)
        self._exchange.dispatcher.own_transaction(key, self)
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await self._answer
        except TimeoutError:
            return None
        finally:
            self._exchange.dispatcher.disown_transaction(key)

    def response_received(self, event: ResponseReceived) -> None:
        if event.response.status >= 200 and not self._answer.done():
            self._answer.set_result(event)

    def transaction_failed(self, event: TransactionFailed) -> None:
        if not self._answer.done():
            self._answer.set_result(None)


async def _wait(changed: asyncio.Event, check: Any) -> None:
    while not check():
        changed.clear()
        await changed.wait()


async def _is_heard(here: Leg, there: Leg, key: str) -> bool:
    """Whether a key that is pressed here arrives there."""
    there.sound.forget_keys()
    here.sound.send_key(key)
    try:
        async with asyncio.timeout(KEY_WITHIN):
            return await there.sound.keys.get() == key
    except TimeoutError:
        return False


async def _lost(leg: Leg) -> int:
    """Packets that did not arrive."""
    measured: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def tell(stats: LegStats) -> None:
        if not measured.done():
            measured.set_result(stats.lost_in)

    leg.sound.measure(tell)
    try:
        async with asyncio.timeout(KEY_WITHIN):
            return await measured
    except TimeoutError:
        return 0


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
