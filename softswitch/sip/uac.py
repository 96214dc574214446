"""The client half of the stack: our requests and what comes back (RFC 3261 8.1, 9.1, 13.2, 17.1).

Puts Via on a request and opens its transaction, gives responses to transactions by branch, makes a
dialog of each fork of an INVITE, acknowledges non-2xx finals, answers repeated 2xx with the ACK
that was sent, and holds a CANCEL back until a provisional response allows it.

It must not know how requests of others are handled (`uas.py`), nor choose where a message goes.
"""

from __future__ import annotations

from enum import Enum

from softswitch.sip.acknowledge import Acknowledgements
from softswitch.sip.core import Core, with_reserve
from softswitch.sip.dialog import TARGET_REFRESH, Dialog, DialogId
from softswitch.sip.events import FailureCause, ResponseReceived, Send, TransactionFailed
from softswitch.sip.flow import Flow, Hop, Target
from softswitch.sip.machines import CLIENT_INVITE, CLIENT_PLAIN, Action, Input, State
from softswitch.sip.matching import MAGIC_COOKIE, client_key
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.outgoing import ack_for_failure, cancel_for, opener, prepared, via_line
from softswitch.sip.transaction import MachinePlan, Transaction, TransactionKey


class Cancel(Enum):
    """How far the cancelling of an INVITE is."""

    NO = "no"
    WANTED = "wanted"
    """Asked for, but no provisional response came yet, so it waits (9.1)."""
    SENT = "sent"


class ClientTransaction(Transaction):
    """A request of ours and what is needed to go on with it."""

    __slots__ = (
        "answered",
        "cancel",
        "data",
        "dialog_id",
        "forks",
        "invite",
        "is_internal",
        "reason",
        "sent_by",
        "target",
        "via_count",
    )

    def __init__(
        self, key: TransactionKey, plan: MachinePlan, now: float, request: Request, target: Target
    ) -> None:
        super().__init__(key, plan, now)
        self.invite = request if key.method == "INVITE" else None
        """For its ACK, its CANCEL and the dialogs of its forks; dropped when none can follow, and
        cut down to what the latter need after a 2xx."""
        self.target = target
        self.data = b""
        """What is sent again: the request, and the ACK once a non-2xx final has come."""
        self.sent_by: tuple[str, int | None] = ("", None)
        """What our Via says: 18.1.2 discards a response whose top Via says something else."""
        self.via_count = _via_count(request.headers)
        self.dialog_id: DialogId | None = None
        """The dialog inside which the request was sent."""
        self.forks: list[DialogId] = []
        """Dialogs that this INVITE opened."""
        self.answered: set[str] = set()
        """To tags of the 2xx that came."""
        self.cancel = Cancel.NO
        self.reason: str | None = None
        """The Reason header of a CANCEL that waits."""
        self.is_internal = False
        """Sent by the stack itself: the user hears nothing of it."""

    @property
    def is_pending(self) -> bool:
        """No final response yet."""
        return self.state in _PENDING


_PENDING = frozenset({State.CALLING, State.TRYING, State.PROCEEDING})


class Clients:
    """Every client transaction."""

    __slots__ = ("_acks", "_core", "transactions")

    def __init__(self, core: Core, acks: Acknowledgements) -> None:
        self._core = core
        self._acks = acks
        self.transactions: dict[TransactionKey, ClientTransaction] = {}

    def is_pending(self, key: TransactionKey | None) -> bool:
        """Does this transaction still wait for its final response?"""
        transaction = self.transactions.get(key) if key is not None else None
        return transaction is not None and transaction.is_pending

    def is_unheard(self, key: TransactionKey) -> bool:
        """Did nothing come back yet, not even a 100?"""
        transaction = self.transactions.get(key)
        return transaction is not None and transaction.state in (State.CALLING, State.TRYING)

    def send(self, request: Request, target: Target, now: float) -> TransactionKey:
        """Send a request with a Via of ours on top; an ACK without a transaction."""
        method = request.method
        if method == "CANCEL" and "Via" in request.headers:
            # 9.1: a CANCEL carries the Via, and so the branch, of what it cancels.
            key = TransactionKey("client", method, request.via.branch or "", "")
            self._open(key, request, target, now)
            return key
        core = self._core
        branch = MAGIC_COOKIE + core.token()
        sent_by = _bracketed(core.config.sent_by(target))
        message = prepared(request, via_line(target.transport, sent_by, branch), core.config)
        key = TransactionKey("client", method, branch, "")
        if method == "ACK":
            self._send_ack(message, target, now)
            return key
        if len(self.transactions) >= with_reserve(core.config.limits.transactions):
            core.count("requests not sent")
            core.outputs.append(TransactionFailed(key, FailureCause.TRANSPORT))
            return key
        self._open(key, message, target, now).sent_by = sent_by
        return key

    def _open(
        self, key: TransactionKey, request: Request, target: Target, now: float
    ) -> ClientTransaction:
        core = self._core
        machine = CLIENT_INVITE if key.method == "INVITE" else CLIENT_PLAIN
        plan = core.plan(machine, target.transport.reliable)
        transaction = ClientTransaction(key, plan, now, request, target)
        transaction.data = request.to_bytes()
        remote_tag = request.to.tag
        if remote_tag is not None:
            transaction.dialog_id = DialogId(request.call_id, request.from_.tag or "", remote_tag)
            dialog = core.dialogs.get(transaction.dialog_id)
            if dialog is not None and key.method == "INVITE":
                dialog.invite_sent = key
        self.transactions[key] = transaction
        core.outputs.append(Send(transaction.data, target, key))
        core.deadlines.update(transaction)
        return transaction

    def _send_ack(self, ack: Request, target: Target, now: float) -> None:
        dialog_id = DialogId(ack.call_id, ack.from_.tag or "", ack.to.tag or "")
        data = ack.to_bytes()
        self._acks.sent((dialog_id, ack.cseq.number), data, target, now)
        self._core.outputs.append(Send(data, target, None))

    def receive(self, response: Response, flow: Flow, now: float) -> None:
        """A response came. One that belongs to no transaction is dropped and counted."""
        transaction = self.transactions.get(client_key(response))
        if transaction is None or not _is_ours(response, transaction):
            self._core.count("stray responses")
            return
        if response.status < 200:
            self._provisional(transaction, response, flow, now)
        elif response.status < 300:
            self._success(transaction, response, flow, now)
        else:
            self._failure(transaction, response, flow, now)
        self._settle(transaction)

    def _provisional(
        self, transaction: ClientTransaction, response: Response, flow: Flow, now: float
    ) -> None:
        actions = transaction.step(Input.PROVISIONAL, now)
        if not actions or transaction.cancel is not Cancel.NO:
            # After the final one, or after the user has cancelled and forgotten the call.
            self._core.count("late provisionals")
            if transaction.cancel is Cancel.WANTED and transaction.is_pending:
                self._send_cancel(transaction, now)
            return
        if response.status == 100:
            return
        dialog = None
        if transaction.key.method == "INVITE":
            dialog = self._dialog(transaction, response, flow)
        self._deliver(transaction, response, flow, dialog)

    def _success(
        self, transaction: ClientTransaction, response: Response, flow: Flow, now: float
    ) -> None:
        if not transaction.step(Input.SUCCESS, now):
            self._core.count("repeated finals")
            return
        transaction.data = b""
        if transaction.key.method != "INVITE":
            dialog = self._in_dialog_final(transaction, response, flow)
            self._deliver(transaction, response, flow, dialog)
            return
        tag = response.to.tag or ""
        if tag in transaction.answered:
            self._core.count("repeated finals")
            self._acks.repeat((DialogId.of_response(response), response.cseq.number))
            return
        if len(transaction.answered) >= self._core.config.limits.forks:
            self._core.count("forks not taken")
            return
        transaction.answered.add(tag)
        dialog = self._dialog(transaction, response, flow)
        if transaction.invite is not None and len(transaction.answered) == 1:
            transaction.invite = opener(transaction.invite)
        self._deliver(transaction, response, flow, dialog)

    def _failure(
        self, transaction: ClientTransaction, response: Response, flow: Flow, now: float
    ) -> None:
        actions = transaction.step(Input.FAILURE, now)
        if actions and transaction.invite is not None:
            transaction.data = ack_for_failure(transaction.invite, response).to_bytes()
            transaction.invite = None
        if Action.ACKNOWLEDGE in actions:
            self._core.outputs.append(Send(transaction.data, transaction.target, transaction.key))
        if Action.DELIVER not in actions:
            self._core.count("repeated finals")
            return
        self._end_early(transaction)
        dialog = self._in_dialog_final(transaction, response, flow)
        self._deliver(transaction, response, flow, dialog)

    def _deliver(
        self,
        transaction: ClientTransaction,
        response: Response,
        flow: Flow,
        dialog: Dialog | None,
    ) -> None:
        if not transaction.is_internal:
            self._core.outputs.append(ResponseReceived(transaction.key, response, flow, dialog))

    def _dialog(
        self, transaction: ClientTransaction, response: Response, flow: Flow
    ) -> Dialog | None:
        """The dialog that a 1xx or 2xx to an INVITE makes, confirms or refreshes."""
        core = self._core
        if transaction.dialog_id is not None:
            dialog = core.dialogs.get(transaction.dialog_id)
            if dialog is not None and response.status >= 200:
                dialog.confirm(response, flow)
            return dialog
        if response.status < 200 and response.to.tag is None:
            return None
        dialog_id = DialogId.of_response(response)
        dialog = core.dialogs.get(dialog_id)
        if dialog is not None:
            if response.status >= 200:
                dialog.confirm(response, flow)
            return dialog
        if response.status < 200 and len(transaction.forks) >= core.config.limits.forks:
            core.count("forks not taken")
            return None
        if transaction.invite is None:
            return None
        dialog = Dialog.uac(transaction.invite, response, flow)
        dialog.invite_sent = transaction.key
        transaction.forks.append(dialog_id)
        core.keep_dialog(dialog)
        return dialog

    def _in_dialog_final(
        self, transaction: ClientTransaction, response: Response, flow: Flow
    ) -> Dialog | None:
        """What a final response inside a dialog does to it: refresh, or the end after a BYE."""
        if transaction.dialog_id is None:
            return None
        dialog = self._core.dialogs.get(transaction.dialog_id)
        if dialog is None:
            return None
        method = transaction.key.method
        if method == "BYE":
            self._core.end_dialog(dialog.id)
        elif response.status < 300 and method in TARGET_REFRESH:
            dialog.confirm(response, flow)
        return dialog

    def cancel(self, key: TransactionKey, now: float, reason: str | None) -> None:
        """9.1: cancel an INVITE of ours, now or when a provisional response allows it.

        Nothing happens once a final response came: a 2xx that crosses wants ACK and BYE.
        """
        transaction = self.transactions.get(key)
        if transaction is None or key.method != "INVITE" or transaction.cancel is not Cancel.NO:
            return
        transaction.reason = reason
        if transaction.state is State.PROCEEDING:
            self._send_cancel(transaction, now)
        elif transaction.state is State.CALLING:
            transaction.cancel = Cancel.WANTED

    def _send_cancel(self, transaction: ClientTransaction, now: float) -> None:
        if transaction.invite is None:
            return
        transaction.cancel = Cancel.SENT
        cancel = cancel_for(transaction.invite, transaction.reason)
        key = transaction.key._replace(method="CANCEL")
        opened = self._open(key, cancel, transaction.target, now)
        opened.is_internal = True
        opened.sent_by = transaction.sent_by
        # 9.1: "if there is no final response for the original request in 64*T1 seconds, the
        # client SHOULD then consider the original transaction cancelled".
        transaction.end_in(self._core.config.timers.give_up, now)
        self._core.deadlines.update(transaction)

    def transport_failed(self, failed: Target | TransactionKey, now: float) -> None:
        """A message could not be carried, or a connection is gone."""
        if isinstance(failed, TransactionKey):
            transaction = self.transactions.get(failed)
            broken = [] if transaction is None else [transaction]
        else:
            broken = [
                each
                for each in self.transactions.values()
                if each.is_pending and _goes(each.target, failed)
            ]
        for transaction in broken:
            self._do(transaction, transaction.step(Input.BROKEN, now))

    def expire(self, transaction: ClientTransaction, now: float) -> None:
        """One of the transaction's clocks rings."""
        self._do(transaction, transaction.expire(now))

    def _do(self, transaction: ClientTransaction, actions: tuple[Action, ...]) -> None:
        self._core.carry_out(transaction, actions)
        self._settle(transaction)

    def _settle(self, transaction: ClientTransaction) -> None:
        """Re-arm the transaction, or take it out with all that lives no longer than it."""
        if not transaction.is_terminated:
            self._core.deadlines.update(transaction)
            return
        del self.transactions[transaction.key]
        self._end_early(transaction)
        if transaction.key.method == "BYE" and transaction.dialog_id is not None:
            self._core.end_dialog(transaction.dialog_id)

    def _end_early(self, transaction: ClientTransaction) -> None:
        """13.2.2.4, 12.3: forks that never answered end with the INVITE."""
        for dialog_id in transaction.forks:
            self._core.end_if_early(dialog_id)


def _bracketed(place: tuple[str, int | None]) -> tuple[str, int | None]:
    """A host as Via writes it: an IPv6 address stands in brackets."""
    host, port = place
    return (f"[{host}]", port) if ":" in host and host[0] != "[" else place


def _is_ours(response: Response, transaction: ClientTransaction) -> bool:
    """18.1.2: the sent-by must be what we put there; 8.1.3.3: under our Via nobody else's."""
    via = response.via
    if transaction.sent_by[0] and (via.host, via.port) != transaction.sent_by:
        return False
    return _via_count(response.headers) == transaction.via_count


def _via_count(headers: Headers) -> int:
    """How many Via values; by their commas, since reading them all costs more than the rest."""
    count = 0
    for line in headers.all("Via"):
        count += line.count(",") + 1
    return count


def _goes(target: Target, failed: Target) -> bool:
    """Does what is sent to `target` go by what failed? A hop meets the flow that leads to it."""
    if target == failed:
        return True
    if target.transport is not failed.transport or isinstance(target, Flow) is isinstance(
        failed, Flow
    ):
        return False
    return _place(target) == _place(failed)


def _place(target: Target) -> tuple[str, int]:
    return (target.host, target.port) if isinstance(target, Hop) else target.remote
