"""What the notifier leans on: ports that the wiring fills, and a test with less."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from softswitch.office.models import Office
from softswitch.sip.dialog import Dialog, DialogId
from softswitch.sip.events import RequestReceived, ResponseReceived, TransactionFailed
from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Request, Response
from softswitch.sip.transaction import TransactionKey
from softswitch.sip.uri import OtherUri, Uri
from softswitch.store.subscriptions import SubscriptionRecord


class Wire(Protocol):
    """What is asked of the endpoint."""

    def send(self, message: Request | Response, target: Target | TransactionKey) -> object: ...

    def send_in_dialog(self, dialog: Dialog, request: Request) -> TransactionKey | None: ...

    def local_contact(self, target: Target) -> str: ...

    def is_alive(self, flow: Flow) -> bool: ...

    def adopt(self, dialog: Dialog) -> None: ...

    def forget(self, dialog_id: DialogId) -> None: ...


class Owner(Protocol):
    """Who sent a request and waits for what comes of it."""

    def response_received(self, event: ResponseReceived) -> None: ...

    def transaction_failed(self, event: TransactionFailed) -> None: ...


class Transactions(Protocol):
    """Who is told what came of a request: the dispatcher's table."""

    def own_transaction(self, key: TransactionKey, owner: Owner) -> None: ...

    def disown_transaction(self, key: TransactionKey) -> None: ...


class Shelf(Protocol):
    """Where subscriptions outlive the process."""

    def load(self) -> list[SubscriptionRecord]: ...

    def save(self, record: SubscriptionRecord) -> None: ...

    def delete(self, record: SubscriptionRecord) -> None: ...


@dataclass(slots=True)
class Surroundings:
    """What the notifier leans on, handed in."""

    wire: Wire
    transactions: Transactions
    shelf: Shelf
    office: Callable[[], Office]
    admit: Callable[[RequestReceived], str | None]
    find_flow: Callable[[str, Uri | OtherUri], Flow | None]  # a live way to this contact of his
    defer: Callable[[Callable[[], None]], object]
    token: Callable[[], str]
    now: Callable[[], float]
