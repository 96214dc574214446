"""What the two halves of the stack share: the configuration, the outputs, the clocks, the dialogs.

`uac.py` and `uas.py` write here and `stack.py` reads. No decision about a message is made here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from softswitch.sip.configuration import StackConfig
from softswitch.sip.deadlines import Deadlines
from softswitch.sip.dialog import Dialog, DialogId, DialogState
from softswitch.sip.events import FailureCause, Output, Send, TransactionFailed
from softswitch.sip.flow import Target
from softswitch.sip.machines import Action, Machine
from softswitch.sip.transaction import MachinePlan, TransactionKey

RESERVE = 8
"""Over a bound, one part in this many more is granted to requests inside dialogs and to our own:
a call that is up must be able to end while new ones are shed."""


def with_reserve(limit: int) -> int:
    """The bound that holds for calls in progress."""
    return limit + max(limit // RESERVE, 1)


_CAUSES = {
    Action.TIMED_OUT: FailureCause.TIMEOUT,
    Action.NOT_CARRIED: FailureCause.TRANSPORT,
}


class Outgoing(Protocol):
    """What either kind of transaction has: what it sends again, where to, and who hears of it."""

    @property
    def key(self) -> TransactionKey: ...

    @property
    def target(self) -> Target: ...

    @property
    def data(self) -> bytes: ...

    @property
    def is_internal(self) -> bool: ...


class Core:
    """Shared state of one stack."""

    __slots__ = ("_plans", "config", "counters", "deadlines", "dialogs", "outputs", "token")

    def __init__(self, config: StackConfig, token: Callable[[], str]) -> None:
        self.config = config
        self.token = token
        self.outputs: list[Output] = []
        self.deadlines = Deadlines()
        self.dialogs: dict[DialogId, Dialog] = {}
        self.counters: Counter[str] = Counter()
        """Things worth counting since the start; `Stack.counters` lists their names."""
        self._plans: dict[tuple[str, bool], MachinePlan] = {}

    def plan(self, machine: Machine, reliable: bool) -> MachinePlan:
        """The machine under this stack's timers; made once for each kind of transport."""
        plan = self._plans.get((machine.name, reliable))
        if plan is None:
            plan = MachinePlan.of(machine, self.config.timers, reliable)
            self._plans[machine.name, reliable] = plan
        return plan

    def carry_out(self, transaction: Outgoing, actions: Iterable[Action]) -> None:
        """What a transaction's machine asks for: send again, or tell its user that it failed."""
        for action in actions:
            if action is Action.SEND:
                self.outputs.append(Send(transaction.data, transaction.target, transaction.key))
            elif not transaction.is_internal:
                self.outputs.append(TransactionFailed(transaction.key, _CAUSES[action]))

    def count(self, what: str) -> None:
        """One more of something worth knowing."""
        self.counters[what] += 1

    def keep_dialog(self, dialog: Dialog) -> None:
        """Enter a dialog, unless the store is full to its reserve; then it is only counted."""
        if len(self.dialogs) < with_reserve(self.config.limits.dialogs):
            self.dialogs[dialog.id] = dialog
        else:
            self.count("dialogs not kept")

    def end_dialog(self, dialog_id: DialogId) -> None:
        """End a dialog and take it out; nothing if it is not there."""
        dialog = self.dialogs.pop(dialog_id, None)
        if dialog is not None:
            dialog.end()

    def end_if_early(self, dialog_id: DialogId) -> None:
        """End a dialog that never saw a 2xx (RFC 3261 12.3)."""
        dialog = self.dialogs.get(dialog_id)
        if dialog is not None and dialog.state is DialogState.EARLY:
            self.end_dialog(dialog_id)
