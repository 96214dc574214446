"""What one REGISTER says (RFC 3261 10.3; RFC 3327, Path; RFC 5626 6, instances and flows).

A request is understood as a whole before anything changes. What its contacts do to those that are
known already is the registrar's.
"""

from collections.abc import Callable
from dataclasses import dataclass

from softswitch.office.shown import one_line
from softswitch.registrar.binding import Binding
from softswitch.sip.errors import ParseError
from softswitch.sip.flow import Flow, Transport
from softswitch.sip.grammar import split_list
from softswitch.sip.headers import NameAddr
from softswitch.sip.message import Request
from softswitch.sip.reliable import lists
from softswitch.sip.uri import Uri

# RFC 3261 10.2.1.1: what an Expires that cannot be read counts as.
UNREADABLE_EXPIRES = 3600
# A path of more proxies is a loop; the texts go into every INVITE to the phone.
MAX_PATH = 8
MAX_PATH_TEXT = 2_048
MAX_CONTACT_TEXT = 1_024
MAX_USER_AGENT = 200
MAX_REG_ID = 2**31 - 1


class Refused(Exception):
    """A REGISTER that changes nothing; carries its answer's status and headers."""

    def __init__(self, status: int, reason: str | None = None, *headers: tuple[str, str]) -> None:
        super().__init__(status, reason)
        self.status, self.reason, self.headers = status, reason, headers


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
    """Devices of one extension. One more takes the place of one that cannot be reached."""
    is_alive: Callable[[Flow], bool] = _always
    wall: Callable[[float], float] = float
    """What the clock on the wall says when it is this second here (SteadyClock)."""

    def lifetime(self, request: Request, contact: NameAddr, longest: int | None = None) -> int:
        """Seconds granted to one contact; 0 removes it. `longest`: in place of the usual most.

        Raises `Refused` 423.
        """
        asked = contact.param("expires")
        if asked is None:
            asked = request.headers.get("Expires")
        wanted = self.default_expires if asked is None else _seconds(asked)
        if 0 < wanted < self.min_expires:
            raise Refused(423, None, ("Min-Expires", str(self.min_expires)))
        return min(wanted, longest or self.max_expires)


class Draft:
    """What all contacts of one REGISTER have in common."""

    def __init__(self, request: Request, extension: str, flow: Flow, now: float) -> None:
        """Raises `Refused` for a path that is too long."""
        self._extension, self._flow, self._now = extension, flow, now
        self._call_id, self._cseq = request.call_id, request.cseq.number
        self._user_agent = one_line(request.headers.get("User-Agent"), MAX_USER_AGENT)
        self._path = _path(request)
        self._is_direct = sum(len(split_list(line)) for line in request.headers.all("Via")) == 1
        self._is_behind_nat = self._is_direct and _is_behind_nat(request, flow)
        self._knows_outbound = lists(request, "Supported", "outbound")

    def binding(self, contact: NameAddr, lifetime: int) -> Binding:
        """Raises `Refused` for a contact that we could not call."""
        uri = contact.uri
        if not isinstance(uri, Uri) or len(str(uri)) > MAX_CONTACT_TEXT:
            raise Refused(400, "Contact must be a SIP URI")
        instance = contact.param("+sip.instance")
        if instance is not None:
            instance = instance[:MAX_CONTACT_TEXT]
        return Binding(
            extension=self._extension,
            contact=uri,
            flow=self._flow,
            path=self._path,
            instance=instance or None,
            reg_id=self._reg_id(contact) if instance else None,
            q=_q(contact.param("q")),
            expires=self._now + lifetime,
            call_id=self._call_id,
            cseq=self._cseq,
            user_agent=self._user_agent,
            registered=self._now,
            is_behind_nat=self._is_behind_nat,
        )

    def _reg_id(self, contact: NameAddr) -> int | None:
        """RFC 5626 6: a flow of its own, where every hop to the phone keeps flows apart.

        A proxy on the way says so by `ob` in its Path; one that cannot is told to the phone by 439,
        which then registers without. Without the option tag a `reg-id` means nothing.
        """
        number = _reg_id(contact)
        if number is None or not self._knows_outbound:
            return None
        if not (self._is_direct or _has_ob(self._path)):
            raise Refused(439)
        return number


def _path(request: Request) -> tuple[str, ...]:
    """RFC 3327 5.3: kept also for a phone that says nothing of Path, as most do; without it nobody
    could call them behind their proxy. Only the answer is silent about it then.
    """
    values = request.headers.all("Path")
    if len(values) > MAX_PATH or sum(len(value) for value in values) > MAX_PATH_TEXT:
        raise Refused(400, "Path is too long")
    return tuple(values)


def nearest_proxy(path: tuple[str, ...]) -> Uri | None:
    """The first on the way to the phone; None when it cannot be read."""
    try:
        first = NameAddr.parse(split_list(path[0])[0]).uri
    except (ParseError, IndexError):
        return None
    return first if isinstance(first, Uri) else None


def _has_ob(path: tuple[str, ...]) -> bool:
    """Which end of the path is the edge has been read both ways; a path of one has one end."""
    try:
        edges = [NameAddr.parse(one) for line in path for one in split_list(line)]
    except ParseError:
        return False
    ends = [edge.uri for edge in (*edges[:1], *edges[-1:])]
    return any(isinstance(uri, Uri) and uri.has_param("ob") for uri in ends)


def _is_behind_nat(request: Request, flow: Flow) -> bool:
    """Only over UDP does anybody have to keep a way open: a connection is kept by its sockets."""
    if flow.transport is not Transport.UDP:
        return False
    via = request.via
    host = via.host[1:-1] if via.host.startswith("[") else via.host
    return (host.lower(), via.port or flow.transport.default_port) != flow.remote


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
