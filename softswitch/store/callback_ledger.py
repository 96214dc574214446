"""The callback list in memory: takes one fact after the other, tells what changes in the store.

Pure. What it holds is bounded: of a number that waits for nothing only the latest are remembered,
so that a call which ends late still finds the talk that came after it.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from softswitch.store.callbacks import (
    MOST_APART,
    Attempt,
    Decision,
    Fact,
    Folded,
    Item,
    Member,
    Talk,
    compacted,
    fold,
    united,
)

# Numbers that wait for nothing: more than an office talks with while its longest call lasts.
MOST_CALM = 4_096
# Items that somebody waits in. The store has all; a flood of withheld numbers must not fill memory.
MOST_WAITING = 20_000
MOST_TALKS, MOST_DECISIONS = 8, 64


@dataclass(frozen=True, slots=True)
class Change:
    """What one fact changes: items to be kept, ids of items that became part of others, calls."""

    saved: tuple[Item, ...] = ()
    gone: tuple[str, ...] = ()
    settled: Mapping[str, tuple[Member, str | None]] = field(default_factory=dict)


@dataclass(slots=True)
class _Number:
    """What is known of one number."""

    attempts: dict[str, Attempt] = field(default_factory=dict)
    others: set[Talk | Decision] = field(default_factory=set)
    folded: Folded = field(default_factory=Folded)

    @property
    def waits(self) -> bool:
        return any(item.is_open for item in self.folded.items)

    def take(self, fact: Fact) -> None:
        if isinstance(fact, Attempt):
            known = self.attempts.get(fact.call)
            self.attempts[fact.call] = fact if known is None else united(known, fact)
        else:
            self.others.add(fact)

    def fold(self) -> Folded:
        return fold([*self.attempts.values(), *self.others])

    def forget(self) -> None:
        """Of too much keep what is open, and what may close it: the latest of each kind."""
        talks = sorted((one for one in self.others if isinstance(one, Talk)), key=_began)
        told = sorted((one for one in self.others if isinstance(one, Decision)), key=_at)
        many = (len(self.attempts) > MOST_APART, len(talks) > MOST_TALKS)
        if not any(many) and len(told) <= MOST_DECISIONS:
            return
        waiting = {item.id for item in self.folded.items if item.is_open}
        members = self.folded.members
        still = [one for one in self.attempts.values() if members[one.call][1] in waiting]
        self.attempts = {one.call: one for one in compacted(still)}
        self.others = {*talks[-MOST_TALKS:], *told[-MOST_DECISIONS:]}
        self.folded = self.fold()


class Ledger:
    """Everything that is open, by number."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, _Number] = OrderedDict()
        self._calm: OrderedDict[str, _Number] = OrderedDict()
        self._spam: dict[str, _Number] = {}

    def add(self, fact: Fact) -> Change:
        """Take a fact; one that is known already changes nothing."""
        key = fact.key
        places = (self._waiting, self._calm, self._spam)
        number = next((place.pop(key) for place in places if key in place), None) or _Number()
        before = number.folded
        number.take(fact)
        number.folded = after = number.fold()
        number.forget()
        self._keep(key, number)
        return _change(before, after)

    def _keep(self, key: str, number: _Number) -> None:
        if number.waits:
            self._waiting[key] = number
            if len(self._waiting) > MOST_WAITING:
                self._waiting.popitem(last=False)
        elif number.folded.is_spam:
            self._spam[key] = number
        else:
            self._calm[key] = number
            if len(self._calm) > MOST_CALM:
                self._calm.popitem(last=False)

    def whole(self, key: str) -> Change:
        """All that is known of a number, for a store that has lost it."""
        places = (self._waiting, self._calm, self._spam)
        number = next((place[key] for place in places if key in place), _Number())
        return _change(Folded(), number.folded)

    def forget(self, key: str) -> None:
        """Nothing is known of this number any more; what the store has is not changed by it."""
        for place in (self._waiting, self._calm, self._spam):
            place.pop(key, None)

    def items(self) -> list[Item]:
        """Those that are open."""
        return [
            item
            for number in self._waiting.values()
            for item in number.folded.items
            if item.is_open
        ]

    def known(self, identifier: str) -> list[Item]:
        """Items in memory, open or lately closed, whose id begins so."""
        places = (self._waiting, self._calm, self._spam)
        every = (
            one for place in places for number in place.values() for one in number.folded.items
        )
        return [item for item in every if item.id.startswith(identifier)]

    def dump(self) -> dict[str, int]:
        """How much is held."""
        return {"waiting": len(self._waiting), "calm": len(self._calm), "spam": len(self._spam)}


def _change(before: Folded, after: Folded) -> Change:
    old = {item.id: item for item in before.items}
    new = {item.id: item for item in after.items}
    members = before.members
    return Change(
        saved=tuple(item for item in new.values() if old.get(item.id) != item),
        gone=tuple(one for one in old if one not in new),
        settled={call: what for call, what in after.members.items() if members.get(call) != what},
    )


def _began(talk: Talk) -> tuple[object, str]:
    return talk.began, talk.call


def _at(decision: Decision) -> tuple[object, str]:
    return decision.at, decision.item
