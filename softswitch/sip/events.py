"""What the stack tells the world: the outputs of `Stack.take()`, as small frozen values.

`Send` is for the transports; every other output is an event for the call layer. They come in the
order in which they happened, so a reader that walks the list once never sees an effect before its
cause. RFC 3261 sections 8, 12, 13 and 17 say what each one stands for.

This file knows the values' shapes and nothing of how they come to be. Those that come with each
message are NamedTuples, which cost a third of a dataclass.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from softswitch.sip.dialog import Dialog
from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Request, Response
from softswitch.sip.transaction import TransactionKey


class FailureCause(Enum):
    """Why a transaction ended without a final response (RFC 3261 8.1.3.1)."""

    TIMEOUT = "timeout"
    """Nobody answered in 64*T1: treat it as a 408."""
    TRANSPORT = "transport"
    """The message could not be carried: treat it as a 503."""


class Send(NamedTuple):
    """Bytes to put on the wire."""

    data: bytes
    """A whole SIP message."""
    target: Target
    """A flow to reuse, or a hop to which a socket or connection is to be found."""
    key: TransactionKey | None
    """Name this in `transport_failed` if the sending fails; None: nobody waits for it."""


class RequestReceived(NamedTuple):
    """A new, valid request. Never a repeat, an ACK or a CANCEL."""

    key: TransactionKey
    """Send the response to this key."""
    request: Request
    """As it came, with `received` and `rport` put on its top Via."""
    flow: Flow
    """The way it came by."""
    dialog: Dialog | None
    """The dialog it belongs to; None outside dialogs. A BYE's dialog has ended already."""


class ResponseReceived(NamedTuple):
    """A response to a request of ours: each 1xx above 100, each final one once."""

    key: TransactionKey
    """The client transaction, as `Stack.send` returned it."""
    response: Response
    flow: Flow
    """The way it came by."""
    dialog: Dialog | None
    """The dialog made or used by it. Each fork of an INVITE brings a dialog of its own; each 2xx
    wants its own ACK (`dialog.ack`), and a fork that is not wanted a BYE after it."""


@dataclass(frozen=True, slots=True)
class AckReceived:
    """The first ACK for a 2xx of ours (RFC 3261 13.3.1.4); its repeats are absorbed."""

    dialog: Dialog
    request: Request
    """The ACK; its body is the answer if our 2xx carried the offer."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The caller gave up. The CANCEL has its 200 already; answer the INVITE with 487."""

    key: TransactionKey
    """The INVITE's server transaction."""
    request: Request
    """The CANCEL, whose Reason header (RFC 3326) may say why."""


@dataclass(frozen=True, slots=True)
class TransactionFailed:
    """A transaction ended without what it waited for, and is gone.

    For a client: no final response. For a server INVITE: its final response was never
    acknowledged, or could not be sent.
    """

    key: TransactionKey
    cause: FailureCause


@dataclass(frozen=True, slots=True)
class AckMissing:
    """Our 2xx was repeated for 64*T1 and never acknowledged: send a BYE (RFC 3261 13.3.1.4)."""

    dialog: Dialog
    key: TransactionKey
    """The INVITE's server transaction, by now gone."""


@dataclass(frozen=True, slots=True)
class MessageRejected:
    """Input that the stack answered without state, or dropped; for the log and the counters."""

    flow: Flow
    status: int | None
    """The status sent; None: dropped in silence."""
    reason: str


Output = (
    Send
    | RequestReceived
    | ResponseReceived
    | AckReceived
    | Cancelled
    | TransactionFailed
    | AckMissing
    | MessageRejected
)
"""What `Stack.take()` lists."""

Event = (
    RequestReceived
    | ResponseReceived
    | AckReceived
    | Cancelled
    | TransactionFailed
    | AckMissing
    | MessageRejected
)
"""An output that is not `Send`."""
