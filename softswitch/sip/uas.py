"""The server half of the stack: requests of others (RFC 3261 8.2, 9.2, 12.2.2, 13.3, 17.2).

Tells a new request from a repeat, refuses by itself what the RFC leaves no choice about, gives the
rest to the user, and carries the user's responses: To tag, dialog, repeats of a 2xx until its ACK.

Refusals that depend on nothing but the request are sent without state (8.2.7). Those that depend on
the moment (481, 482, 491, 500) get a transaction, so that a repeat meets the same answer.

It must not know how our own requests are handled (`uac.py`).
"""

from __future__ import annotations

from collections.abc import Callable

from softswitch.sip.acknowledge import Acknowledgements
from softswitch.sip.admission import Refusal, refusal
from softswitch.sip.arrival import Arrival
from softswitch.sip.core import Core, with_reserve
from softswitch.sip.dialog import Dialog, DialogId
from softswitch.sip.events import (
    AckReceived,
    Cancelled,
    MessageRejected,
    RequestReceived,
)
from softswitch.sip.flow import Flow
from softswitch.sip.glare import retry_after
from softswitch.sip.machines import SERVER_INVITE, SERVER_PLAIN, Action, Input, State
from softswitch.sip.matching import MergeKey, is_legacy, merge_key, server_key
from softswitch.sip.message import Request, Response
from softswitch.sip.stateless import Stateless
from softswitch.sip.transaction import MachinePlan, Transaction, TransactionKey

IsPending = Callable[[TransactionKey | None], bool]
"""Does this client transaction still wait for its final response?"""


class ServerTransaction(Transaction):
    """A request of somebody and what is needed to answer it."""

    __slots__ = (
        "data",
        "dialog_id",
        "flow",
        "invite",
        "is_cancelled",
        "is_internal",
        "merge",
        "opened",
        "target",
        "to_tag",
    )

    def __init__(
        self, key: TransactionKey, plan: MachinePlan, now: float, arrival: Arrival
    ) -> None:
        super().__init__(key, plan, now)
        self.invite = arrival.request if key.method == "INVITE" else None
        """For the dialog that its responses open; dropped with the final one."""
        self.flow = arrival.flow
        self.target = arrival.target
        self.data = b""
        """The last response."""
        self.to_tag = ""
        """Ours, in every response above 100."""
        self.dialog_id: DialogId | None = None
        """The dialog that the request belongs to or opened."""
        self.opened: DialogId | None = None
        """The dialog that lives no longer than this INVITE unless a 2xx confirms it."""
        self.merge: MergeKey | None = None
        self.is_cancelled = False
        self.is_internal = False
        """Answered by the stack itself: the user never hears of it."""

    @property
    def is_answered(self) -> bool:
        """A final response was sent."""
        return self.state not in (State.TRYING, State.PROCEEDING)


class Servers:
    """Every server transaction."""

    __slots__ = ("_acks", "_core", "_is_pending", "_merges", "_stateless", "transactions")

    def __init__(
        self, core: Core, acks: Acknowledgements, stateless: Stateless, is_pending: IsPending
    ) -> None:
        self._core = core
        self._acks = acks
        self._stateless = stateless
        self._is_pending = is_pending
        self._merges: dict[MergeKey, TransactionKey] = {}
        self.transactions: dict[TransactionKey, ServerTransaction] = {}

    def receive(self, request: Request, flow: Flow, now: float) -> None:
        """A request came. Its top Via gets `received` and `rport`."""
        arrival = Arrival.of(request, flow)
        key = server_key(request, arrival.via)
        transaction = self.transactions.get(key)
        if request.method == "ACK":
            self._ack(transaction, request, flow, now)
        elif transaction is not None:
            self._core.count("repeated requests")
            self._do(transaction, transaction.step(Input.REQUEST, now))
        elif request.method == "CANCEL":
            self._cancel(key, arrival, now)
        else:
            self._new(key, arrival, now)

    def _new(self, key: TransactionKey, arrival: Arrival, now: float) -> None:
        core = self._core
        request = arrival.request
        # A registrar has no dialogs (RFC 3261 10): a To tag on REGISTER means nothing.
        has_dialog = request.to.tag is not None and request.method != "REGISTER"
        refused = refusal(request, core.config, has_dialog) or self._overload(request, has_dialog)
        if refused is None and not has_dialog:
            refused = core.config.refuses(request, arrival.flow, now)
        if refused is not None:
            self._stateless.refuse(arrival, refused)
            return
        if has_dialog:
            self._in_dialog(key, arrival, now)
            return
        merge = merge_key(request)
        if merge in self._merges:
            self._refuse(key, arrival, now, Refusal(482))
            return
        transaction = self._open(key, arrival, now)
        transaction.merge = merge
        self._merges[merge] = key
        self._announce(transaction, arrival, None, now)

    def _overload(self, request: Request, has_dialog: bool) -> Refusal | None:
        """503 while a store is full. What belongs to a call that is up has a reserve."""
        limits = self._core.config.limits
        count = len(self.transactions)
        if has_dialog:
            is_full = count >= with_reserve(limits.transactions)
        else:
            is_full = count >= limits.transactions or (
                request.method == "INVITE" and len(self._core.dialogs) >= limits.dialogs
            )
        if not is_full:
            return None
        self._core.count("shed")
        return Refusal(503, (("Retry-After", str(limits.retry_after)),))

    def _in_dialog(self, key: TransactionKey, arrival: Arrival, now: float) -> None:
        """12.2.2: a request with a To tag belongs to a dialog of ours, or to none."""
        core = self._core
        request = arrival.request
        dialog = core.dialogs.get(DialogId.of_request(request))
        refused = Refusal(481) if dialog is None else self._out_of_turn(dialog, arrival)
        if dialog is None or refused is not None:
            self._refuse(key, arrival, now, refused or Refusal(481))
            return
        transaction = self._open(key, arrival, now)
        transaction.dialog_id = dialog.id
        transaction.to_tag = dialog.id.local_tag
        if request.method == "INVITE":
            dialog.invite_received = key
        elif request.method == "BYE":
            core.end_dialog(dialog.id)
            self._acks.stop(dialog.id)
        self._announce(transaction, arrival, dialog, now)

    def _out_of_turn(self, dialog: Dialog, arrival: Arrival) -> Refusal | None:
        """14.2 for an INVITE that meets another one, and 12.2.2 for CSeq numbers out of order."""
        request = arrival.request
        last = dialog.remote_cseq
        number = request.cseq.number
        if request.method == "INVITE" and (last is None or number >= last):
            earlier = self.transactions.get(dialog.invite_received or _NO_KEY)
            if earlier is not None and not earlier.is_answered:
                dialog.remote_cseq = number
                wait = retry_after(self._core.token())
                return Refusal(500, (("Retry-After", str(wait)),))
            if self._is_pending(dialog.invite_sent):
                dialog.remote_cseq = number
                return Refusal(491)
        status = dialog.receive(request, arrival.flow)
        return None if status is None else Refusal(status)

    def _open(self, key: TransactionKey, arrival: Arrival, now: float) -> ServerTransaction:
        machine = SERVER_INVITE if arrival.request.method == "INVITE" else SERVER_PLAIN
        plan = self._core.plan(machine, arrival.flow.transport.reliable)
        transaction = ServerTransaction(key, plan, now, arrival)
        self.transactions[key] = transaction
        self._core.deadlines.update(transaction)
        return transaction

    def _announce(
        self,
        transaction: ServerTransaction,
        arrival: Arrival,
        dialog: Dialog | None,
        now: float,
    ) -> None:
        request = arrival.request
        if request.method == "INVITE":
            # 17.2.1: 100 "if it knows the TU will not generate one within 200 ms": sent at once,
            # since it stops the repeats, and nobody knows how long a person takes to answer.
            self._respond(transaction, Response.answering(request, 100), now)
        event = RequestReceived(transaction.key, request, arrival.flow, dialog)
        self._core.outputs.append(event)

    def _refuse(self, key: TransactionKey, arrival: Arrival, now: float, refused: Refusal) -> None:
        """Refuse by a transaction of our own, so that repeats get the same answer."""
        if len(self.transactions) >= with_reserve(self._core.config.limits.transactions):
            self._stateless.refuse(arrival, refused)
            return
        transaction = self._open(key, arrival, now)
        transaction.is_internal = True
        response = self._stateless.response(arrival.request, refused)
        self._respond(transaction, response, now)
        self._core.outputs.append(MessageRejected(arrival.flow, refused.status, response.reason))

    def _cancel(self, key: TransactionKey, arrival: Arrival, now: float) -> None:
        """9.2: "regardless of the method", 200 if there is something to cancel, else 481."""
        invite_key = key._replace(method="INVITE")
        invite = self.transactions.get(invite_key)
        if invite is None or invite.is_internal:
            self._stateless.refuse(arrival, Refusal(481))
            return
        transaction = self._open(key, arrival, now)
        transaction.is_internal = True
        # "The To tag of the response to the CANCEL and the To tag in the response to the original
        # request SHOULD be the same."
        invite.to_tag = transaction.to_tag = invite.to_tag or self._core.token()
        self._respond(transaction, Response.answering(arrival.request, 200), now)
        if not invite.is_answered and not invite.is_cancelled:
            invite.is_cancelled = True
            self._core.outputs.append(Cancelled(invite_key, arrival.request))

    def _ack(
        self, transaction: ServerTransaction | None, request: Request, flow: Flow, now: float
    ) -> None:
        """An ACK is for a transaction that refused, or for a 2xx, or is dropped: never answered."""
        core = self._core
        if transaction is not None and transaction.state is not State.ACCEPTED:
            if is_legacy(transaction.key) and request.to.tag != transaction.to_tag:
                core.count("stray ACKs")
                return
            self._do(transaction, transaction.step(Input.ACK, now))
            return
        dialog_id = DialogId.of_request(request)
        dialog = self._acks.received(dialog_id, request.cseq.number)
        if dialog is not None:
            dialog.flow = flow
            core.outputs.append(AckReceived(dialog, request))
        elif dialog_id not in core.dialogs:
            core.count("stray ACKs")

    def send(self, response: Response, key: TransactionKey, now: float) -> None:
        """The user answers. An answer that comes too late is dropped and counted."""
        transaction = self.transactions.get(key)
        if transaction is None or transaction.is_answered:
            self._core.count("late answers")
            return
        self._respond(transaction, response, now)

    def dismiss(self, response: Response, key: TransactionKey, now: float) -> None:
        """Answer finally, and keep nothing: not even repeats of the answer are sent."""
        transaction = self.transactions.get(key)
        self.send(response, key, now)
        if transaction is not None and key in self.transactions:
            transaction.is_internal = True
            self._do(transaction, transaction.step(Input.BROKEN, now))

    def _respond(self, transaction: ServerTransaction, response: Response, now: float) -> None:
        core = self._core
        if response.status > 100:
            self._tag(transaction, response)
        if core.config.user_agent and "Server" not in response.headers:
            response.headers.add("Server", core.config.user_agent)
        transaction.data = response.to_bytes()
        invite = transaction.invite
        if invite is not None and not transaction.is_internal and response.status > 100:
            self._dialog(transaction, invite, response, now)
        if response.status >= 200:
            transaction.invite = None
        self._do(transaction, transaction.step(_input(response.status), now))

    def _tag(self, transaction: ServerTransaction, response: Response) -> None:
        """8.2.6.2: the To tag of all responses to a request is the same."""
        tag = response.to.tag
        if tag is None:
            tag = transaction.to_tag or self._core.token()
            response.headers.set("To", f"{response.headers.get('To')};tag={tag}")
        transaction.to_tag = tag

    def _dialog(
        self, transaction: ServerTransaction, invite: Request, response: Response, now: float
    ) -> None:
        """What a response to an INVITE does to its dialog (12.1.1, 12.3, 13.3.1)."""
        core = self._core
        if response.status >= 300:
            if transaction.opened is not None:
                core.end_if_early(transaction.opened)
            return
        if transaction.dialog_id is None:
            dialog = Dialog.uas(invite, response, transaction.flow)
            dialog.invite_received = transaction.key
            transaction.dialog_id = transaction.opened = dialog.id
            core.keep_dialog(dialog)
        else:
            known = core.dialogs.get(transaction.dialog_id)
            if known is None:
                return
            dialog = known
        if response.status >= 200:
            dialog.confirm()
            cseq = invite.cseq.number
            target = transaction.target
            self._acks.wait(cseq, dialog, transaction.key, transaction.data, target, now)

    def dialog_of(self, key: TransactionKey) -> Dialog | None:
        """The dialog that a transaction belongs to or has opened."""
        transaction = self.transactions.get(key)
        if transaction is None or transaction.dialog_id is None:
            return None
        return self._core.dialogs.get(transaction.dialog_id)

    def transport_failed(self, key: TransactionKey, now: float) -> None:
        """A response could not be carried (17.2.4)."""
        transaction = self.transactions.get(key)
        if transaction is not None:
            self._do(transaction, transaction.step(Input.BROKEN, now))

    def expire(self, transaction: ServerTransaction, now: float) -> None:
        """One of the transaction's clocks rings."""
        self._do(transaction, transaction.expire(now))

    def _do(self, transaction: ServerTransaction, actions: tuple[Action, ...]) -> None:
        self._core.carry_out(transaction, actions)
        core = self._core
        if not transaction.is_terminated:
            core.deadlines.update(transaction)
            return
        del self.transactions[transaction.key]
        if transaction.merge is not None:
            self._merges.pop(transaction.merge, None)
        if transaction.opened is not None:
            core.end_if_early(transaction.opened)

    def dump(self) -> dict[str, int]:
        """How many of each are kept."""
        return {"server_transactions": len(self.transactions), "merge_keys": len(self._merges)}


_NO_KEY = TransactionKey("server", "", "", "")


def _input(status: int) -> Input:
    if status < 200:
        return Input.PROVISIONAL
    return Input.SUCCESS if status < 300 else Input.FAILURE
