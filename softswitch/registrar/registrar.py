"""The registrar and its location table (RFC 3261 10.3; RFC 5626 6 and 7; RFC 5627 5.1).

A REGISTER is understood as a whole before anything changes (`reading`), so a request that fails at
its third contact has changed nothing. Who may register as whom is decided before: `extension` is
proved. Whether a phone still answers is found out by `keepalive`, and kept here.

Knows nothing of passwords and sockets; time is seconds since 1970, given with every call.
"""

from collections.abc import Callable, Iterable
from email.utils import formatdate

from msgspec.structs import replace

from softswitch.registrar.binding import Binding, BindingStore
from softswitch.registrar.gruu import Device, Gruus, is_of
from softswitch.registrar.push import LONGEST, NOT_SERVED, feature_caps, push_address
from softswitch.registrar.reading import (
    Draft,
    Refused,
    RegistrarConfig,
    nearest_proxy,
)
from softswitch.registrar.table import Table
from softswitch.sip.errors import ParseError
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.grammar import quote
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Request, Response
from softswitch.sip.reliable import lists
from softswitch.sip.uri import OtherUri, Uri

__all__ = ["Registrar", "RegistrarConfig"]

SUPPORTED = "path, outbound, gruu"
# RFC 5626 5.4: the phone pings between 0.8 of this and the whole. NATs keep a UDP mapping 30 s and
# more (RFC 4787 4.3 says two minutes, home routers do not), a connection some minutes.
FLOW_TIMER = {True: 120, False: 30}
"""Seconds, by `Transport.reliable`."""


class _Change:
    """What one REGISTER does: bindings that go, and bindings that come or are refreshed."""

    __slots__ = ("gone", "kept")

    def __init__(self, gone: list[Binding], kept: list[Binding]) -> None:
        self.gone, self.kept = gone, kept


class Registrar:
    """See the module's docstring. Bounded by the office's extensions times `contacts`."""

    def __init__(
        self,
        store: BindingStore,
        config: RegistrarConfig | None = None,
        gruus: Gruus | None = None,
    ) -> None:
        self._config = config or RegistrarConfig()
        self._gruus = gruus or Gruus()
        self._table = Table(store, self._gruus)
        self._date = (0, "")
        self.push_providers: Callable[[], frozenset[str]] = frozenset
        """Whose push notifications can be sent (RFC 8599); none: no phone is woken."""

    def restore(self, now: float) -> int:
        """Take over what the store kept; returns how many. Connections did not survive."""
        return self._table.restore(now)

    def register(self, request: Request, extension: str, flow: Flow, now: float) -> Response:
        """Do what a REGISTER of the proved `extension` asks; its answer, whatever it is."""
        try:
            change = self._understand(request, extension, flow, now)
        except Refused as refused:
            response = Response.answering(request, refused.status, refused.reason)
            for name, value in refused.headers:
                response.headers.add(name, value)
            return response
        except ParseError as error:
            return Response.answering(request, 400, error.reason)
        self._table.change(change.gone, change.kept)
        return self._answer(request, extension, flow, now)

    # --- where phones are ---

    def lookup(self, extension: str, now: float, instance: str | None = None) -> list[Binding]:
        """Where the extension can be reached now: highest q first, then the newest.

        One way to each device (RFC 5626 7): of several flows the newest; `other_ways` has the rest.
        A phone that does not answer any more is left out, and a stream whose connection is gone,
        unless its phone can be dialled: then its flow has no connection number and the phone's own
        port. `instance`: only this device (the `gr` of a GRUU).
        """
        found = self._ways(extension, now)
        if instance is not None:
            found = [one for one in found if is_of(one, instance)]
        if len(found) < 2:
            return found
        found.sort(key=lambda one: (-one.q, -one.registered))
        seen: set[str | None] = set()
        devices = []
        for one in found:
            if not (one.is_outbound and one.instance in seen):
                devices.append(one)
            if one.is_outbound:
                seen.add(one.instance)
        return devices

    def sleepers(self, extension: str, now: float, instance: str | None = None) -> list[Binding]:
        """The extension's devices that can be woken, be they asleep or not (RFC 8599)."""
        return [
            one
            for one in self._table.of(extension)
            if one.expires > now
            and self._can_wake(one)
            and (instance is None or is_of(one, instance))
        ]

    def is_there(self, extension: str, now: float) -> bool:
        """Is there a phone that rings when it is called, at once or when it has woken?"""
        return bool(self._ways(extension, now) or self.sleepers(extension, now))

    def other_ways(self, binding: Binding, now: float) -> list[Binding]:
        """The device's other flows, newest first, for when this one fails (RFC 5626 7: 430)."""
        if not binding.is_outbound:
            return []
        ways = [
            one
            for one in self._ways(binding.extension, now)
            if one.is_outbound and one.instance == binding.instance and one.row != binding.row
        ]
        return sorted(ways, key=lambda one: -one.registered)

    def find_device(self, uri: Uri | OtherUri) -> Device | None:
        """The one device that a GRUU means; None for any other address, or one of no use any more.

        Whether the device is there now, `lookup` says.
        """
        return self._gruus.find(uri) if isinstance(uri, Uri) else None

    def find_flow(self, uri: Uri, now: float) -> Flow | None:
        """The way to the phone behind a contact or a GRUU, for a dialog whose own way is gone."""
        device = self._gruus.find(uri)
        if device is not None:
            found = self.lookup(device.extension, now, device.instance)
        else:
            known = self._table.of_contact(uri)
            found = [one for one in known if one.expires > now and self._config.is_alive(one.flow)]
        return found[0].flow if found else None

    def bindings(self, now: float) -> list[Binding]:
        """Every binding that has not expired, reachable or not, by extension."""
        return [one for one in self._table if one.expires > now]

    def is_reachable(self, binding: Binding) -> bool:
        """Would a call be tried by this way?"""
        return not binding.is_away and self.has_way(binding)

    def has_way(self, binding: Binding) -> bool:
        """Can anything be sent there, whether it answers or not?"""
        return self._way_to(binding) is not None

    def expire(self, now: float) -> list[Binding]:
        """Drop what has run out, and return it. To be called every few seconds."""
        gone = [one for one in self._table if one.expires <= now]
        self._table.change(gone, [])
        return gone

    # --- signs of life ---

    def answered(self, binding: Binding, latency: float) -> bool:
        """The phone answered after so many seconds. Whether it had been away."""
        return self._table.answered(binding, latency)

    def mark_away(self, binding: Binding) -> None:
        """The phone answers no more: nobody waits for it until it gives a sign of life."""
        self._table.mark_away(binding)

    def heard(self, flow: Flow) -> list[Binding]:
        """Something came by this flow: who had been away, and is here again."""
        return self._table.heard(flow)

    def flow_lost(self, flow: Flow) -> None:
        """A connection ended. Who cannot be dialled is away until he registers again."""
        for binding in self._table.lost(flow):
            if self._way_to(binding) is None:
                self._table.mark_away(binding)

    @property
    def has_away(self) -> bool:
        """Is there anybody to be `heard` of?"""
        return self._table.has_away

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"bindings": len(self._table), "devices": len(self._gruus)}

    # --- inside ---

    def _understand(self, request: Request, extension: str, flow: Flow, now: float) -> _Change:
        """Read the whole request; raises `Refused` or `ParseError` before anything is changed."""
        values = request.headers.all("Contact")
        known = [one for one in self._table.of(extension) if one.expires > now]
        if any(value.strip() == "*" for value in values):
            return _Change(self._all_of(request, values, known), [])
        contacts = request.contacts
        if len(contacts) > self._config.contacts:
            raise Refused(403, "Too Many Contacts")
        change = _Change([], [])
        draft = Draft(request, extension, flow, now)
        lifetimes = [self._lifetime(request, contact) for contact in contacts]
        for contact, lifetime in zip(contacts, lifetimes, strict=True):
            self._take(draft.binding(contact, lifetime), known, change, lifetime == 0)
        self._make_room(known, change)
        return change

    def _lifetime(self, request: Request, contact: NameAddr) -> int:
        """Seconds; RFC 8599 5.3.1: 555 for a push service that nobody here can speak to."""
        push, providers = push_address(contact.uri), self.push_providers()
        if push is None or not providers:
            return self._config.lifetime(request, contact)
        seconds = self._config.lifetime(request, contact, LONGEST)
        if seconds and push.provider not in providers:
            raise Refused(NOT_SERVED)
        return seconds

    def _can_wake(self, binding: Binding) -> bool:
        push = binding.push
        return push is not None and push.provider in self.push_providers()

    def _make_room(self, known: list[Binding], change: _Change) -> None:
        """Phones that cannot be reached make room, the longest unheard first; nobody else does."""
        left = [one for one in known if one not in change.gone]
        surplus = len(left) + len(change.kept) - self._config.contacts
        if surplus <= 0 or not change.kept:
            return
        dead = [one for one in left if not (self.is_reachable(one) or self._can_wake(one))]
        dead.sort(key=lambda one: one.expires)
        if len(dead) < surplus:
            raise Refused(403, "Too Many Contacts")
        change.gone += dead[:surplus]

    def _all_of(
        self, request: Request, values: Iterable[str], known: list[Binding]
    ) -> list[Binding]:
        """RFC 3261 10.2.2: `*` stands alone, and only to remove everything."""
        if len(list(values)) != 1 or (request.headers.get("Expires") or "").strip() != "0":
            raise Refused(400, "Contact * needs Expires: 0 and nothing beside it")
        for binding in known:
            _check_order(binding, request.call_id, request.cseq.number)
        return known

    def _take(
        self, binding: Binding, known: list[Binding], change: _Change, is_removal: bool
    ) -> None:
        """Work one contact into the change: what it stands for leaves, itself comes."""
        # A phone that moved takes back its old address beside the new one: a removal must mean
        # exactly what it says, or it would take the new one away.
        is_meant = _is_same_contact if is_removal and binding.reg_id is None else _is_same_place
        replaced = [one for one in known if one not in change.gone and is_meant(one, binding)]
        for one in replaced:
            _check_order(one, binding.call_id, binding.cseq)
        change.gone += replaced
        change.kept = [one for one in change.kept if not is_meant(one, binding)]
        if not is_removal:
            change.kept.append(_carried_on(binding, replaced))

    def _answer(self, request: Request, extension: str, flow: Flow, now: float) -> Response:
        """RFC 3261 10.3 step 8: every binding with the time it has left, and the date."""
        response = Response.answering(request, 200)
        home = request.to.uri if lists(request, "Supported", "gruu") else None
        known = [one for one in self._table.of(extension) if one.expires > now]
        for binding in known:
            response.headers.add("Contact", self._contact_line(binding, home, now))
        response.headers.add("Supported", SUPPORTED)
        if lists(request, "Supported", "path"):
            for value in request.headers.all("Path"):
                response.headers.add("Path", value)
        has_flows = any(one.is_outbound for one in known)
        if has_flows and lists(request, "Supported", "outbound"):
            # RFC 5626 6: "the registrar MUST include the 'outbound' option-tag in a Require".
            response.headers.add("Require", "outbound")
            if any(one.is_outbound and one.flow == flow and not one.path for one in known):
                seconds = FLOW_TIMER[flow.transport.reliable]
                response.headers.add("Flow-Timer", str(seconds))
        for caps in feature_caps(_contacts(request), self.push_providers()):
            response.headers.add("Feature-Caps", caps)
        response.headers.add("Date", self._date_line(self._config.wall(now)))
        return response

    def _contact_line(self, binding: Binding, home: object, now: float) -> str:
        line = f"<{binding.contact}>;expires={max(1, round(binding.expires - now))}"
        if binding.q != 1.0:
            line += f";q={binding.q:g}"
        if binding.instance is not None:
            line += f";+sip.instance={quote(binding.instance)}"
        if binding.reg_id is not None:
            line += f";reg-id={binding.reg_id}"
        # Its requests would come back to us for the way (RFC 5627 5.1): a proxy cannot know it.
        if binding.instance is not None and isinstance(home, Uri) and not binding.path:
            line += f";pub-gruu={quote(self._gruus.public(binding, home))}"
            line += f";temp-gruu={quote(self._gruus.temporary(binding, home))}"
        return line

    def _date_line(self, now: float) -> str:
        second = int(now)
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]

    def _ways(self, extension: str, now: float) -> list[Binding]:
        """All that lead anywhere, each with the flow to use."""
        found = []
        for binding in self._table.of(extension):
            if binding.expires > now and not binding.is_away:
                flow = self._way_to(binding)
                if flow is not None:
                    found.append(binding if flow is binding.flow else replace(binding, flow=flow))
        return found

    def _way_to(self, binding: Binding) -> Flow | None:
        flow = binding.flow
        if self._config.is_alive(flow):
            return flow
        # Dialling is worth a try only where the phone, or the first proxy on the way to it
        # (RFC 3327 5.4), stands at the address that it names.
        if flow.transport not in (Transport.TCP, Transport.TLS):
            return None
        place = nearest_proxy(binding.path) if binding.path else binding.contact
        if place is None or place.host != flow.remote[0]:
            return None
        port = place.port or flow.transport.default_port
        return Flow(flow.transport, flow.local, (flow.remote[0], port), None)


def _contacts(request: Request) -> list[NameAddr]:
    """Of a REGISTER that was understood; `*` is no contact."""
    try:
        return request.contacts
    except ParseError:
        return []


def _carried_on(binding: Binding, replaced: list[Binding]) -> Binding:
    """What is known of the phone stays known, as long as it is reached by the same way."""
    if not replaced:
        return binding
    first = min([one.registered for one in replaced])
    known = (one.latency for one in replaced if one.flow == binding.flow)
    return replace(binding, registered=first, latency=next(known, None))


def _check_order(binding: Binding, call_id: str, cseq: int) -> None:
    """RFC 3261 10.3 step 7: an overtaken REGISTER must not undo the one that came later."""
    if binding.call_id == call_id and cseq <= binding.cseq:
        raise Refused(500, "CSeq Out Of Order")


def _is_same_contact(one: Binding, other: Binding) -> bool:
    """The same address of the same device; two phones in two flats may both be 192.168.0.2.

    Nothing less makes two contacts one: an office buys ten phones of one kind, and a phone that
    names no instance and comes back on another port is another one to us (RFC 3261 10.2.4). Its
    old contact answers no more, is left out, and makes room.
    """
    if one.instance and other.instance and one.instance != other.instance:
        return False
    if one.is_outbound and other.is_outbound and one.reg_id != other.reg_id:
        return False  # two ways to one phone, which may well name one contact for both
    return one.contact == other.contact or one.contact.equivalent(other.contact)


def _is_same_place(one: Binding, other: Binding) -> bool:
    """Does `other` stand for what `one` stood for?"""
    is_same_push = one.push is not None and one.push == other.push and one.reg_id == other.reg_id
    is_same_device = is_same_push or one.is_of_device(other.instance, other.reg_id)
    return is_same_device or _is_same_contact(one, other)
