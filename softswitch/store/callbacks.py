"""Whom the office must call back: items made of facts. Pure: facts in, items out.

A fact is an attempt (a client called and talked with no human), a talk with a number, or what a
person decided. `fold` takes the facts of one number in any order, each as often as one likes, and
gives the same items: what counts is when things happened, not when they were told. So the list is
whatever the event log says it is, after a crash too.

An item is a run of attempts that nothing has closed. A talk closes the attempts that began before
it began; one that began in the middle of a talk is another matter and stays open.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

# What a person may type as the reason of closing an item; other words are kept as they are.
SPAM = "spam"
REASONS = (SPAM, "elsewhere", "wrong_number")
# How an item was closed that nobody had to close.
TALKED = "talked"
# Attempts of one open item that are kept one by one; the oldest of more are kept as a number.
MOST_APART = 64


class Member(StrEnum):
    """What became of an inbound call without a talk."""

    ITEM = "item"
    SPAM = "spam"  # its number is declared spam
    BRIEF = "brief"  # the caller left before `shortest`


class Act(StrEnum):
    """What somebody, or the clock, did to an item."""

    CLOSED = "closed"
    REOPENED = "reopened"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that owes somebody a call back; moments are aware. `number` None: withheld.

    `owner`: a word of the office, None for everybody. `is_asked`: the caller was promised it.
    `times` > 1: so many calls told as one, the last of which began at `latest`.
    """

    call: str
    number: str | None
    began: datetime
    latest: datetime
    name: str | None = None
    owner: str | None = None
    called: str | None = None
    queue: str | None = None
    message: str | None = None
    is_asked: bool = False
    due: datetime | None = None
    escalate: datetime | None = None
    times: int = 1

    @property
    def key(self) -> str:
        """Under which attempts become one item: the number; who withholds his stands alone."""
        return self.number or anonymous(self.call)


@dataclass(frozen=True, slots=True)
class Talk:
    """A human of the office talked with this number."""

    call: str
    number: str
    began: datetime
    who: str | None

    @property
    def key(self) -> str:
        """As of an attempt."""
        return self.number


@dataclass(frozen=True, slots=True)
class Decision:
    """`item`: any call of the item that is meant."""

    item: str
    key: str
    at: datetime
    act: Act
    reason: str | None = None
    by: str | None = None


Fact = Attempt | Talk | Decision


@dataclass(frozen=True, slots=True)
class Item:
    """One client to be called back, or who has been. `id`: the first call of his."""

    id: str
    number: str | None
    name: str | None
    owner: str | None
    is_asked: bool
    attempts: int
    first: datetime
    last: datetime
    called: str | None  # the last time; so are the next two
    queue: str | None
    message: str | None
    due: datetime | None
    escalate: datetime | None
    escalated: datetime | None = None
    closed: datetime | None = None
    reason: str | None = None
    closed_by: str | None = None  # an extension, or who typed the reason
    closing_call: str | None = None

    @property
    def key(self) -> str:
        """As of an attempt."""
        return self.number or anonymous(self.id)

    @property
    def is_open(self) -> bool:
        """Whether somebody has to call."""
        return self.closed is None


@dataclass(frozen=True, slots=True)
class Folded:
    """Items of one number in the order of time; what became of each call; is it spam now."""

    items: tuple[Item, ...] = ()
    members: Mapping[str, tuple[Member, str | None]] = field(default_factory=dict)
    is_spam: bool = False


def anonymous(call: str) -> str:
    """The key of a call with a withheld number."""
    return f"call {call}"


def fold(facts: Iterable[Fact]) -> Folded:
    """The items of one number (of one withheld call)."""
    run = _Runs()
    for fact in sorted(_merged(facts), key=_order):
        if isinstance(fact, Attempt):
            run.attempt(fact)
        elif isinstance(fact, Talk):
            run.talk(fact)
        else:
            run.decision(fact)
    return run.folded()


def _merged(facts: Iterable[Fact]) -> list[Fact]:
    """One attempt a call: the promise of a call back is told before the end of the call."""
    apart: dict[str, Attempt] = {}
    others: list[Fact] = []
    for fact in set(facts):
        if not isinstance(fact, Attempt):
            others.append(fact)
            continue
        apart[fact.call] = united(apart[fact.call], fact) if fact.call in apart else fact
    return [*apart.values(), *others]


def united(one: Attempt, other: Attempt) -> Attempt:
    """Two tales of one call, in whichever order they came."""
    first, second = sorted((one, other), key=lambda told: (told.is_asked, repr(told)))
    return replace(
        first,
        number=second.number or first.number,
        name=second.name or first.name,
        owner=second.owner or first.owner,
        called=second.called or first.called,
        queue=second.queue or first.queue,
        message=second.message or first.message,
        is_asked=second.is_asked,
        due=_earliest(first.due, second.due),
        escalate=_earliest(first.escalate, second.escalate),
        latest=max(first.latest, second.latest),
        times=max(first.times, second.times),
    )


def _order(fact: Fact) -> tuple[datetime, int, str]:
    """An attempt told for many stands where its last one stood: a talk between them closes none."""
    if isinstance(fact, Attempt):
        return fact.latest, 0, fact.call
    if isinstance(fact, Talk):
        return fact.began, 1, fact.call
    return fact.at, 2, f"{fact.item} {fact.act} {fact.reason} {fact.by}"


class _Runs:
    """Walks the facts in their order."""

    def __init__(self) -> None:
        self._done: list[tuple[Item, frozenset[str]]] = []
        self._open: list[Attempt] = []
        self._escalated: datetime | None = None
        self._members: dict[str, tuple[Member, str | None]] = {}
        self._is_spam = False

    def attempt(self, one: Attempt) -> None:
        if self._is_spam and not one.is_asked:
            self._members[one.call] = (Member.SPAM, None)
        else:
            self._open.append(one)

    def talk(self, one: Talk) -> None:
        self._close(one.began, TALKED, one.who, one.call)

    def decision(self, one: Decision) -> None:
        calls = {attempt.call for attempt in self._open}
        if one.act is Act.REOPENED:
            self._reopen(one.item)
        elif one.item not in calls:
            return  # of an item that something else had closed before
        elif one.act is Act.ESCALATED:
            self._escalated = one.at
        else:
            self._is_spam |= one.reason == SPAM
            self._close(one.at, one.reason, one.by, None)

    def folded(self) -> Folded:
        items = [*self._done, *([self._item()] if self._open else [])]
        for item, calls in items:
            self._members.update(dict.fromkeys(calls, (Member.ITEM, item.id)))
        return Folded(tuple(item for item, _ in items), self._members, self._is_spam)

    def _close(self, at: datetime, reason: str | None, by: str | None, call: str | None) -> None:
        if not self._open:
            return
        item, calls = self._item()
        closed = replace(item, closed=at, reason=reason, closed_by=by, closing_call=call)
        self._done.append((closed, calls))
        self._open, self._escalated = [], None

    def _reopen(self, call: str) -> None:
        """Somebody took his closing back; a talk that was had cannot be taken back."""
        self._is_spam = False
        for place, (item, calls) in enumerate(self._done):
            if call in calls and item.closing_call is None:
                del self._done[place]
                self._open = [_told(item), *self._open]
                return

    def _item(self) -> tuple[Item, frozenset[str]]:
        return item_of(self._open, self._escalated), frozenset(one.call for one in self._open)


def item_of(attempts: list[Attempt], escalated: datetime | None = None) -> Item:
    """The item of a run of attempts, at least one."""
    run = sorted(attempts, key=lambda one: (one.began, one.call))
    newest = sorted(attempts, key=lambda one: (one.latest, one.call))[::-1]
    return Item(
        id=run[0].call,
        number=run[0].number,
        name=next((one.name for one in newest if one.name), None),
        owner=next((one.owner for one in newest if one.owner), None),
        is_asked=any(one.is_asked for one in run),
        attempts=sum(one.times for one in run),
        first=run[0].began,
        last=newest[0].latest,
        called=next((one.called for one in newest if one.called), None),
        queue=next((one.queue for one in newest if one.queue), None),
        message=next((one.message for one in newest if one.message), None),
        due=_earliest(*(one.due for one in run)),
        escalate=_earliest(*(one.escalate for one in run)),
        escalated=escalated,
    )


def _told(item: Item) -> Attempt:
    """An item as one attempt: what of it is kept in the store."""
    return Attempt(
        call=item.id,
        number=item.number,
        began=item.first,
        latest=item.last,
        name=item.name,
        owner=item.owner,
        called=item.called,
        queue=item.queue,
        message=item.message,
        is_asked=item.is_asked,
        due=item.due,
        escalate=item.escalate,
        times=item.attempts,
    )


def facts_of(item: Item) -> list[Fact]:
    """An item of the store as facts: an open one, or one that somebody closed."""
    facts: list[Fact] = [_told(item)]
    if item.closed is not None:
        by = (item.reason, item.closed_by)
        facts.append(Decision(item.id, item.key, item.closed, Act.CLOSED, *by))
    if item.escalated is not None:
        facts.append(Decision(item.id, item.key, item.escalated, Act.ESCALATED))
    return facts


def compacted(attempts: list[Attempt]) -> list[Attempt]:
    """Of too many attempts of one open item, the oldest as one: a machine may call for ever."""
    if len(attempts) <= MOST_APART:
        return attempts
    run = sorted(attempts, key=lambda one: (one.began, one.call))
    old, rest = run[: -MOST_APART // 2], run[-MOST_APART // 2 :]
    return [_told(item_of(old)), *rest]


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((one for one in moments if one is not None), default=None)
