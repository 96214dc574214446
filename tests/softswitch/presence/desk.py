"""A notifier without a server: real stacks on both sides, virtual time, phones by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from softswitch.office.models import Office
from softswitch.presence.lamps import Lamps
from softswitch.presence.mailboxes import Mailboxes
from softswitch.presence.notifier import Notifier
from softswitch.presence.ports import Owner, Surroundings
from softswitch.presence.views import Views
from softswitch.sip.dialog import Dialog, DialogId
from softswitch.sip.events import RequestReceived, ResponseReceived, TransactionFailed
from softswitch.sip.flow import Flow, Target, Transport
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.stack import Send, Stack, StackConfig
from softswitch.sip.transaction import TransactionKey
from softswitch.store.messages import MailboxCount
from softswitch.store.subscriptions import SubscriptionRecord

SERVER, EPOCH = ("192.0.2.2", 5060), 1_800_000_000.0
OFFICE = Office.model_validate(
    {
        "office": {"name": "Kancelaria", "safe": "reception"},
        "people": {
            "101": {"name": "Anna"},
            "102": {"name": "Piotr", "email": "piotr@kancelaria.example"},
            "103": {"name": "Jan", "voicemail": "team"},
        },
        "queues": {"reception": {"number": "300", "agents": ["101"]}},
        "groups": {"all": {"number": "320", "ring": ["101", "102"]}},
        "mailboxes": {
            "team": {"number": "330"},
            "mailed": {"number": "331", "mail": ["piotr@kancelaria.example"]},
        },
    }
)


@dataclass
class Counts:
    """A message store of figures."""

    boxes: dict[str, MailboxCount] = field(default_factory=dict)

    async def counts(self) -> dict[str, MailboxCount]:
        return dict(self.boxes)


@dataclass
class Shelf:
    """A table that outlives its notifier."""

    rows: dict[tuple[str, str, str], SubscriptionRecord] = field(default_factory=dict)
    saves: int = 0

    def load(self) -> list[SubscriptionRecord]:
        return list(self.rows.values())

    def save(self, record: SubscriptionRecord) -> None:
        self.saves += 1
        self.rows[record.call_id, record.local_tag, record.remote_tag] = record

    def delete(self, record: SubscriptionRecord) -> None:
        self.rows.pop((record.call_id, record.local_tag, record.remote_tag), None)


@dataclass
class Told:
    """A NOTIFY as its phone reads it."""

    request: Request

    @property
    def state(self) -> str:
        return self.request.headers.get("Subscription-State") or ""

    @property
    def text(self) -> str:
        return self.request.body.decode()

    @property
    def cseq(self) -> int:
        return self.request.cseq.number


class Desk:
    """The notifier, its stack and the wire between. `run` carries everything that is on its way."""

    def __init__(self, shelf: Shelf | None = None, restart: int = 0) -> None:
        self.now = 0.0
        self.shelf = shelf or Shelf()
        tokens = (f"t{restart}-{number}" for number in count(1))
        self.token: Callable[[], str] = lambda: next(tokens)
        config = StackConfig(methods=("SUBSCRIBE", "OPTIONS", "NOTIFY"))
        self.stack = Stack(config, self.token)
        self.owners: dict[TransactionKey, Owner] = {}
        self.deferred: list[Callable[[], None]] = []
        self.phones: dict[tuple[str, int], Phone] = {}
        self.dead: set[Flow] = set()
        self.registered: set[str] = {"101", "102", "103"}
        self.flows: dict[str, Flow] = {}
        self.office = OFFICE
        self.store = Counts()
        has_phone = self.registered.__contains__
        self.lamps = Lamps(self.token, has_phone, lambda thing: self.notifier.changed(thing))
        self.mailboxes = Mailboxes(self.store, lambda thing: self.notifier.changed(thing))
        around = Surroundings(
            wire=self,
            transactions=self,
            shelf=self.shelf,
            office=lambda: self.office,
            admit=self._admit,
            find_flow=lambda extension, _: self.flows.get(extension),
            defer=self.deferred.append,
            token=self.token,
            now=lambda: EPOCH + self.now,
        )
        self.notifier = Notifier(around, Views(self.lamps, self.mailboxes, has_phone))

    # --- the ports ---

    def _admit(self, event: RequestReceived) -> str | None:
        """Whoever says a user in From is that one."""
        uri = event.request.from_.uri
        return getattr(uri, "user", None)

    def own_transaction(self, key: TransactionKey, owner: Owner) -> None:
        self.owners[key] = owner

    def disown_transaction(self, key: TransactionKey) -> None:
        self.owners.pop(key, None)

    def send(self, message: Request | Response, target: Target | TransactionKey) -> TransactionKey:
        return self.stack.send(message, target, self.now)

    def send_in_dialog(self, dialog: Dialog, request: Request) -> TransactionKey | None:
        return self.stack.send(request, dialog.flow, self.now) if dialog.flow else None

    def local_contact(self, target: Target) -> str:
        return f"{SERVER[0]}:{SERVER[1]}"

    def is_alive(self, flow: Flow) -> bool:
        return flow not in self.dead

    def adopt(self, dialog: Dialog) -> None:
        self.stack.adopt(dialog)

    def forget(self, dialog_id: DialogId) -> None:
        self.stack.forget(dialog_id)

    # --- the world ---

    def run(self) -> None:
        """Until nothing is on its way any more."""
        while True:
            work, self.deferred[:] = list(self.deferred), []
            for one in work:
                one()
            outputs = self.stack.take()
            if not outputs and not self.deferred:
                return
            for output in outputs:
                self._happens(output)

    def _happens(self, output: object) -> None:
        if isinstance(output, Send):
            self._carry(output)
        elif isinstance(output, RequestReceived):
            self.notifier.subscribe(output)
        elif isinstance(output, ResponseReceived) and output.key in self.owners:
            self.owners[output.key].response_received(output)
        elif isinstance(output, TransactionFailed):
            owner = self.owners.pop(output.key, None)
            if owner is not None:
                owner.transaction_failed(output)

    def _carry(self, output: Send) -> None:
        assert isinstance(output.target, Flow)
        if output.target in self.dead:
            assert output.key
            self.stack.transport_failed(output.key, self.now)
        else:
            self.phones[output.target.remote].receive(output.data)

    def wait(self, seconds: float) -> None:
        """Time goes by: SIP's timers at their moments, the notifier's tick each second."""
        end = self.now + seconds
        while self.now < end:
            due = self.stack.deadline
            self.now = min(end, self.now + 1.0, max(due, self.now) if due else end)
            self.stack.tick(self.now)
            self.notifier.tick()
            self.run()

    def dump(self) -> dict[str, int]:
        return {**self.notifier.dump(), **self.lamps.dump(), "owners": len(self.owners)}

    def restarted(self) -> "Desk":
        """Killed and started again: only the shelf is left."""
        desk = Desk(self.shelf, restart=1)
        desk.now = self.now
        for phone in self.phones.values():
            phone.move(desk)
        desk.notifier.restore()
        return desk


class Phone:
    """Watches by text, answers NOTIFYs as `status` says; None: not at all."""

    def __init__(self, desk: Desk, user: str, port: int = 5062, host: str = "192.0.2.9") -> None:
        self.user, self.port, self.host = user, port, host
        self.transport = Transport.UDP
        self.status: int | None = 200
        self.told: list[Told] = []
        self.answers: list[Response] = []
        self._cseq = count(1)
        self.move(desk)

    def move(self, desk: Desk, port: int | None = None) -> None:
        """To another server, or by another way."""
        self.port = port or self.port
        self.desk = desk
        desk.phones[self.host, self.port] = self

    @property
    def flow(self) -> Flow:
        connection = self.port if self.transport.reliable else None
        return Flow(self.transport, SERVER, (self.host, self.port), connection)

    def watch(
        self,
        what: str,
        event: str = "dialog",
        expires: int | None = 600,
        call: str = "c1",
        to_tag: str = "",
        extra: str = "",
    ) -> Response:
        """SUBSCRIBE, and the final answer to it."""
        number = next(self._cseq)
        lines = [
            f"SUBSCRIBE sip:{what}@office.example SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:{self.port};branch=z9hG4bK{call}{self.user}{number}",
            "Max-Forwards: 70",
            f"From: <sip:{self.user}@office.example>;tag=f{call}",
            f"To: <sip:{what}@office.example>" + (f";tag={to_tag}" if to_tag else ""),
            f"Call-ID: {call}@{self.user}",
            f"CSeq: {number} SUBSCRIBE",
            f"Contact: <sip:{self.user}@{self.host}:{self.port}>",
            f"Event: {event}",
        ]
        lines += [f"Expires: {expires}"] if expires is not None else []
        lines += [extra] if extra else []
        data = "\r\n".join([*lines, "", ""]).encode()
        self.desk.stack.receive(data, self.flow, self.desk.now)
        self.desk.run()
        return self.answers[-1]

    def again(self, first: Response, what: str, expires: int = 600, call: str = "c1") -> Response:
        """A refresh in the dialog that `first` opened."""
        return self.watch(what, expires=expires, call=call, to_tag=first.to.tag or "")

    def receive(self, data: bytes) -> None:
        message = parse_message(data)
        if isinstance(message, Response):
            self.answers.append(message)
            return
        self.told.append(Told(message))
        if self.status is not None:
            answer = Response.answering(message, self.status)
            self.desk.stack.receive(answer.to_bytes(), self.flow, self.desk.now)
