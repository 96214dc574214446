"""The callback list of a running office: fed by the event log, worked from phones and commands.

Everything that happens to it is an event (`callback.closed` on the story of the item's first call),
and comes back to it by `see` like the calls themselves, so that the log alone makes the same list.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from softswitch import metrics
from softswitch.apps.callbacks.seeing import KINDS, REQUESTED, NoItem, Seen, Sight
from softswitch.calls.exchange import Exchange
from softswitch.log import get_logger
from softswitch.mail.callback_notice import EscalationNotice, compose
from softswitch.office.callback_duty import team_of
from softswitch.office.loader import LoadedOffice
from softswitch.store.callback_ledger import Change, Ledger
from softswitch.store.callback_table import CallbackTable
from softswitch.store.callbacks import Act, Decision, Fact, Item
from softswitch.store.event import Event
from softswitch.store.fold import text
from softswitch.store.outbox import Outbox

_log = get_logger("apps.callbacks")

# Calls whose end was forgotten may not hold their places for ever.
MOST_CALLS = 20_000
# Who could not be reached is offered again after the others, until so much later.
REST = timedelta(minutes=15)
# The kinds of the list's own events.
ACTS = {f"callback.{act.value}": act for act in Act}

Observer = Callable[[str, bool], None]


class CallbackRoom:
    """See the module's docstring. `kinds`: of the events that it is to see."""

    kinds = KINDS | frozenset(ACTS)

    def __init__(
        self,
        exchange: Exchange,
        office: Callable[[], LoadedOffice],
        table: CallbackTable,
        outbox: Outbox,
    ) -> None:
        self._exchange, self._office = exchange, office
        self._table, self._outbox = table, outbox
        self._ledger = Ledger()
        self._calls: OrderedDict[str, Sight] = OrderedDict()
        self._claimed: dict[str, str] = {}  # item → who calls it now
        self._tried: dict[str, datetime] = {}
        self._lit: frozenset[str] = frozenset()
        # Told an extension and whether something is due for it, at each change.
        self.observers: list[Observer] = []

    # --- what happens ---

    def see(self, event: Event) -> None:
        """Take an event as it is appended. Never waits."""
        act = ACTS.get(event.kind)
        if act is not None:
            self.take(decision(event, act))
            return
        if event.kind == "call.started":
            self._calls[event.call] = Sight(event.call)
            if len(self._calls) > MOST_CALLS:
                self._calls.popitem(last=False)
        sight = self._calls.get(event.call)
        if sight is None:
            return
        sight.add(event)
        if event.kind == "call.ended":
            del self._calls[event.call]
        if event.kind in (REQUESTED, "call.ended"):
            self.settle(sight.seen(self._office()))

    def settle(self, seen: Seen, *, again: bool = False) -> None:
        """What a call came to. `again`: the store has lost it, whatever is known here."""
        if isinstance(seen, NoItem):
            self._table.settle(seen.call, seen.member, None)
        elif seen is not None:
            self.take(seen)
            if again:
                self._write(self._ledger.whole(seen.key))

    def take(self, fact: Fact) -> None:
        """Keep a fact, and write what it changes; twice is once."""
        change = self._ledger.add(fact)
        self._write(change)
        for item in change.saved:
            _log.info("a callback", item=item.id, attempts=item.attempts, closed=item.reason)

    def _write(self, change: Change) -> None:
        for item in change.saved:
            self._table.save(item)
            if not item.is_open:
                self._tried.pop(item.id, None)
        for gone in change.gone:
            self._table.delete(gone)
        for call, (member, settled) in change.settled.items():
            self._table.settle(call, member, settled)

    # --- who works it ---

    def items(self) -> list[Item]:
        """The open ones, the next one first."""
        return sorted(self._ledger.items(), key=self._rank)

    def next_for(self, extension: str) -> Item | None:
        """Whom this person calls now: promised ones first, then by their due time; nobody whose
        line would be busy, since he calls us."""
        office = self._office().office
        mine = (
            item
            for item in self.items()
            if item.id not in self._claimed
            and item.number is not None
            and item.number.startswith("+")
            and extension in team_of(office, item.owner)
            and not self.calls_us(item.number)
        )
        return next(mine, None)

    def waiting(self, number: str) -> Item | None:
        """The open item of this number."""
        return next((item for item in self._ledger.items() if item.number == number), None)

    def calls_us(self, number: str) -> bool:
        """Whether a client of this number is on the phone with us, be it in a queue."""
        return any(sight.caller == number for sight in self._calls.values())

    def is_claimed(self, item: Item) -> bool:
        """Somebody calls him at this moment."""
        return item.id in self._claimed

    @contextmanager
    def claimed(self, item: Item, extension: str) -> Iterator[None]:
        """Nobody else is given it meanwhile; afterwards others come before it for a while."""
        self._claimed[item.id] = extension
        try:
            yield
        finally:
            del self._claimed[item.id]
            self._tried[item.id] = self._exchange.clock()

    def _rank(self, item: Item) -> tuple[bool, bool, datetime, str]:
        tried = self._tried.get(item.id)
        rests = tried is not None and tried + REST > self._exchange.clock()
        return rests, not item.is_asked, item.due or item.first, item.id

    def find(self, identifier: str) -> Item | None:
        """The item of this id or of an id that begins so, if there is exactly one."""
        found = self._ledger.known(identifier)
        exact = [item for item in found if item.id == identifier]
        return (exact or found)[0] if len(exact or found) == 1 else None

    def decide(
        self, item: Item, act: Act, reason: str | None = None, by: str | None = None
    ) -> None:
        """Close an item for a reason, or open it again."""
        data = {"key": item.key, "reason": reason, "by": by}
        event = Event(item.id, self._exchange.clock(), f"callback.{act.value}", data)
        self._exchange.events.append(event)

    def forget(self, number: str, by: str, reason: str) -> None:
        """Nobody is to call him back whose number is not kept, and nothing here writes it again."""
        item = self.waiting(number)
        if item is not None:
            self.decide(item, Act.CLOSED, reason, by)
        self._ledger.forget(number)

    # --- time ---

    def tick(self) -> None:
        """Light the lamps of what is due, and tell of what nobody has worked."""
        now, items = self._exchange.clock(), self._ledger.items()
        due = [item for item in items if item.due is not None and item.due <= now]
        metrics.callbacks_open.set(len(items))
        metrics.callbacks_due.set(len(due))
        late = [
            item
            for item in due
            if item.escalated is None and item.escalate is not None and item.escalate <= now
        ]
        if late:
            self._escalate(sorted(late, key=self._rank), now)
        self._tried = {one: at for one, at in self._tried.items() if at + REST > now}
        office = self._office().office
        owners = {item.owner for item in due}
        self._light(frozenset(one for owner in owners for one in team_of(office, owner)))

    def _escalate(self, late: list[Item], now: datetime) -> None:
        office = self._office().office
        _log.warning("nobody has called back", items=[item.id for item in late])
        section = office.callbacks
        if section.mail:
            notice = EscalationNotice(
                items=tuple(late),
                office=office.office.name,
                language=section.language or office.office.language,
                zone=office.zone,
                names={key: person.name for key, person in office.people.items()},
                at=now,
            )
            self._outbox.add(compose(notice, section.mail, office.codes.callback))
        for item in late:
            self.decide(item, Act.ESCALATED)

    def _light(self, lit: frozenset[str]) -> None:
        changed, self._lit = lit ^ self._lit, lit
        for extension in sorted(changed):
            for observer in self.observers:
                observer(extension, extension in lit)

    def dump(self) -> dict[str, int]:
        """What calls hold; zero when none is up."""
        return {"callbacks claimed": len(self._claimed), "callbacks watched": len(self._calls)}


def decision(event: Event, act: Act) -> Decision:
    """An event of the list itself as a fact."""
    data = event.data
    key = text(data.get("key")) or ""
    return Decision(event.call, key, event.at, act, text(data.get("reason")), text(data.get("by")))
