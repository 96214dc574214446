"""One trunk's line to its provider: sends what `registration` and `watch` want, hears the answers.

REGISTER with digest (RFC 3261 10.2, 22; RFC 7616), OPTIONS as a question for life (11). Who
registers is asked too: the question keeps the hole in a router open, and shows by `received` and
`rport` (RFC 3581) when our address as he sees it has changed. But only an unanswered REGISTER says
that he is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.net.addresses import has_way
from softswitch.office.trunk import Trunk
from softswitch.sip.events import ResponseReceived, TransactionFailed
from softswitch.sip.flow import Flow, Hop, Target
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import Uri
from softswitch.trunks.credentials import CHALLENGED, Signer
from softswitch.trunks.profile import route_of
from softswitch.trunks.registrar_says import granted_seconds, number_of, retry_after
from softswitch.trunks.registration import Ask, Phase, Registration, Risk
from softswitch.trunks.trunks import Rank, contact_user
from softswitch.trunks.watch import Health, Watch

_log = get_logger("trunks")


class Wire(Protocol):
    """The SIP endpoint, as far as it is needed."""

    def send(self, message: Request, target: Target) -> TransactionKey: ...

    def local_contact(self, target: Target) -> str: ...

    def advertised_address(self, target: Target) -> str: ...


class Owners(Protocol):
    """Who hands answers on."""

    def own_transaction(self, key: TransactionKey, owner: Any) -> None: ...

    def disown_transaction(self, key: TransactionKey) -> None: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """What a link needs of the house."""

    wire: Wire
    owners: Owners
    token: Callable[[], str]
    chance: Callable[[], float]
    clock: Callable[[], float]
    has_way: Callable[[Target], bool] = has_way


class Trouble(Enum):
    """Why calls over this trunk are at risk."""

    SILENT = "silent"
    REFUSED = "refused"
    UNREGISTERED = "unregistered"


@dataclass(slots=True)
class _Asked:
    """A request on its way."""

    key: TransactionKey
    request: Request
    hop: Hop
    expires: int = 0


class Link:
    """`signer`: of the trunk's account; `on_answer`: told which server answers, and of each
    change; `on_move`: told that we are reached elsewhere now."""

    def __init__(
        self,
        name: str,
        trunk: Trunk,
        hops: list[Hop],
        signer: Signer | None,
        ports: Ports,
        on_answer: Callable[["Link", Hop | None], None],
        on_move: Callable[[str], None],
    ) -> None:
        self.name, self.trunk = name, trunk
        self._hops, self._signer, self._ports = hops, signer, ports
        self._on_answer, self._on_move = on_answer, on_move
        now = ports.clock()
        self.watch = Watch(trunk.watch, now)
        self.watch.servers = len(hops)
        self.registration: Registration | None = None
        if trunk.register_:
            self.registration = Registration(int(trunk.expires), len(hops), ports.chance, now)
        self._call_id, self._cseq, self._tag = ports.token(), 0, ports.token()
        self._register: _Asked | None = None
        self._question: _Asked | None = None
        self._asked_server = 0
        self._contact: str | None = None
        self._seen: tuple[str | None, int | None] | None = None
        self.error = ""

    # --- how it stands ---

    @property
    def trouble(self) -> Trouble | None:
        if self.registration is None:
            return Trouble.SILENT if self.watch.health is Health.DOWN else None
        if self.registration.risk is Risk.REFUSED:
            return Trouble.REFUSED
        return Trouble.UNREGISTERED if self.registration.risk is not None else None

    @property
    def rank(self) -> Rank:
        """Whether calls out are to try it."""
        if self.registration is None:
            if self.watch.is_left_out:
                return Rank.LEFT_OUT
            return Rank.UNPROVEN if self.watch.health is Health.DOWN else Rank.GOOD
        if self.registration.risk is not None:
            return Rank.LEFT_OUT
        return Rank.GOOD if self.is_registered else Rank.UNPROVEN

    @property
    def is_registered(self) -> bool:
        return self.registration is not None and self.registration.valid_until is not None

    @property
    def is_gone(self) -> bool:
        return self.registration is None or self.registration.phase is Phase.GONE

    @property
    def last_error(self) -> str:
        return self.registration.error if self.registration is not None else self.error

    @property
    def deadline(self) -> float | None:
        """When `tick` is to be called."""
        times = [self.watch.deadline]
        times.append(self.registration.deadline if self.registration is not None else None)
        return min((time for time in times if time is not None), default=None)

    # --- what happens ---

    def tick(self, now: float) -> None:
        """Send what is due."""
        registration = self.registration
        if registration is not None:
            ask = registration.tick(now)
            if ask is not None:
                self._send_register(ask)
        silences = self.watch.silences
        is_to_ask = self.watch.tick(now)
        if self.watch.silences > silences:
            self._met_silence(now, "no answer")
        if is_to_ask:
            self._send_question(now)
        self._on_answer(self, None)

    def use_hops(self, hops: list[Hop], now: float) -> None:
        """The servers' addresses as they are now."""
        if set(hops) == set(self._hops):
            return
        registration = self.registration
        current = self._current
        if self._hops:
            self._tell_move("servers", to=[f"{hop.host}:{hop.port}" for hop in hops])
        self._hops, self._asked_server = hops, 0
        self.watch.servers = len(hops)
        if registration is not None:
            place = hops.index(current) if current in hops else None
            registration.serve_by(len(hops), place, now)

    def flow_lost(self, flow: Flow, now: float) -> None:
        """A connection ended: calls to our contact would find nobody there."""
        is_ours = any((hop.host, hop.port) == flow.remote for hop in self._hops)
        if is_ours and self.registration is not None:
            self._tell_move("connection")
            self.registration.ask_again(now)

    def look_at_ourselves(self, now: float) -> None:
        """Whether we have another address toward him since the last time."""
        hop = self._hop_to_ask()
        if hop is not None:
            self._look_at_ourselves(hop, now)

    def call_unanswered(self, now: float) -> None:
        self.watch.call_unanswered(now)
        if self.registration is not None:
            self.registration.ask_again(now)

    def heard(self, now: float) -> None:
        """A call of his, or an answer to one of ours."""
        health = self.watch.health
        self.watch.heard(now)
        # Each call tells it, and most often it is known: then only the next question has more time.
        if self.watch.health is not health:
            self._on_answer(self, None)

    def leave(self, now: float) -> None:
        """No more questions; take our contact away, if we are registered."""
        self.watch.stop()
        self._drop(self._question)
        self._question = None
        if self.registration is not None:
            ask = self.registration.leave(now)
            if ask is not None:
                self._send_register(ask)

    def close(self) -> None:
        """Nothing is waited for any more."""
        for asked in (self._register, self._question):
            self._drop(asked)
        self._register = self._question = None

    @property
    def _current(self) -> Hop | None:
        place = self.registration.server if self.registration is not None else 0
        return self._hops[place] if place < len(self._hops) else None

    # --- sending ---

    def _send_register(self, ask: Ask) -> None:
        hop = self._current
        self._drop(self._register)
        self._register = None
        if hop is None:
            return
        self._contact = self._ports.wire.local_contact(hop)
        self._cseq += 1
        request = self._request("REGISTER", self._call_id, self._cseq)
        user = contact_user(self.name, self.trunk)
        request.headers.add("Contact", f"<sip:{user}@{self._contact}>;expires={ask.expires}")
        request.headers.add("Expires", str(ask.expires))
        if self._signer is not None:
            self._signer.sign(request)
        self._register = self._sent(request, hop, ask.expires)

    def _send_question(self, now: float) -> None:
        self._drop(self._question)
        self._question = None
        hop = self._hop_to_ask()
        if hop is None:
            self.error = "the server cannot be found"
            self.watch.silent(now)
            return
        self._look_at_ourselves(hop, now)
        request = self._request("OPTIONS", self._ports.token(), 1)
        request.headers.add("Accept", "application/sdp")
        self._question = self._sent(request, hop)

    def _look_at_ourselves(self, hop: Hop, now: float) -> None:
        """Whether our own address toward him is another one; without a route there is none."""
        if not self._ports.has_way(hop):
            return
        before, self._contact = self._contact, self._ports.wire.local_contact(hop)
        if before not in (None, self._contact):
            self._moved(now)

    def _hop_to_ask(self) -> Hop | None:
        """The server where we are registered; of others each in turn while there is silence."""
        if self.registration is not None:
            return self._current
        return self._hops[self._asked_server % len(self._hops)] if self._hops else None

    def _request(self, method: str, call_id: str, cseq: int) -> Request:
        trunk = self.trunk
        uri = Uri("sip", None, None, trunk.host, trunk.port)
        account = Uri("sip", trunk.username, None, trunk.host, None)
        headers = Headers()
        headers.add("Max-Forwards", "70")
        for route in route_of(trunk):
            headers.add("Route", route)
        headers.add("From", f"<{account}>;tag={self._tag}")
        headers.add("To", f"<{account}>")
        headers.add("Call-ID", call_id)
        headers.add("CSeq", f"{cseq} {method}")
        return Request(method, uri, headers)

    def _sent(self, request: Request, hop: Hop, expires: int = 0) -> _Asked:
        key = self._ports.wire.send(request, hop)
        self._ports.owners.own_transaction(key, self)
        return _Asked(key, request, hop, expires)

    def _drop(self, asked: _Asked | None) -> None:
        if asked is not None:
            self._ports.owners.disown_transaction(asked.key)

    # --- what comes back ---

    def response_received(self, event: ResponseReceived) -> None:
        """Only final responses matter."""
        if event.response.status < 200:
            return
        now = self._ports.clock()
        self._ports.owners.disown_transaction(event.key)
        if self._register is not None and event.key == self._register.key:
            asked, self._register = self._register, None
            self._registered(asked, event.response, now)
        elif self._question is not None and event.key == self._question.key:
            asked, self._question = self._question, None
            self._answered(asked, event.response, now)

    def transaction_failed(self, event: TransactionFailed) -> None:
        """No answer, or it could not be sent."""
        now = self._ports.clock()
        self._ports.owners.disown_transaction(event.key)
        if self._register is not None and event.key == self._register.key:
            self._register = None
            if self.registration is not None:
                self.registration.silent(now)
        elif self._question is not None and event.key == self._question.key:
            self._question = None
            self._silent(now, "no answer")
        self._on_answer(self, None)

    def _registered(self, asked: _Asked, response: Response, now: float) -> None:
        registration, status = self.registration, response.status
        if registration is None:
            return
        if status in CHALLENGED and self._signer is not None and self._signer.learn(response):
            self._cseq += 1
            again = asked.request.copy()
            again.headers.set("CSeq", f"{self._cseq} REGISTER")
            self._signer.sign(again)
            self._register = self._sent(again, asked.hop, asked.expires)
            return
        if self._signer is not None:
            self._signer.settled()
        if status < 300:
            if self._note_our_address(response):
                self._tell_address()
            user = contact_user(self.name, self.trunk)
            registration.granted(granted_seconds(response, user, asked.expires), now)
            self.watch.heard(now)
        elif status == 423:
            ask = registration.too_brief(number_of(response, "Min-Expires"), now)
            if ask is not None:
                self._send_register(ask)
        else:
            registration.refused(status, response.reason, retry_after(response), now)
        self._on_answer(self, asked.hop if status < 300 else None)

    def _answered(self, asked: _Asked, response: Response, now: float) -> None:
        if response.status in (408, 503):
            self._silent(now, f"{response.status} {response.reason}")
        else:
            self.watch.heard(now)
            self.error = ""
            if self._note_our_address(response):
                self._moved(now)
        is_alive = self.watch.health is Health.UP
        self._on_answer(self, asked.hop if is_alive and self.registration is None else None)

    def _silent(self, now: float, error: str) -> None:
        self.watch.silent(now)
        self._met_silence(now, error)

    def _met_silence(self, now: float, error: str) -> None:
        """The next server is asked; and where we are registered, the REGISTER tells for certain."""
        self.error = error
        self._asked_server += 1
        if self.watch.health is Health.DOWN and self.registration is not None:
            self.registration.ask_again(now)

    def _note_our_address(self, response: Response) -> bool:
        """Whether he sees us elsewhere than before: a router was restarted, a line changed."""
        via = response.via
        seen, before = (via.received, via.rport), self._seen
        self._seen = seen
        return before is not None and before != seen

    def _moved(self, now: float) -> None:
        self._tell_address()
        if self.registration is not None:
            self.registration.ask_again(now)

    def _tell_address(self) -> None:
        """Calls that are up go on from where we are now."""
        self._tell_move("our address")
        self._on_move(self.name)

    def _tell_move(self, what: str, **more: object) -> None:
        _log.info("a trunk's way has changed", trunk=self.name, what=what, **more)
        metrics.trunk_moves.labels(what).inc()
