"""The guard of the house: one object between the network, the stack, the gate and the operator.

The endpoint asks `admits` for each packet and `admits_connection` for each new connection, fetches
with `next_waiting` what had to wait and tells with `spent` what that cost; the stack asks `refuses`
for each new request; the gate tells how credentials turned out, `defence` how late the switch is.
Time is handed in (seconds that never go back). One log line when a source is dropped, none for its
packets.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from softswitch.guard.behind import Behind, origin, second
from softswitch.guard.credentials import Credentials
from softswitch.guard.load import Load
from softswitch.guard.queues import Queues, Waiting
from softswitch.guard.scanners import Scanners, is_tool
from softswitch.guard.share import Share
from softswitch.guard.sources import Remote, Sources, Standing, source_of
from softswitch.log import get_logger
from softswitch.sip.admission import Admission, Refusal
from softswitch.sip.events import MessageRejected
from softswitch.sip.flow import Flow
from softswitch.sip.message import Request
from softswitch.sip.uri import Uri

_log = get_logger("guard")

PROVED_SECONDS = 600.0
"""How long good credentials make a flow a friend; a binding does it for as long as it lives."""
BEHIND_SECONDS = 3_600.0
"""The same for who stands behind a proxy: as long as a registration lasts."""
RETRY_AFTER = "5"
"""Seconds: long enough to breathe, short for a caller."""
NEW_WORK = frozenset({"INVITE", "REGISTER", "SUBSCRIBE", "MESSAGE"})
"""New work outside dialogs. The rest ends calls, or costs next to nothing."""
_UNREADABLE = (None, 400)
_INVITED = re.compile(rb"INVITE ([a-zA-Z]+:[^ ]{1,256}) ")
SERVED_FIRST = "urn"
"""Scheme of urn:service:sos (RFC 5031)."""

_SENDER = "the Via's sender"
"""Where it is kept among a request's views: no field has such a name."""

Challenge = Callable[[Request, Flow, float], Refusal | None]


class _Sender(NamedTuple):
    """Who sent a request, as it was read: asked for some three times while one is taken."""

    below: str | None
    """The Via that was read, and the flow by which the request came."""
    way: Flow
    flow: Flow


def _sent_through(flow: Flow, below: str | None) -> Flow:
    sender = origin(below, flow.remote[0])
    return flow if sender is None else Flow(flow.transport, flow.local, sender, flow.connection)


class Guard:
    """See the module's docstring. `spared`: networks that are never dropped."""

    def __init__(self, spared: Iterable[str] = ()) -> None:
        self.sources = Sources(spared)
        self.sources.on_restless = self._restless
        self.behind = Behind()
        self.sources.room = self.behind.room
        self.scanners = Scanners()
        self.credentials = Credentials()
        self.load = Load()
        self.queues = Queues()
        self.share = Share()
        self.is_emergency: Callable[[str], bool] = lambda number: number == "112"
        self.is_trunk: Callable[[Flow], bool] = lambda _flow: False
        self.challenge: Challenge = lambda _request, _flow, _now: None
        """Asks a stranger for credentials; None: it is let pass, and asked with state."""
        self.counters: Counter[str] = Counter()
        """`shed`, `delayed`, `held` (not looked at before its time), `sources dropped`, `restless`
        (a friend's packet that had to wait)."""

    def admits(self, data: bytes, flow: Flow, now: float) -> Admission:
        """When is this message parsed? Nothing of it is looked at here, but of a friend who sends
        too much whether he calls for help."""
        sender = self.behind.sender_in(data, flow.remote)
        standing = self._standing(sender, flow.remote, now)
        if standing is Standing.FRIEND:
            return Admission.NOW
        if standing is Standing.UNWANTED:
            return Admission.NEVER
        if standing is Standing.RESTLESS:
            self.counters["restless"] += 1
            if self._begins_a_call_for_help(data) and self.sources.takes_help(sender, now):
                return Admission.NOW
        is_in = self.queues.put(standing, Waiting(data, flow, now, sender))
        return Admission.LATER if is_in else Admission.NEVER

    def _standing(self, sender: Remote, remote: Remote, now: float) -> Standing:
        """A stranger behind a proxy takes nothing of its room; a friend has to find some in it."""
        sources = self.sources
        if sender == remote:
            return sources.standing(remote, now)
        if sources.is_friend(sender, now):
            standing = sources.standing(remote, now)
            if standing is not Standing.FRIEND:
                return standing
        return sources.standing(sender, now)

    def sender_of(self, request: Request, flow: Flow) -> Flow:
        """The flow by which it came, or would have come without the proxy on its way."""
        if not self.behind.is_proxy(flow.remote):
            return flow
        views = request.headers.views
        below = second(request.headers.all("Via"))
        known: _Sender | None = views.get(_SENDER)
        if known is None or known.below != below or known.way is not flow:
            known = views[_SENDER] = _Sender(below, flow, _sent_through(flow, below))
        return known.flow

    def pause(self, now: float) -> float | None:
        """Seconds until `next_waiting` is to be asked; None: nobody waits."""
        return self.share.wait(now) if len(self.queues) else None

    def next_waiting(self, now: float) -> tuple[bytes, Flow] | None:
        """The message whose turn it is; None: nobody waits, or not yet."""
        while self.share.wait(now) <= 0.0 and (waiting := self.queues.take(now)) is not None:
            if not self._is_unwanted(waiting, now):
                return waiting.data, waiting.flow
        return None

    def spent(self, seconds: float, now: float) -> None:
        """So much of the switch's own time went to what `next_waiting` gave."""
        self.share.spend(seconds, now)

    def measured(self, late: float) -> None:
        """To be told in each `load.PERIOD`: by how many seconds the switch is late."""
        self.load.sample(late)
        self.share.follow(self.load.delay)

    def _is_unwanted(self, waiting: Waiting, now: float) -> bool:
        """Asked when it is his turn: of those who never get one, nothing is looked at."""
        host = waiting.sender[0]
        if is_tool(waiting.data) and self._is_stranger(waiting.sender, now):
            self._drop(host, now, "attack tool")
        return self.sources.passes_over(source_of(host), now)

    def admits_connection(self, host: str, now: float) -> bool:
        """May this address open a connection?"""
        return not self.sources.is_dropped(source_of(host), now)

    def is_friend(self, flow: Flow, now: float) -> bool:
        """Did this flow prove itself, or is it a trunk's?"""
        return self.sources.is_friend(flow.remote, now)

    def refuses(self, request: Request, flow: Flow, now: float) -> Refusal | None:
        """What a new request outside any dialog is answered without state, or None.

        A stranger's first request is challenged here: it costs no transaction and no repeats.
        """
        if request.method not in NEW_WORK:
            return None
        sender = self.sender_of(request, flow)
        if self._sheds(request, sender, now):
            return Refusal(503, (("Retry-After", RETRY_AFTER),))
        headers = request.headers
        if "Authorization" in headers or "Proxy-Authorization" in headers:
            return None
        if self.is_friend(sender, now) or self.is_trunk(flow):
            return None
        return self.challenge(request, flow, now)

    def _sheds(self, request: Request, flow: Flow, now: float) -> bool:
        load = self.load
        if load.level == 0 or self._is_for_help(request):
            return False
        if load.takes(self.sources.is_friend(flow.remote, now)):
            return False
        self.counters["shed"] += 1
        return True

    def vouch(
        self,
        flow: Flow,
        now: float,
        seconds: float = PROVED_SECONDS,
        person: str = "",
        is_proxy: bool = False,
    ) -> None:
        """Good credentials of a person came by this flow, or a binding of his has it."""
        remote = flow.remote
        self.behind.proved(remote, person, now + seconds)
        self.sources.vouch(remote, seconds, now)
        if is_proxy:
            self.behind.passes_on(remote)
        self.scanners.cleared(source_of(remote[0]))

    def proved(self, request: Request, flow: Flow, person: str, now: float) -> None:
        """The credentials of this request were good."""
        is_proxy = second(request.headers.all("Via")) is not None
        self.vouch(flow, now, PROVED_SECONDS, person, is_proxy)
        sender = self.sender_of(request, flow)
        if sender is not flow:
            # Its binding, if it has one, is known by the proxy's flow alone.
            self.vouch(sender, now, BEHIND_SECONDS, person)
            for gone in self.behind.sent_by(flow.remote, sender.remote):
                self.sources.disown(gone)

    def challenged(self, flow: Flow, now: float) -> None:
        """It was asked for credentials: nothing wrong, unless nothing else ever happens."""
        if self._is_stranger(flow.remote, now):
            source = source_of(flow.remote[0])
            if self.scanners.challenged(source, now):
                self._drop(flow.remote[0], now, "never answers a challenge")

    def tried(self, flow: Flow, name: str, now: float) -> None:
        """A user or number was tried in vain."""
        if self._is_stranger(flow.remote, now):
            source = source_of(flow.remote[0])
            if self.scanners.tried(source, name, now):
                self._drop(flow.remote[0], now, "tries many names")

    def rejected(self, told: MessageRejected, now: float) -> None:
        """The stack could not use a message: one that cannot be read counts."""
        flow = told.flow
        if told.status in _UNREADABLE and self._is_stranger(flow.remote, now):
            source = source_of(flow.remote[0])
            if self.scanners.garbled(source, now):
                self._drop(flow.remote[0], now, "sends what is no SIP")

    def forgive(self) -> None:
        """The office has another version: who failed may have been put right."""
        self.sources.forgive()
        self.credentials.forgive()

    def expire(self, now: float) -> None:
        """Forget what has no effect any more; to be called every minute or so."""
        for policy in (self.sources, self.behind, self.scanners, self.credentials):
            policy.expire(now)

    def sizes(self) -> dict[str, tuple[int, int]]:
        """How full each table is, and its bound."""
        return {
            **self.sources.sizes(),
            **self.behind.sizes(),
            **self.queues.sizes(),
            **self.scanners.sizes(),
            **self.credentials.sizes(),
        }

    def _is_stranger(self, sender: Remote, now: float) -> bool:
        sources = self.sources
        return not (sources.is_friend(sender, now) or sources.is_home(sender[0], now))

    def _begins_a_call_for_help(self, data: bytes) -> bool:
        """By the request line alone: this is asked for each packet of somebody gone mad."""
        found = _INVITED.match(data)
        if found is None:
            return False
        uri = found[1].decode("ascii", "replace")
        scheme, _, rest = uri.partition(":")
        number = rest.partition("@")[0].partition(";")[0]
        return scheme.lower() == SERVED_FIRST or self.is_emergency(number)

    def _restless(self, remote: Remote) -> None:
        address = f"{remote[0]}:{remote[1]}"
        _log.warning("a phone or trunk sends too much, and waits its turn", address=address)

    def _is_for_help(self, request: Request) -> bool:
        uri = request.uri
        if not isinstance(uri, Uri):
            return uri.scheme == SERVED_FIRST or self.is_emergency(uri.rest.partition(";")[0])
        return request.method == "INVITE" and self.is_emergency(uri.user or "")

    def _drop(self, host: str, now: float, why: str) -> None:
        if self.sources.drop(host, now):
            self.scanners.cleared(source_of(host))
            self.counters["sources dropped"] += 1
            _log.warning("a source is dropped", address=host, why=why)
