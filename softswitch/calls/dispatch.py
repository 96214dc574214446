"""Hands each event of the SIP stack to what owns it: a leg, or the handler of a new request.

Two tables: client transactions and dialogs. Whoever enters something takes it out again; what
belongs to nobody is answered as the RFC says and counted.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from softswitch import metrics
from softswitch.calls import in_dialog
from softswitch.calls.incoming import IncomingLeg
from softswitch.calls.leg import NO_ACK
from softswitch.sip.message import Response
from softswitch.sip.stack import (
    AckMissing,
    AckReceived,
    Cancelled,
    Dialog,
    DialogId,
    MessageRejected,
    Output,
    RequestReceived,
    ResponseReceived,
    TransactionFailed,
    TransactionKey,
)

if TYPE_CHECKING:
    from softswitch.calls.leg import Leg


class TransactionOwner(Protocol):
    """Who sent a request and waits for what comes of it."""

    def response_received(self, event: ResponseReceived) -> None: ...

    def transaction_failed(self, event: TransactionFailed) -> None: ...


RequestHandler = Callable[[RequestReceived], None]


class Dispatcher:
    """The switch's single entry for SIP events; synchronous, never blocks."""

    def __init__(self, reply: Callable[[RequestReceived, int], None]) -> None:
        self._reply = reply
        self._owners: dict[TransactionKey, TransactionOwner] = {}
        self._dialogs: dict[DialogId, Leg] = {}
        self.on_stray_answer: Callable[[Response, Dialog], None] = lambda _answer, _dialog: None
        # None: the INVITE was taken, its leg is still being made.
        self._ringing: dict[TransactionKey, IncomingLeg | None] = {}
        self._cancelled: set[TransactionKey] = set()
        self.handlers: dict[str, RequestHandler] = {}
        self.on_rejected: Callable[[MessageRejected], None] = lambda _event: None

    def own_transaction(self, key: TransactionKey, owner: TransactionOwner) -> None:
        self._owners[key] = owner

    def disown_transaction(self, key: TransactionKey) -> None:
        self._owners.pop(key, None)

    def own_dialog(self, dialog: DialogId, leg: "Leg") -> None:
        self._dialogs[dialog] = leg

    def disown_dialog(self, dialog: DialogId) -> None:
        self._dialogs.pop(dialog, None)

    @property
    def legs(self) -> set["Leg"]:
        """All that have a dialog."""
        return set(self._dialogs.values())

    def leg_of(self, dialog: DialogId) -> "Leg | None":
        """The leg whose dialog this is."""
        return self._dialogs.get(dialog)

    def expect(self, key: TransactionKey) -> None:
        """An INVITE was taken whose leg will follow: a CANCEL meanwhile is not to be lost."""
        self._ringing[key] = None

    def unexpect(self, key: TransactionKey) -> None:
        """There will be no leg after all."""
        self._ringing.pop(key, None)
        self._cancelled.discard(key)

    def own_ringing(self, leg: IncomingLeg) -> None:
        """A CANCEL of this INVITE goes to `leg`, also one that came before the leg was there."""
        self._ringing[leg.key] = leg
        if leg.key in self._cancelled:
            self._cancelled.discard(leg.key)
            leg.cancelled()

    def disown_ringing(self, key: TransactionKey) -> None:
        """The leg of this INVITE is over."""
        self._ringing.pop(key, None)

    def handle(self, event: Output) -> None:
        """Every event of the endpoint comes through here."""
        match event:
            case RequestReceived():
                self._request(event)
            case ResponseReceived():
                self._response(event)
            case TransactionFailed():
                self._failed(event)
            case AckReceived():
                leg = self._dialogs.get(event.dialog.id)
                if leg is not None:
                    leg.ack_received(event.request)
            case Cancelled():
                self._cancel(event.key)
            case AckMissing():
                leg = self._dialogs.get(event.dialog.id)
                if leg is not None:
                    leg.hang_up(NO_ACK)
            case MessageRejected():
                metrics.sip_rejected.inc()
                self.on_rejected(event)

    def _response(self, event: ResponseReceived) -> None:
        owner = self._owners.get(event.key)
        if owner is not None:
            owner.response_received(event)
            return
        is_answer = event.key.method == "INVITE" and event.response.status // 100 == 2
        if is_answer and event.dialog is not None:
            # It crossed our CANCEL, or it is a fork that answers after its call is over.
            self.on_stray_answer(event.response, event.dialog)

    def _failed(self, event: TransactionFailed) -> None:
        owner = self._owners.pop(event.key, None)
        if owner is not None:
            owner.transaction_failed(event)
            return
        ringing = self._ringing.get(event.key)
        if ringing is not None:
            ringing.answer_failed()

    def _cancel(self, key: TransactionKey) -> None:
        ringing = self._ringing.get(key)
        if ringing is not None:
            ringing.cancelled()
        elif key in self._ringing:
            self._cancelled.add(key)

    def _request(self, event: RequestReceived) -> None:
        # A SUBSCRIBE's dialog is no call: its handler knows it, inside as outside (RFC 6665 4.1).
        if event.dialog is not None and event.request.method != "SUBSCRIBE":
            leg = self._dialogs.get(event.dialog.id)
            if leg is not None:
                in_dialog.handle(leg, event)
            else:
                self._reply(event, 481)
            return
        handler = self.handlers.get(event.request.method)
        if handler is not None:
            handler(event)
        else:
            # A method that makes sense only inside a dialog (INFO, BYE), sent outside one.
            self._reply(event, 481)

    def dump(self) -> dict[str, int]:
        """Counts for the leak check: all zero when no call is up."""
        return {
            "owned transactions": len(self._owners),
            "owned dialogs": len(self._dialogs),
            "ringing": len(self._ringing),
        }
