"""The callback list is made of facts: in any order, as often as one likes, always the same."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from softswitch.store.callback_ledger import MOST_CALM, Ledger
from softswitch.store.callbacks import (
    MOST_APART,
    SPAM,
    TALKED,
    Act,
    Attempt,
    Decision,
    Fact,
    Folded,
    Item,
    Member,
    Talk,
    facts_of,
    fold,
)

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CLIENT = "+48600100200"


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def missed(call: str, minutes: float, number: str | None = CLIENT, **more: object) -> Attempt:
    attempt = Attempt(call, number, at(minutes), at(minutes), due=at(minutes + 30))
    return replace(attempt, **more)  # type: ignore[arg-type]


def talk(call: str, minutes: float) -> Talk:
    return Talk(call, CLIENT, at(minutes), "101")


def decided(item: str, minutes: float, act: Act = Act.CLOSED, reason: str | None = "x") -> Decision:
    return Decision(item, CLIENT, at(minutes), act, reason, "anna")


def only(folded: Folded) -> Item:
    assert len(folded.items) == 1, folded.items
    return folded.items[0]


def test_attempts_of_one_number_merge() -> None:
    facts = [
        missed("a", 0, name="Jan", owner="reception"),
        missed("b", 5, called="+48221234567"),
        missed("c", 9, message="c", owner="101"),
    ]
    item = only(fold(facts))
    assert (item.id, item.attempts, item.first, item.last) == ("a", 3, at(0), at(9))
    assert (item.name, item.owner, item.called, item.message) == ("Jan", "101", "+48221234567", "c")
    assert item.due == at(30), "the first attempt's time"
    assert item.is_open


def test_a_promise_and_the_end_of_the_same_call_are_one_attempt() -> None:
    promise = missed("a", 0, owner="payroll", is_asked=True, due=at(1))
    end = missed("a", 0, owner="reception", queue="reception", message="a")
    for order in ([promise, end], [end, promise], [promise, end, end, promise]):
        item = only(fold(order))
        assert (item.attempts, item.is_asked, item.owner, item.due) == (1, True, "payroll", at(1))
        assert (item.queue, item.message) == ("reception", "a")


@pytest.mark.parametrize("minutes", [5.5, 60])
def test_a_talk_closes_what_began_before_it(minutes: float) -> None:
    item = only(fold([missed("a", 0), missed("b", 5), talk("t", minutes)]))
    assert (item.reason, item.closed, item.closed_by) == (TALKED, at(minutes), "101")
    assert item.closing_call == "t"


def test_a_call_in_the_middle_of_a_talk_is_another_matter() -> None:
    assert only(fold([talk("t", 0), missed("a", 10)])).is_open


def test_after_a_talk_a_new_item_begins() -> None:
    done, waiting = fold([missed("a", 0), talk("t", 1), missed("b", 2)]).items
    assert (done.id, done.is_open, waiting.id, waiting.is_open) == ("a", False, "b", True)


def test_a_reason_closes_the_item_that_was_meant() -> None:
    item = only(fold([missed("a", 0), missed("b", 1), decided("b", 2, reason="elsewhere")]))
    assert (item.reason, item.closed_by, item.closing_call) == ("elsewhere", "anna", None)
    # Decided of an item that a talk had closed: the next one stays open.
    late = [missed("a", 0), talk("t", 1), missed("b", 2), decided("a", 3, reason="elsewhere")]
    assert fold(late).items[-1].is_open


def test_a_spam_number_makes_no_items_until_the_closing_is_taken_back() -> None:
    facts: list[Fact] = [missed("a", 0), decided("a", 1, reason=SPAM), missed("b", 2)]
    found = fold(facts)
    assert (only(found).reason, found.members["b"], found.is_spam) == (
        SPAM,
        (Member.SPAM, None),
        True,
    )
    again = fold([*facts, decided("a", 3, Act.REOPENED, None), missed("c", 4)])
    assert only(again).is_open and not again.is_spam
    assert only(again).attempts == 2


def test_what_was_promised_is_an_item_whatever_the_number_is_called() -> None:
    facts = [missed("a", 0), decided("a", 1, reason=SPAM), missed("b", 2, is_asked=True)]
    assert fold(facts).items[-1].is_open


def test_escalation_is_of_the_open_item_only() -> None:
    facts = [missed("a", 0), decided("a", 1, Act.ESCALATED, None), talk("t", 2), missed("b", 3)]
    done, waiting = fold(facts).items
    assert (done.escalated, waiting.escalated) == (at(1), None)


def random_facts(dice: random.Random) -> list[Fact]:
    facts: list[Fact] = []
    for n in range(dice.randrange(1, 12)):
        minutes, call = dice.randrange(0, 30), f"c{n}"
        kind = dice.choice("aaatdse")
        if kind == "a":
            facts.append(missed(call, minutes, is_asked=dice.random() < 0.1))
        elif kind == "t":
            facts.append(talk(call, minutes))
        else:
            act = {"d": Act.CLOSED, "s": Act.CLOSED, "e": Act.ESCALATED}[kind]
            reason = {"d": "elsewhere", "s": SPAM, "e": None}[kind]
            facts.append(decided(f"c{dice.randrange(12)}", minutes, act, reason))
    return facts


@pytest.mark.parametrize("seed", range(200))
def test_any_order_and_any_repeat_give_the_same_list(seed: int) -> None:
    dice = random.Random(seed)
    facts = random_facts(dice)
    told = fold(sorted(facts, key=repr))
    shuffled = dice.sample(facts, len(facts)) + dice.sample(facts, len(facts) // 2)
    assert fold(shuffled) == told
    # The ledger takes them one by one, and what it wrote to the store is the same.
    ledger, rows, calls = Ledger(), dict[str, Item](), dict[str, object]()
    for fact in shuffled:
        change = ledger.add(fact)
        rows.update((item.id, item) for item in change.saved)
        for gone in change.gone:
            del rows[gone]
        calls.update(change.settled)
    assert rows == {item.id: item for item in told.items}
    assert calls == told.members
    assert ledger.items() == [item for item in told.items if item.is_open]
    # Each missed call is somewhere: that is the promise.
    assert {one.call for one in facts if isinstance(one, Attempt)} == set(calls)


@pytest.mark.parametrize("seed", range(50))
def test_from_its_rows_the_list_goes_on_as_before(seed: int) -> None:
    dice = random.Random(seed)
    facts = sorted(
        random_facts(dice), key=lambda one: one.at if isinstance(one, Decision) else one.began
    )
    half = len(facts) // 2
    before = fold(facts[:half])
    # What is decided after a restart is said of an item, by its id.
    ids = {item.id for item in before.items} | {f"c{n}" for n in range(12)} - set(before.members)
    facts[half:] = [one for one in facts[half:] if not isinstance(one, Decision) or one.item in ids]
    reborn = Ledger()
    for item in before.items:
        if item.is_open or item.reason == SPAM:
            for fact in facts_of(item):
                reborn.add(fact)
    for fact in facts[half:]:
        reborn.add(fact)
    whole = {item.id: item for item in fold(facts).items if item.is_open}
    for item in reborn.items():
        assert item == whole.pop(item.id)
    assert not whole


def test_withheld_numbers_stand_apart() -> None:
    ledger = Ledger()
    for call in "abc":
        ledger.add(missed(call, 0, None))
    assert [item.id for item in ledger.items()] == ["a", "b", "c"]


def test_a_machine_that_calls_for_ever_is_one_item_of_bounded_memory() -> None:
    ledger = Ledger()
    for n in range(3000):
        ledger.add(missed(f"c{n:04}", n))
        assert not ledger.add(missed(f"c{n:04}", n)).saved, "twice is once"
    (item,) = ledger.items()
    assert (item.id, item.attempts, item.last) == ("c0000", 3000, at(2999))
    (number,) = ledger._waiting.values()
    assert len(number.attempts) <= MOST_APART
    change = ledger.add(talk("t", 3000))
    assert [one.is_open for one in change.saved] == [False]
    for n in range(100):
        ledger.add(talk(f"u{n}", 4000 + n))
        ledger.add(missed(f"d{n}", 4000.5 + n))
    assert [one.id for one in ledger.items()] == ["d99"]


def test_numbers_without_items_are_forgotten_in_time() -> None:
    ledger = Ledger()
    for n in range(MOST_CALM + 500):
        ledger.add(Talk(f"t{n}", f"+4860000{n}", at(n), None))
    assert ledger.dump()["calm"] == MOST_CALM
