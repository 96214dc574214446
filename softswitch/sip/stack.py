"""The SIP stack as five calls: `receive`, `send`, `tick`, `take`, and the `deadline` property.

No socket, no clock and no chance in here: bytes come in with the flow they came by and the time
`now` (seconds that never go back), tokens come from an injected function, and everything that is
to happen lies in `take()` afterwards. So RFC 3261's 32 seconds pass in a test within a millisecond.

    stack.receive(data, flow, now)          a datagram, or one message cut out of a stream
    key = stack.send(request, target, now)  opens a client transaction
    stack.send(response, key, now)          answers a server transaction
    stack.tick(now)                         when `stack.deadline` has come
    for output in stack.take(): ...         `Send` for the transports, the others for the calls

The work is done in `uac.py` (our requests), `uas.py` (theirs), `acknowledge.py` (ACK of a 2xx) and
`stateless.py` (answers without a memory), over one `Core`. This file parses, hands over and counts.
RFC 3261 sections 8, 9, 12 to 18; RFC 3581; RFC 6026.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from softswitch.sip.acknowledge import Acknowledgements, AwaitedAck, SentAck
from softswitch.sip.configuration import Limits, StackConfig
from softswitch.sip.core import Core
from softswitch.sip.dialog import Dialog, DialogId, DialogState
from softswitch.sip.errors import ParseError
from softswitch.sip.events import (
    AckMissing,
    AckReceived,
    Cancelled,
    Event,
    FailureCause,
    MessageRejected,
    Output,
    RequestReceived,
    ResponseReceived,
    Send,
    TransactionFailed,
)
from softswitch.sip.flow import Flow, Hop, Target, Transport
from softswitch.sip.message import Request, Response, parse_message
from softswitch.sip.stateless import Stateless
from softswitch.sip.transaction import TimerConfig, TransactionKey
from softswitch.sip.uac import Clients, ClientTransaction
from softswitch.sip.uas import Servers, ServerTransaction

__all__ = [
    "AckMissing",
    "AckReceived",
    "Cancelled",
    "Dialog",
    "DialogId",
    "DialogState",
    "Event",
    "FailureCause",
    "Flow",
    "Hop",
    "Limits",
    "MessageRejected",
    "Output",
    "RequestReceived",
    "ResponseReceived",
    "Send",
    "Stack",
    "StackConfig",
    "Target",
    "TimerConfig",
    "TransactionFailed",
    "TransactionKey",
    "Transport",
]


class Stack:
    """One SIP user agent core: any number of transports, calls and registrations."""

    def __init__(self, config: StackConfig, token: Callable[[], str]) -> None:
        """`token`: an unguessable word on each call, at least 32 bits of chance (19.3)."""
        self.config = config
        self._core = Core(config, token)
        self._acks = Acknowledgements(self._core)
        self._stateless = Stateless(self._core)
        self._clients = Clients(self._core, self._acks)
        self._servers = Servers(self._core, self._acks, self._stateless, self._clients.is_pending)

    @property
    def dialogs(self) -> Mapping[DialogId, Dialog]:
        """Early and confirmed dialogs, by identifier. They leave with a BYE, with the non-2xx final
        of their INVITE, or by `forget`."""
        return self._core.dialogs

    @property
    def deadline(self) -> float | None:
        """When `tick` is to be called next, exactly; None: nothing waits for time to pass."""
        return self._core.deadlines.next

    @property
    def counters(self) -> Mapping[str, int]:
        """How often since the start: `stray responses`, `stray ACKs`, `late provisionals`, `late
        answers`, `repeated requests`, `repeated finals`, `forks not taken`, `dialogs not kept`,
        `requests not sent`, `shed`, `malformed`."""
        return self._core.counters

    def receive(self, data: bytes, flow: Flow, now: float) -> None:
        """Take one message from the wire. Never raises, whatever the bytes."""
        try:
            message = parse_message(data)
        except ParseError as error:
            self._core.count("malformed")
            self._stateless.malformed(error, flow)
            return
        if isinstance(message, Response):
            self._clients.receive(message, flow, now)
        else:
            self._servers.receive(message, flow, now)

    def send(
        self, message: Request | Response, target: Target | TransactionKey, now: float
    ) -> TransactionKey:
        """Send a request toward a target, or a response to a server transaction.

        A request goes out as a copy with our Via on top; the key is a new client transaction's. An
        ACK for a 2xx opens none: it is kept for 64*T1, to answer repeats of that 2xx. A CANCEL that
        already has the Via of its INVITE keeps it; `cancel` is the easier way. A response is
        finished in place (To tag, Server) and dropped if its transaction is answered or gone.

        Raises ValueError if a request is sent to a key or a response to a target.
        """
        if isinstance(message, Response):
            if not isinstance(target, TransactionKey):
                raise ValueError("a response is sent to the key of its request")
            self._servers.send(message, target, now)
            return target
        if isinstance(target, TransactionKey):
            raise ValueError("a request is sent to a flow or a hop")
        return self._clients.send(message, target, now)

    def dismiss(self, response: Response, key: TransactionKey, now: float) -> None:
        """Refuse a request as if without state (8.2.7): answered once, forgotten, not repeated.

        For who is not to make us remember him or send twice. A repeat of his is a new request.
        """
        self._servers.dismiss(response, key, now)

    def cancel(self, key: TransactionKey, now: float, reason: str | None = None) -> None:
        """Cancel an INVITE of ours (RFC 3261 9.1). `reason`: of a Reason header (RFC 3326).

        Waits for the first provisional response. The INVITE then ends as any: with a final
        response, a 487 most often; with a 2xx that crossed the CANCEL, which wants ACK and BYE; or
        with `TransactionFailed`. Provisional responses are not delivered any more.
        """
        self._clients.cancel(key, now, reason)

    def transport_failed(self, failed: Target | TransactionKey, now: float) -> None:
        """What was to be sent could not be, or a connection is gone.

        A key: that of the `Send`. A flow or hop: every client transaction that goes that way.
        """
        self._clients.transport_failed(failed, now)
        if isinstance(failed, TransactionKey):
            self._servers.transport_failed(failed, now)

    def tick(self, now: float) -> None:
        """Let everything happen that is due by `now`."""
        for owner in self._core.deadlines.expired(now):
            if isinstance(owner, ClientTransaction):
                self._clients.expire(owner, now)
            elif isinstance(owner, ServerTransaction):
                self._servers.expire(owner, now)
            elif isinstance(owner, AwaitedAck):
                self._acks.expire_awaited(owner, now)
            elif isinstance(owner, SentAck):
                self._acks.expire_sent(owner)

    def take(self) -> list[Output]:
        """Everything that happened since the last call, in order."""
        outputs = self._core.outputs
        self._core.outputs = []
        return outputs

    def is_unheard(self, key: TransactionKey) -> bool:
        """Did nothing come back to a request of ours yet, not even the 100 that is not told?"""
        return self._clients.is_unheard(key)

    def dialog_of(self, key: TransactionKey) -> Dialog | None:
        """The dialog that a server transaction belongs to or has opened with its responses."""
        return self._servers.dialog_of(key)

    def adopt(self, dialog: Dialog) -> None:
        """Enter a dialog that no INVITE made (SUBSCRIBE, REFER), or one from before a restart."""
        self._core.keep_dialog(dialog)

    def forget(self, dialog_id: DialogId) -> None:
        """End a dialog without a BYE: the far side is gone. Its next request gets 481."""
        self._core.end_dialog(dialog_id)
        self._acks.stop(dialog_id)

    def sizes(self) -> dict[str, int]:
        """How full each store is, at once."""
        return {
            "client_transactions": len(self._clients.transactions),
            **self._servers.dump(),
            **self._acks.dump(),
            "dialogs": len(self._core.dialogs),
        }

    def dump(self) -> dict[str, int]:
        """How much is kept, by kind; all zero when everything has come to its end.

        Walks through all that waits for its time.
        """
        core = self._core
        waiting = {"deadlines": core.deadlines.alive, "outputs": len(core.outputs)}
        return {**self.sizes(), **waiting}
