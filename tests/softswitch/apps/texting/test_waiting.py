"""Texts that wait: order, bounds, expiry, and what the table is told."""

from dataclasses import replace

import pytest

from softswitch.apps.texting import waiting
from softswitch.apps.texting.waiting import LONGEST, WaitingTexts
from softswitch.store.texts import TextRecord

TEXT = TextRecord("t1", "102", "101", 0.0, 100.0, "text/plain", b"x")


class Table:
    """What the store would hold."""

    def __init__(self) -> None:
        self.rows: dict[str, TextRecord] = {}

    def load(self) -> list[TextRecord]:
        return list(self.rows.values())

    def save(self, record: TextRecord) -> None:
        self.rows[record.id] = record

    def delete(self, record: TextRecord) -> None:
        self.rows.pop(record.id, None)


def numbered(count: int, to: str = "102") -> list[TextRecord]:
    return [replace(TEXT, id=f"{to}-{number}", recipient=to) for number in range(count)]


def test_first_come_first_served_and_once() -> None:
    table = Table()
    texts = WaitingTexts(table)
    first, second = numbered(2)
    assert all(texts.keep(one, 0.0) for one in (first, second, first))
    assert [kept.text for kept in texts.of("102", 1.0)] == [first, second]
    assert list(table.rows) == [first.id, second.id]
    assert texts.remove(first)
    assert not texts.remove(first)
    assert list(table.rows) == [second.id]


def test_nothing_waits_for_ever() -> None:
    table = Table()
    texts = WaitingTexts(table)
    long = replace(TEXT, id="long", recipient="103", expires=float(LONGEST))
    assert texts.keep(TEXT, 0.0)
    assert texts.keep(long, 0.0)
    assert not texts.keep(replace(TEXT, id="late"), 100.0)
    assert texts.of("102", 100.0) == []
    assert texts.expire_all(LONGEST) == 1
    assert len(texts) == 0
    assert not table.rows


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "MOST_FOR_ONE", 3)
    monkeypatch.setattr(waiting, "MOST", 5)
    texts = WaitingTexts(Table())
    assert [texts.keep(one, 0.0) for one in numbered(4)] == [True, True, True, False]
    assert [texts.keep(one, 0.0) for one in numbered(3, "103")] == [True, True, False]
    assert len(texts) == 5
    texts.remove(numbered(1)[0])
    assert texts.keep(numbered(3, "103")[2], 0.0)


def test_a_restart_keeps_what_is_still_good() -> None:
    table = Table()
    before = WaitingTexts(table)
    good, old = replace(TEXT, id="good", expires=500.0), TEXT
    before.keep(old, 0.0)
    before.keep(good, 0.0)
    after = WaitingTexts(table)
    assert after.restore(200.0) == 1
    assert [kept.text for kept in after.of("102", 200.0)] == [good]
    assert list(table.rows) == ["good"]
