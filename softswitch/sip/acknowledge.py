"""The ACK of a 2xx, on both sides (RFC 3261 13.2.2.4 and 13.3.1.4).

A 2xx to an INVITE and its ACK go from user to user, past the transactions and over any number of
hops, so they are repeated even over a reliable transport. Two small objects, one of each kind for
each INVITE that was accepted:

    SentAck      ours went out; for 64*T1 it answers repeats of the 2xx
    AwaitedAck   our 2xx went out; it is repeated, T1 doubling to T2, until the ACK or 64*T1

This file knows no message and no transaction, only bytes and the dialog they belong to.
"""

from __future__ import annotations

from math import inf

from softswitch.sip.core import Core
from softswitch.sip.dialog import Dialog, DialogId, DialogState
from softswitch.sip.events import AckMissing, Send
from softswitch.sip.flow import Target
from softswitch.sip.transaction import TransactionKey

AckKey = tuple[DialogId, int]
"""A dialog and the INVITE's CSeq number."""


class SentAck:
    """An ACK that may be wanted again."""

    __slots__ = ("data", "due", "key", "queued", "target")

    def __init__(self, key: AckKey, data: bytes, target: Target, expires: float) -> None:
        self.key = key
        self.data = data
        self.target = target
        self.due = expires
        self.queued = inf


class AwaitedAck:
    """A 2xx that nobody has acknowledged yet."""

    __slots__ = (
        "cseq",
        "data",
        "dialog",
        "due",
        "gives_up",
        "interval",
        "queued",
        "server",
        "target",
    )

    def __init__(
        self, cseq: int, dialog: Dialog, server: TransactionKey, data: bytes, target: Target
    ) -> None:
        self.cseq = cseq
        self.dialog = dialog
        self.server = server
        self.data = data
        self.target = target
        self.interval = 0.0
        self.gives_up = inf
        self.due = inf
        self.queued = inf


class Acknowledgements:
    """Every ACK sent or waited for. Each entry leaves by its own clock, or with its dialog."""

    __slots__ = ("_awaited", "_core", "_sent")

    def __init__(self, core: Core) -> None:
        self._core = core
        self._sent: dict[AckKey, SentAck] = {}
        self._awaited: dict[DialogId, AwaitedAck] = {}

    def sent(self, key: AckKey, data: bytes, target: Target, now: float) -> None:
        """Our ACK goes out: keep it for the repeats of the 2xx."""
        timers = self._core.config.timers
        before = self._sent.get(key)
        if before is not None:
            before.data, before.target = data, target
            return
        ack = self._sent[key] = SentAck(key, data, target, now + timers.give_up)
        self._core.deadlines.update(ack)

    def repeat(self, key: AckKey) -> bool:
        """The 2xx came again: "the ACK MUST be passed to the client transport every time"."""
        ack = self._sent.get(key)
        if ack is None:
            return False
        self._core.outputs.append(Send(ack.data, ack.target, None))
        return True

    def wait(
        self,
        cseq: int,
        dialog: Dialog,
        server: TransactionKey,
        data: bytes,
        target: Target,
        now: float,
    ) -> None:
        """Our 2xx has gone out as `data`: repeat it until its ACK comes."""
        self.stop(dialog.id)
        timers = self._core.config.timers
        awaited = AwaitedAck(cseq, dialog, server, data, target)
        awaited.interval = timers.t1
        awaited.gives_up = now + timers.give_up
        awaited.due = now + timers.t1
        self._awaited[dialog.id] = awaited
        self._core.deadlines.update(awaited)

    def received(self, dialog_id: DialogId, cseq: int) -> Dialog | None:
        """An ACK came; the dialog if it is the first for its 2xx."""
        awaited = self._awaited.get(dialog_id)
        if awaited is None or awaited.cseq != cseq:
            return None
        self.stop(dialog_id)
        return awaited.dialog

    def stop(self, dialog_id: DialogId) -> None:
        """Stop repeating a 2xx: its ACK came, a BYE ended the dialog, or a newer 2xx follows it."""
        awaited = self._awaited.pop(dialog_id, None)
        if awaited is not None:
            awaited.due = inf

    def expire_sent(self, ack: SentAck) -> None:
        """The 2xx is repeated no more."""
        self._sent.pop(ack.key, None)

    def expire_awaited(self, awaited: AwaitedAck, now: float) -> None:
        """Repeat the 2xx, or give up."""
        core = self._core
        if awaited.dialog.state is DialogState.ENDED:
            self.stop(awaited.dialog.id)
            return
        if now >= awaited.gives_up:
            del self._awaited[awaited.dialog.id]
            core.outputs.append(AckMissing(awaited.dialog, awaited.server))
            return
        core.outputs.append(Send(awaited.data, awaited.target, None))
        awaited.interval = min(2 * awaited.interval, core.config.timers.t2)
        awaited.due = min(now + awaited.interval, awaited.gives_up)
        core.deadlines.update(awaited)

    def dump(self) -> dict[str, int]:
        """How many of each are kept."""
        return {"acks_sent": len(self._sent), "acks_awaited": len(self._awaited)}
