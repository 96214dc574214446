"""A house for a keeper of trunks, without sockets: its clock is set by hand, and what it sends is
answered by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from softswitch.office.trunk import Trunk
from softswitch.sip.events import FailureCause, ResponseReceived, TransactionFailed
from softswitch.sip.flow import Flow, Hop, Target, Transport
from softswitch.sip.headers import Via
from softswitch.sip.message import Request, Response
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import Uri
from softswitch.store.outbox import Mail
from softswitch.trunks.alarms import Alarms, Recipients
from softswitch.trunks.keeper import TrunkKeeper
from softswitch.trunks.link import Ports
from softswitch.trunks.trunks import Trunks

FIRST, SECOND = (Hop(Transport.UDP, f"192.0.2.{n}", 5060) for n in (1, 2))
START = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
ADMIN = "admin@kancelaria.example"


def entry(**more: object) -> Trunk:
    text = {"server": "sip.op.example", "numbers": ["+48 22 123 45 67"], **more}
    return Trunk.model_validate(text, context={"country": "PL"})


def account(**more: object) -> Trunk:
    usual: dict[str, object] = {"register": True, "username": "u48", "password": "tajne"}
    return entry(**{**usual, **more})


class Sent:
    """A request that waits for its answer."""

    def __init__(self, house: "House", key: TransactionKey, request: Request, hop: Target) -> None:
        self.house, self.key, self.request, self.hop = house, key, request, hop

    @property
    def method(self) -> str:
        return self.request.method

    @property
    def expires(self) -> str | None:
        return self.request.headers.get("Expires")

    def answer(self, status: int, *lines: tuple[str, str], seen: str = "203.0.113.7") -> None:
        """`seen`: the address under which the provider saw us."""
        request = self.request.copy()
        request.headers.prepend("Via", str(Via("UDP", "10.0.0.5", 5060, (("received", seen),))))
        response = Response.answering(request, status)
        for name, value in lines:
            response.headers.add(name, value)
        owner = self.house.owners.get(self.key)
        assert owner is not None, f"nobody waits for the answer to this {self.method}"
        flow = Flow(Transport.UDP, ("10.0.0.5", 5060), ("192.0.2.1", 5060))
        owner.response_received(ResponseReceived(self.key, response, flow, None))

    def fail(self, cause: FailureCause = FailureCause.TRANSPORT) -> None:
        owner = self.house.owners.get(self.key)
        if owner is not None:
            owner.transaction_failed(TransactionFailed(self.key, cause))


class House:
    """The wire, the dispatcher, the clock, the outbox."""

    def __init__(self, **trunks: Trunk) -> None:
        self.now = 1000.0
        self.hops: list[Hop] = [FIRST]
        self.contact = "10.0.0.5:5060"
        self.owners: dict[TransactionKey, Any] = {}
        self.sent: list[Sent] = []
        self.mails: list[Mail] = []
        self.tokens = 0
        self.recipients: tuple[str, ...] = (ADMIN,)
        self.trunks = Trunks(trunks, "PL", self.locate, self.token, lambda: self.now)
        ports = Ports(
            self, self, self.token, lambda: 0.5, lambda: self.now, lambda _: self.contact != ""
        )
        alarms = Alarms(self.mails.append, self.to, lambda: self.now)
        self.keeper = TrunkKeeper(self.trunks, ports, alarms, self.wall)

    async def begin(self) -> None:
        await self.trunks.refresh()
        self.keeper.use()
        self.keeper.tick()

    async def use(self, trunks: Mapping[str, Trunk]) -> None:
        """A reload."""
        self.trunks.use(trunks, "PL")
        await self.begin()

    def to(self) -> Recipients:
        return Recipients(self.recipients, "Kancelaria", "pl")

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.now - 1000.0)

    def token(self) -> str:
        self.tokens += 1
        return f"token{self.tokens}"

    async def locate(self, uri: Uri) -> list[Hop]:
        return list(self.hops)

    # --- the ports ---

    def send(self, message: Request, target: Target) -> TransactionKey:
        key = TransactionKey("client", message.method, f"z9hG4bK{len(self.sent)}", "")
        self.sent.append(Sent(self, key, message, target))
        return key

    def local_contact(self, target: Target) -> str:
        return self.contact

    def advertised_address(self, target: Target) -> str:
        return "10.0.0.5"

    def own_transaction(self, key: TransactionKey, owner: Any) -> None:
        self.owners[key] = owner

    def disown_transaction(self, key: TransactionKey) -> None:
        self.owners.pop(key, None)

    # --- time ---

    def take(self, method: str) -> Sent:
        """The oldest request of such a method that was sent and not looked at."""
        for one in self.sent:
            if one.method == method:
                self.sent.remove(one)
                return one
        raise AssertionError(f"no {method}; there is {[one.method for one in self.sent]}")

    def until(self, method: str, within: float = 3600.0) -> Sent:
        """Let time pass until one is sent; all others go unanswered."""
        end = self.now + within
        while True:
            self.keeper.tick()
            wait = self.keeper.tick()
            self.sent = [one for one in self.sent if one.method == method]
            if self.sent:
                return self.take(method)
            self.now += wait
            assert self.now <= end, f"no {method} within {within} s"

    def status(self, name: str = "operator") -> dict[str, Any]:
        return next(one for one in self.keeper.status(self.trunks.all) if one["trunk"] == name)

    def state(self, name: str = "operator") -> str:
        return str(self.status(name)["state"])
