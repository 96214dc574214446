"""The registrar and its location table (RFC 3261 10.3; RFC 3327, Path; RFC 5626, instances).

A REGISTER is understood as a whole before anything changes, so a request that fails at its third
contact has changed nothing. Who may register as whom is decided before: `extension` is proved.

Knows nothing of passwords and sockets; time is seconds since 1970, given with every call.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email.utils import formatdate

from softswitch.registrar.binding import Binding, BindingStore
from softswitch.sip.errors import ParseError
from softswitch.sip.flow import Flow
from softswitch.sip.grammar import quote
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Request, Response
from softswitch.sip.uri import Uri

# RFC 3261 10.2.1.1: what an Expires that cannot be read counts as.
UNREADABLE_EXPIRES = 3600
# A path of more proxies is a loop; the texts go into every INVITE to the phone.
MAX_PATH = 8
MAX_PATH_TEXT = 2_048
MAX_CONTACT_TEXT = 1_024
MAX_USER_AGENT = 200
MAX_REG_ID = 2**31 - 1


def _always(_: Flow) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class RegistrarConfig:
    """Seconds and counts. `is_alive`: can anything be sent by this flow (`Endpoint.is_alive`)?"""

    min_expires: int = 60
    """Shorter ones only make traffic; a phone behind NAT keeps its hole open by keep-alives."""
    default_expires: int = 3_600
    max_expires: int = 3_600
    """A phone that vanished is forgotten within the hour."""
    contacts: int = 10
    """Devices of one extension."""
    is_alive: Callable[[Flow], bool] = _always


class _Refused(Exception):
    """A REGISTER that changes nothing; carries its answer's status and headers."""

    def __init__(self, status: int, reason: str | None = None, *headers: tuple[str, str]) -> None:
        super().__init__(status, reason)
        self.status, self.reason, self.headers = status, reason, headers


@dataclass(slots=True)
class _Change:
    """What one REGISTER does: bindings that go, and bindings that come or are refreshed."""

    gone: list[Binding]
    kept: list[Binding]


class Registrar:
    """See the module's docstring. Bounded by the office's extensions times `contacts`."""

    def __init__(self, store: BindingStore, config: RegistrarConfig | None = None) -> None:
        self._store = store
        self._config = config or RegistrarConfig()
        self._bindings: dict[str, list[Binding]] = {}
        self._date = (0, "")

    def restore(self, now: float) -> int:
        """Take over what the store kept; returns how many. Connections did not survive."""
        count = 0
        for binding in self._store.load():
            if binding.expires <= now:
                self._store.delete(binding)
                continue
            if binding.flow.transport.reliable:
                # A number of the old process would name a stranger's connection in this one.
                binding = replace(binding, flow=replace(binding.flow, connection=None))
            self._bindings.setdefault(binding.extension, []).append(binding)
            count += 1
        return count

    def register(self, request: Request, extension: str, flow: Flow, now: float) -> Response:
        """Do what a REGISTER of the proved `extension` asks; its answer, whatever it is."""
        try:
            change = self._understand(request, extension, flow, now)
        except _Refused as refused:
            response = Response.answering(request, refused.status, refused.reason)
            for name, value in refused.headers:
                response.headers.add(name, value)
            return response
        except ParseError as error:
            return Response.answering(request, 400, error.reason)
        self._apply(extension, change)
        return self._answer(request, extension, now)

    def lookup(self, extension: str, now: float) -> list[Binding]:
        """Where the extension can be reached now: highest q first, then the newest.

        A stream whose connection is gone is left out, unless its phone can be dialled: then its
        flow has no connection number and the phone's own port.
        """
        found = []
        for binding in self._bindings.get(extension, ()):
            if binding.expires > now:
                flow = self._way_to(binding)
                if flow is not None:
                    found.append(binding if flow is binding.flow else replace(binding, flow=flow))
        if len(found) > 1:
            found.sort(key=lambda binding: (-binding.q, -binding.registered))
        return found

    def bindings(self, now: float) -> list[Binding]:
        """Every binding that has not expired, reachable or not, by extension."""
        return [
            binding
            for extension in sorted(self._bindings)
            for binding in self._bindings[extension]
            if binding.expires > now
        ]

    def expire(self, now: float) -> list[Binding]:
        """Drop what has run out, and return it. To be called every few seconds."""
        gone = [b for known in self._bindings.values() for b in known if b.expires <= now]
        for binding in gone:
            self._remove(binding)
        return gone

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"bindings": sum(len(known) for known in self._bindings.values())}

    def _understand(self, request: Request, extension: str, flow: Flow, now: float) -> _Change:
        """Read the whole request; raises `_Refused` or `ParseError` before anything is changed."""
        values = request.headers.all("Contact")
        known = [one for one in self._bindings.get(extension, ()) if one.expires > now]
        if any(value.strip() == "*" for value in values):
            return _Change(self._all_of(request, values, known), [])
        contacts = request.contacts
        if len(contacts) > self._config.contacts:
            raise _Refused(403, "Too Many Contacts")
        change = _Change([], [])
        draft = _Draft(request, extension, flow, now)
        lifetimes = [self._lifetime(request, contact) for contact in contacts]
        for contact, lifetime in zip(contacts, lifetimes, strict=True):
            self._take(draft.binding(contact, lifetime), known, change, lifetime == 0)
        left = [one for one in known if one not in change.gone]
        if len(left) + len(change.kept) > self._config.contacts:
            raise _Refused(403, "Too Many Contacts")
        return change

    def _all_of(
        self, request: Request, values: Iterable[str], known: list[Binding]
    ) -> list[Binding]:
        """RFC 3261 10.2.2: `*` stands alone, and only to remove everything."""
        if len(list(values)) != 1 or (request.headers.get("Expires") or "").strip() != "0":
            raise _Refused(400, "Contact * needs Expires: 0 and nothing beside it")
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
        first = min((one.registered for one in replaced), default=binding.registered)
        change.gone += replaced
        change.kept = [one for one in change.kept if not is_meant(one, binding)]
        if not is_removal:
            change.kept.append(replace(binding, registered=first))

    def _lifetime(self, request: Request, contact: NameAddr) -> int:
        """Seconds granted to one contact; 0 removes it. Raises `_Refused` 423."""
        asked = contact.param("expires")
        if asked is None:
            asked = request.headers.get("Expires")
        wanted = self._config.default_expires if asked is None else _seconds(asked)
        if 0 < wanted < self._config.min_expires:
            raise _Refused(423, None, ("Min-Expires", str(self._config.min_expires)))
        return min(wanted, self._config.max_expires)

    def _apply(self, extension: str, change: _Change) -> None:
        for binding in change.gone:
            # A refresh overwrites its row; only what does not come back is deleted.
            self._remove(binding, is_stored=any(binding.row == one.row for one in change.kept))
        for binding in change.kept:
            self._bindings.setdefault(extension, []).append(binding)
            self._store.save(binding)

    def _remove(self, binding: Binding, is_stored: bool = False) -> None:
        known = self._bindings.get(binding.extension, [])
        if binding in known:
            known.remove(binding)
        if not known:
            self._bindings.pop(binding.extension, None)
        if not is_stored:
            self._store.delete(binding)

    def _answer(self, request: Request, extension: str, now: float) -> Response:
        """RFC 3261 10.3 step 8: every binding with the time it has left, and the date."""
        response = Response.answering(request, 200)
        known = [one for one in self._bindings.get(extension, ()) if one.expires > now]
        for binding in known:
            response.headers.add("Contact", _contact_line(binding, now))
        if _supports(request, "path"):
            for value in request.headers.all("Path"):
                response.headers.add("Path", value)
        if any(one.reg_id is not None for one in known) and _supports(request, "outbound"):
            # RFC 5626 6: "the registrar MUST include the 'outbound' option-tag in a Require".
            response.headers.add("Require", "outbound")
        response.headers.add("Date", self._date_line(now))
        return response

    def _date_line(self, now: float) -> str:
        second = int(now)
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True))
        return self._date[1]

    def _way_to(self, binding: Binding) -> Flow | None:
        flow = binding.flow
        if self._config.is_alive(flow):
            return flow
        contact = binding.contact
        # Dialling is worth a try only where the phone stands at the address that it names.
        if not flow.transport.reliable or binding.path or contact.host != flow.remote[0]:
            return None
        port = contact.port or flow.transport.default_port
        return Flow(flow.transport, flow.local, (flow.remote[0], port), None)


class _Draft:
    """What all contacts of one REGISTER have in common."""

    def __init__(self, request: Request, extension: str, flow: Flow, now: float) -> None:
        self._extension, self._flow, self._now = extension, flow, now
        self._call_id, self._cseq = request.call_id, request.cseq.number
        agent = request.headers.get("User-Agent")
        self._user_agent = agent[:MAX_USER_AGENT] if agent else None
        self._path = _path(request)

    def binding(self, contact: NameAddr, lifetime: int) -> Binding:
        """Raises `_Refused` for a contact that we could not call."""
        uri = contact.uri
        if not isinstance(uri, Uri) or len(str(uri)) > MAX_CONTACT_TEXT:
            raise _Refused(400, "Contact must be a SIP URI")
        instance = contact.param("+sip.instance")
        if instance is not None:
            instance = instance[:MAX_CONTACT_TEXT]
        return Binding(
            extension=self._extension,
            contact=uri,
            flow=self._flow,
            path=self._path,
            instance=instance or None,
            reg_id=_reg_id(contact) if instance else None,
            q=_q(contact.param("q")),
            expires=self._now + lifetime,
            call_id=self._call_id,
            cseq=self._cseq,
            user_agent=self._user_agent,
            registered=self._now,
        )


def _path(request: Request) -> tuple[str, ...]:
    """RFC 3327 5.3: kept only where the phone said that it understands Path."""
    values = request.headers.all("Path")
    if not values or not _supports(request, "path"):
        return ()
    if len(values) > MAX_PATH or sum(len(value) for value in values) > MAX_PATH_TEXT:
        raise _Refused(400, "Path is too long")
    return tuple(values)


def _supports(request: Request, option: str) -> bool:
    return any(
        option == word.strip().lower()
        for value in request.headers.all("Supported")
        for word in value.split(",")
    )


def _check_order(binding: Binding, call_id: str, cseq: int) -> None:
    """RFC 3261 10.3 step 7: an overtaken REGISTER must not undo the one that came later."""
    if binding.call_id == call_id and cseq <= binding.cseq:
        raise _Refused(500, "CSeq Out Of Order")


def _is_same_contact(one: Binding, other: Binding) -> bool:
    """The same address of the same device; two phones in two flats may both be 192.168.0.2."""
    if one.instance and other.instance and one.instance != other.instance:
        return False
    return one.contact == other.contact or one.contact.equivalent(other.contact)


def _is_same_place(one: Binding, other: Binding) -> bool:
    """Does `other` stand for what `one` stood for?"""
    return one.is_of_device(other.instance, other.reg_id) or _is_same_contact(one, other)


def _seconds(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        return UNREADABLE_EXPIRES
    return int(text)


def _q(text: str | None) -> float:
    """RFC 3261 25.1 qvalue; 1 where nothing readable is said."""
    try:
        value = float(text) if text else 1.0
    except ValueError:
        return 1.0
    return value if 0.0 <= value <= 1.0 else 1.0


def _reg_id(contact: NameAddr) -> int | None:
    text = contact.param("reg-id") or ""
    if not (text.isascii() and text.isdigit()) or len(text) > 10:
        return None
    number = int(text)
    return number if 1 <= number <= MAX_REG_ID else None


def _contact_line(binding: Binding, now: float) -> str:
    line = f"<{binding.contact}>;expires={max(1, round(binding.expires - now))}"
    if binding.q != 1.0:
        line += f";q={binding.q:g}"
    if binding.instance is not None:
        line += f";+sip.instance={quote(binding.instance)}"
    if binding.reg_id is not None:
        line += f";reg-id={binding.reg_id}"
    return line
