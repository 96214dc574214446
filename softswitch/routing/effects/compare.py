"""Two versions of an office side by side: every call that goes otherwise, by its shortest way."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from softswitch.routing.effects.behaviour import Behaviour, Behaviours
from softswitch.routing.effects.classes import Span, TimeClass, time_classes
from softswitch.routing.graph import Graph
from softswitch.wording import SILENT, Said, say, way

# The same outcomes are met in each class of time.
_KNOWN_WORDS = 1024
NOT_REACHED = say("number_nowhere")
_END = say("call_ends")


class Kind(StrEnum):
    """What is otherwise."""

    END = "end"  # the caller comes to somebody or something else
    HEARD = "heard"  # he hears something else on the way
    DETAIL = "detail"  # the same, done otherwise


@dataclass(frozen=True, slots=True)
class Difference:
    """At one place of a way: `way` says what happened before, in words."""

    kind: Kind
    way: tuple[Said, ...]
    was: Said
    now: Said


@dataclass(frozen=True, slots=True)
class Change:
    """A difference with the numbers and the stretches of time in which it is met."""

    difference: Difference
    numbers: tuple[str, ...]
    spans: tuple[Span, ...]


Pair = tuple[str, str]


def changes(old: Graph, new: Graph, start: datetime) -> list[Change]:
    """Everything that goes otherwise from `start` on; ends first. Empty when nothing does."""
    where: dict[Difference, dict[str, list[int]]] = {}
    classes = time_classes(old, new, start)
    for index, time_class in enumerate(classes):
        usual = dict.fromkeys(_Comparison(old, new, time_class).differences())
        for number, difference in usual:
            where.setdefault(difference, {}).setdefault(number, []).append(index)
        for switch in dict.fromkeys((*old.office.switches, *new.office.switches)):
            by_hand = TimeClass(
                time_class.old.while_on(old.office, switch),
                time_class.new.while_on(new.office, switch),
                time_class.spans,
            )
            for number, one in _Comparison(old, new, by_hand).differences():
                if (number, one) not in usual:
                    way = (say("while_on", switch=switch), *one.way)
                    found_ = Difference(one.kind, way, one.was, one.now)
                    where.setdefault(found_, {}).setdefault(number, []).append(index)
    found = []
    for difference, numbers in where.items():
        by_time: dict[tuple[int, ...], list[str]] = {}
        for number, met in numbers.items():
            by_time.setdefault(tuple(met), []).append(number)
        for indices, same in by_time.items():
            spans = sorted(span for index in indices for span in classes[index].spans)
            same.sort(key=lambda number: not number.startswith("+"))  # public ones first
            found.append(Change(difference, tuple(same), tuple(spans)))
    kinds = list(Kind)
    return sorted(
        found, key=lambda c: (kinds.index(c.difference.kind), len(c.difference.way), c.numbers)
    )


class _Comparison:
    """One class of time."""

    def __init__(self, old: Graph, new: Graph, time_class: TimeClass) -> None:
        self._entries = (old.entries, new.entries)
        self._old = Behaviours(old, time_class.old)
        self._new = Behaviours(new, time_class.new)
        self._steps: dict[Pair, tuple[list[Difference], list[tuple[Said, Pair]]]] = {}

    def differences(self) -> Iterator[tuple[str, Difference]]:
        """Number and difference, each number's in the order of length."""
        old, new = self._entries
        affected = self._affected(
            self._pair(old[number], new[number]) for number in old.keys() & new.keys()
        )
        for number in [*old, *(n for n in new if n not in old)]:
            if number not in new:
                was = self._old.of(self._old.noticed(old[number])).text
                yield number, Difference(Kind.END, (), was, NOT_REACHED)
            elif number not in old:
                now = self._new.of(self._new.noticed(new[number])).text
                yield number, Difference(Kind.END, (), NOT_REACHED, now)
            else:
                pair = self._pair(old[number], new[number])
                if pair in affected:
                    yield from ((number, found) for found in self._walk(pair, affected))

    def _pair(self, old: str, new: str) -> Pair:
        return self._old.noticed(old), self._new.noticed(new)

    def _affected(self, starts: Iterator[Pair]) -> set[Pair]:
        """The pairs from which a difference can be reached."""
        before: dict[Pair, list[Pair]] = {}
        waiting = list(dict.fromkeys(starts))
        seen = set(waiting)
        differing = []
        while waiting:
            pair = waiting.pop()
            found, onward = self._step(pair)
            if found:
                differing.append(pair)
            for _, following in onward:
                before.setdefault(following, []).append(pair)
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)
        affected = set(differing)
        while differing:
            fresh = [p for p in before.get(differing.pop(), ()) if p not in affected]
            affected.update(fresh)
            differing.extend(fresh)
        return affected

    def _walk(self, start: Pair, affected: set[Pair]) -> Iterator[Difference]:
        waiting: deque[tuple[Pair, tuple[Said, ...]]] = deque([(start, ())])
        seen = {start}
        while waiting:
            pair, way = waiting.popleft()
            found, onward = self._step(pair)
            for one in found:
                yield Difference(one.kind, (*way, *one.way), one.was, one.now)
            for label, following in onward:
                if following in affected and following not in seen:
                    seen.add(following)
                    waiting.append((following, (*way, label) if label else way))

    def _step(self, pair: Pair) -> tuple[list[Difference], list[tuple[Said, Pair]]]:
        """What differs at a pair of nodes, and the pairs that follow with their outcomes."""
        if pair not in self._steps:
            self._steps[pair] = self._compare(pair)
        return self._steps[pair]

    def _compare(self, pair: Pair) -> tuple[list[Difference], list[tuple[Said, Pair]]]:
        a, b = self._old.of(pair[0]), self._new.of(pair[1])
        if (a.verb, a.subject) == (b.verb, b.subject):
            return [*_details(a, b), *self._outcomes(a, b)], self._onward(a, b)
        if a.is_heard and b.is_heard:
            found = Difference(Kind.HEARD, (), a.text, b.text)
            return [found], [(SILENT, self._pair(a.onward["then"], b.onward["then"]))]
        if a.is_heard:
            found = Difference(Kind.HEARD, (), a.text, say("hears_no_more"))
            return [found], [(SILENT, self._pair(a.onward["then"], pair[1]))]
        if b.is_heard:
            found = Difference(Kind.HEARD, (), say("heard_nothing"), b.text)
            return [found], [(SILENT, self._pair(pair[0], b.onward["then"]))]
        return [Difference(Kind.END, (), a.text, b.text)], []

    def _onward(self, a: Behaviour, b: Behaviour) -> list[tuple[Said, Pair]]:
        return [
            (_words(a.verb, outcome), self._pair(target, b.onward[outcome]))
            for outcome, target in a.onward.items()
            if outcome in b.onward
        ]

    def _outcomes(self, a: Behaviour, b: Behaviour) -> Iterator[Difference]:
        """Outcomes that only one side has: a key that is new or gone."""
        for outcome in [*a.onward, *(o for o in b.onward if o not in a.onward)]:
            if outcome in a.onward and outcome in b.onward:
                continue
            was = self._told(self._old, a.onward, outcome)
            now = self._told(self._new, b.onward, outcome)
            yield Difference(Kind.END, (_words(a.verb, outcome),), was, now)

    def _told(self, side: Behaviours, onward: Mapping[str, str], outcome: str) -> Said:
        if outcome in onward:
            return side.of(side.noticed(onward[outcome])).text
        return say("not_offered") if outcome not in ("empty", "failed") else _END


def _details(a: Behaviour, b: Behaviour) -> Iterator[Difference]:
    """The same thing, done otherwise."""
    old, new = dict(a.details), dict(b.details)
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    if changed:
        was, now = (
            tuple(say("detail", key=key, value=side.get(key, say("none"))) for key in changed)
            for side in (old, new)
        )
        was_so = say("detail_with", text=a.text, details=was)
        yield Difference(Kind.DETAIL, (), was_so, say("with_details", details=now))


@lru_cache(maxsize=_KNOWN_WORDS)
def _words(verb: str, outcome: str) -> Said:
    """An outcome on a way: `key 3`, `no answer`; a plain way on has no word."""
    if outcome == "then":
        return SILENT
    if verb == "menu" and len(outcome) == 1:
        return say("key_pressed", key=outcome)
    if outcome.isdigit():
        return say("dials", digits=outcome)
    return way(outcome)
