"""A new INVITE: who sends it, what it dials, and the task that serves the call until its end.

One task a call owns everything the call has. Whatever happens in it, its last lines run: the
caller is hung up, the media is given back, the story gets its end.
"""

import asyncio
from dataclasses import dataclass, field, replace
from functools import partial

from softswitch import metrics
from softswitch.apps.caller import PhoneCaller
from softswitch.apps.desk import FrontDesk
from softswitch.apps.gate import Gate
from softswitch.apps.internal import InternalCall
from softswitch.apps.outside import direction_of, meaning_of
from softswitch.apps.outward import drop, terms_of
from softswitch.apps.refusals import tell_of_refusal
from softswitch.apps.serving import serve
from softswitch.apps.takeover import Replaced, take_over, what_to_replace
from softswitch.calls.call import Call, Direction, Origin, Story
from softswitch.calls.incoming import RETRY_AFTER, IncomingLeg
from softswitch.calls.sound import SoundError
from softswitch.calls.terms import Terms
from softswitch.log import get_logger
from softswitch.office.codes import Setting, hidden_or_shown
from softswitch.office.directory import internal_numbers
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import Kind, as_dialled, is_emergency
from softswitch.office.private_number import PrivateNumber, private_number
from softswitch.office.shown import one_line
from softswitch.sip.message import Request, Response
from softswitch.sip.offer_answer import OfferAnswerError
from softswitch.sip.privacy import is_anonymous, wants_privacy
from softswitch.sip.session_timer import TOO_SMALL, is_too_brief, refusal_lines
from softswitch.sip.stack import RequestReceived
from softswitch.trunks.profile import user_of
from softswitch.trunks.trunks import Trunks

_log = get_logger("apps.arrivals")

# Calls at once. Over it the switch sheds with 503 before anybody's sound suffers.
MAX_CALLS = 2000
NO_SOUND = "no place in the media engine"
NO_CHANNEL = "all channels of the trunk are in use"


@dataclass(slots=True)
class Arrivals:
    """Handler of INVITEs outside dialogs."""

    desk: FrontDesk
    gate: Gate
    trunks: Trunks
    calls: dict[str, Call]
    # Each serves a call, from its INVITE on; the set keeps them from being collected.
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def invite(self, event: RequestReceived) -> None:
        """Find out who calls; then a task of its own serves the call."""
        if len(self.tasks) >= MAX_CALLS and not self._is_for_help(event.request):
            self._refuse(event, 503, RETRY_AFTER)
            return
        origin = self._origin(event)
        if origin is None:
            return
        wishes = self.desk.exchange.timer_wishes
        if is_too_brief(event.request, wishes):
            self._refuse(event, TOO_SMALL, *refusal_lines(wishes))
            return
        if self.desk.trunk_tests.is_ours(origin):
            work = self._test(event, origin)
        elif "Replaces" not in event.request.headers:
            work = self._serve(event, origin)
        else:
            old = what_to_replace(self.desk, event.request, origin)
            if isinstance(old, int):
                self._refuse(event, old)
                return
            work = self._replace(event, origin, old)
        self.desk.exchange.dispatcher.expect(event.key)
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _is_for_help(self, request: Request) -> bool:
        return is_emergency(user_of(request.uri), self.desk.office.office.country)

    def _origin(self, event: RequestReceived) -> Origin | None:
        """Trunk by its address, anybody else by his credentials; None when it was answered."""
        trunk = self.trunks.identify(event.flow, event.request)
        return self._of_person(event) if trunk is None else self._of_trunk(event, trunk)

    def _of_trunk(self, event: RequestReceived, trunk: str) -> Origin | None:
        """A client, by a provider."""
        self.trunks.heard(trunk)
        called = self.trunks.called_number(trunk, event.request)
        if called is None or not self.desk.office.graph.is_public(called):
            _log.warning("a trunk calls a number that is not ours", trunk=trunk, called=called)
            self._refuse(event, 404)
            return None
        origin = self._client(event.request, trunk, called)
        if self.trunks.is_full(trunk):
            _log.warning("a trunk has no channel left", trunk=trunk)
            self._refuse(event, 503, RETRY_AFTER)
            self._tell(event, origin, 503, NO_CHANNEL)
            return None
        return origin

    def _client(self, request: Request, trunk: str, called: str) -> Origin:
        party = self.trunks.caller(request)
        if self._is_internal(party.number):
            _log.warning("a caller shows an internal number", trunk=trunk, number=party.number)
            return Origin(Direction.IN, None, None, called, trunk=trunk)
        return Origin(Direction.IN, party.number, party.name, called, trunk=trunk)

    def _is_internal(self, number: str | None) -> bool:
        """Nobody outside is one of us: phones would show a colleague's name beside his number."""
        is_short = number is not None and not number.startswith("+")
        return is_short and number in internal_numbers(self.desk.office.office)

    def _of_person(self, event: RequestReceived) -> Origin | None:
        """Somebody of the office, and what he dialled."""
        request, office = event.request, self.desk.office
        extension = self.gate.admit(event)
        if extension is None:
            return None
        person = office.office.people.get(extension)
        dialled, instance = self._called(request)
        prefixed = hidden_or_shown(office.office.codes.hide_number, dialled or "")
        dialled = dialled if prefixed is None else prefixed.digits
        if person is None or not dialled:
            self._refuse(event, 404 if person else 403)
            return None
        user_agent = one_line(request.headers.get("User-Agent"))
        direction = direction_of(office, dialled)
        # His credentials say who he is; what he asserts of himself counts for nothing (RFC 3325).
        is_private = wants_privacy(request.headers) or is_anonymous(request.from_.uri)
        if prefixed is not None:
            is_private = prefixed.is_hidden
        elif direction is Direction.OUT:
            is_set = self.desk.standing.active(extension, Setting.HIDE_NUMBER) is not None
            is_private = is_private or is_set
        return Origin(
            direction, extension, person.name, dialled, None, user_agent, is_private, instance,
            private=self._forwards_to(office, extension, dialled),
        )  # fmt: skip

    def _forwards_to(
        self, office: LoadedOffice, extension: str, dialled: str
    ) -> PrivateNumber | None:
        """The number outside to which somebody forwards his calls with this star code."""
        asked = office.office.codes.understand(dialled) if dialled[0] in "*#" else None
        if asked is None or not asked.arguments or not asked.name.startswith("forward_"):
            return None
        meant = meaning_of(office, asked.arguments[0])
        if meant.kind is not Kind.EXTERNAL:
            return None
        return private_number(office.office, meant.value, extension)

    def _called(self, request: Request) -> tuple[str | None, str | None]:
        """What was dialled; by a GRUU the extension, and the only device that is meant."""
        device = self.desk.exchange.registrar.find_device(request.uri)
        if device is not None:
            return device.extension, device.instance
        return as_dialled(user_of(request.uri)) or None, None

    async def _replace(self, event: RequestReceived, origin: Origin, old: Replaced) -> None:
        leg = await self._opened(event, origin)
        if leg is not None:
            await take_over(self.desk, old, leg, origin)

    async def _test(self, event: RequestReceived, origin: Origin) -> None:
        """A call that we placed ourselves has come back."""
        leg = await self._opened(event, origin)
        if leg is not None:
            self.desk.trunk_tests.came_back(leg)

    async def _opened(self, event: RequestReceived, origin: Origin) -> IncomingLeg | None:
        try:
            return await self._open(event, origin)
        except BaseException:
            self._give_up(event)
            raise

    async def _met(self, event: RequestReceived, loaded: LoadedOffice, origin: Origin) -> Origin:
        """Who the caller is to the office; within 300 ms, or not at all."""
        try:
            contact = await self.desk.clients.find(loaded, origin.number, origin.called)
        except BaseException:
            self._give_up(event)
            raise
        return origin if contact is None else replace(origin, name=contact.name, contact=contact)

    def _give_up(self, event: RequestReceived) -> None:
        """Stopped, or a mistake of ours: no INVITE is left without an answer."""
        self.desk.exchange.dispatcher.unexpect(event.key)
        self._refuse(event, 503, RETRY_AFTER)

    async def _serve(self, event: RequestReceived, origin: Origin) -> None:
        loaded = self.desk.office
        if origin.direction is Direction.IN:
            origin = await self._met(event, loaded, origin)
        leg = await self._opened(event, origin)
        if leg is None:
            return
        call = Call(self.desk.exchange, loaded, leg, origin)
        self.calls[call.id] = call
        call.begin()
        try:
            await self._walk(call)
        finally:
            self.calls.pop(call.id, None)

    async def _open(self, event: RequestReceived, origin: Origin) -> IncomingLeg | None:
        """The caller's leg with a media row and the answer to his offer."""
        exchange = self.desk.exchange
        try:
            sound, session = await exchange.open_sound(event.flow, terms=self._terms(origin))
        except SoundError:
            exchange.dispatcher.unexpect(event.key)
            self._refuse(event, 503, RETRY_AFTER)
            self._tell(event, origin, 503, NO_SOUND)
            return None
        leg = IncomingLeg(exchange, sound, session, event.key, event.request, event.flow)
        leg.is_ours = origin.direction is not Direction.IN
        if origin.trunk is not None and origin.trunk in self.trunks.all:
            leg.dealings = self.trunks.dealings(origin.trunk)
            self.trunks.occupy(origin.trunk, leg, partial(drop, leg))
        exchange.dispatcher.own_ringing(leg)
        try:
            if not leg.is_over:
                leg.prepare()
        except OfferAnswerError as error:
            tell_of_refusal(self.desk, origin, error)
            leg.refuse(error.status, error.reason, *error.headers)
            leg.release()
            self._tell(event, origin, error.status, error.reason)
            return None
        return leg

    def _terms(self, origin: Origin) -> Terms | None:
        """On which the provider is to be spoken with; none: the office's."""
        trunk = self.trunks.all.get(origin.trunk or "")
        return terms_of(trunk) if trunk is not None else None

    def _tell(self, event: RequestReceived, origin: Origin, status: int, reason: str) -> None:
        """A call that could not begin has its line in the history too."""
        story = Story(self.desk.exchange, origin)
        story.begin()
        story.trace(event.request.call_id)
        story.end("switch", status, reason)

    async def _walk(self, call: Call) -> None:
        """The route of a public number, or what an extension dialled."""
        language = call.office.office.office.language
        caller = PhoneCaller(self.desk, call, language)
        if call.origin.direction is Direction.IN:
            serving = self.desk.follow(call, call.origin.called, caller)
        else:
            serving = InternalCall(self.desk, self.trunks, call, caller).serve()
        await serve(self.desk, call, caller, serving)

    def _refuse(self, event: RequestReceived, status: int, *headers: tuple[str, str]) -> None:
        metrics.calls_refused.labels(str(status)).inc()
        response = Response.answering(event.request, status, to_tag=self.desk.exchange.token())
        for name, value in headers:
            response.headers.add(name, value)
        self.desk.exchange.endpoint.send(response, event.key)

    async def close(self) -> None:
        """Hang every call up and wait until each has written its last line."""
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("a call could not be served", exc_info=task.exception())
