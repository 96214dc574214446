"""The list's rows come back as they went; the sums name each call that is nowhere."""

from datetime import UTC, datetime, timedelta

from softswitch.store.callback_table import (
    find_callback,
    read_callbacks,
    read_settled,
    read_spam,
)
from softswitch.store.callbacks import Item, Member
from softswitch.store.database import Database
from softswitch.store.fold import CallRow, Result
from softswitch.store.projection import row_values
from softswitch.store.reconcile import reconcile

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def item(call: str, minutes: float = 0, **more: object) -> Item:
    at = NOW + timedelta(minutes=minutes)
    fields = {
        "id": call,
        "number": "+48600100200",
        "name": "Jan",
        "owner": "reception",
        "is_asked": False,
        "attempts": 2,
        "first": at,
        "last": at,
        "called": "+48221234567",
        "queue": "reception",
        "message": None,
        "due": at + timedelta(minutes=30),
        "escalate": at + timedelta(hours=2),
    }
    return Item(**{**fields, **more})  # type: ignore[arg-type]


async def test_items_come_back_the_oldest_due_first(database: Database) -> None:
    late, early = item("late", 10), item("early", 0, is_asked=True, number=None)
    done = item("done", 5, closed=NOW, reason="spam", closed_by="anna")
    for one in (late, early, done, late):
        database.callbacks.save(one)
    database.callbacks.save(item("gone"))
    database.callbacks.delete("gone")
    await database.flush()
    assert await read_callbacks(database) == [early, late]
    assert await read_callbacks(database, only_open=False) == [early, done, late]
    assert await read_spam(database) == [done]
    assert await find_callback(database, "la") == late
    assert await find_callback(database, "x") is None
    assert await find_callback(database, "") is None, "more than one"


def row(call: str, result: Result | None, direction: str = "in") -> CallRow:
    ended = None if result is None else NOW
    return CallRow(
        call, NOW, None, ended, direction, "+48600100200", None, "+48221234567", "operator", None,
        result, None, None, 1.0, 0.0, None, None, "caller", None, None,
    )  # fmt: skip


async def test_the_sums_name_whoever_is_nowhere(database: Database) -> None:
    for call, result, direction in (
        ("talked", Result.TALKED, "in"),
        ("open", Result.ABANDONED, "in"),
        ("done", Result.MESSAGE, "in"),
        ("spam", Result.ANNOUNCEMENT, "in"),
        ("brief", Result.ABANDONED, "in"),
        ("cut off", Result.INTERRUPTED, "in"),
        ("lost item", Result.BUSY, "in"),
        ("up", None, "in"),
        ("out", Result.NO_ANSWER, "out"),
    ):
        database.put("call.save", row_values(row(call, result, direction)))
    database.callbacks.save(item("open"))
    database.callbacks.save(item("done", closed=NOW, reason="elsewhere"))
    for call, member, of in (
        ("open", Member.ITEM, "open"),
        ("done", Member.ITEM, "done"),
        ("spam", Member.SPAM, None),
        ("brief", Member.BRIEF, None),
        ("lost item", Member.ITEM, "no such item"),
    ):
        database.callbacks.settle(call, member, of)
    await database.flush()
    found = await read_settled(database, ["open", "cut off", "spam"])
    assert found == {"open", "spam"}
    day = timedelta(days=1)
    sums = await reconcile(database, NOW - day, NOW + day)
    assert (sums.inbound, sums.talked, sums.in_open, sums.in_closed) == (7, 1, 1, 1)
    assert (sums.spam, sums.brief, sums.missing) == (1, 1, ("cut off", "lost item"))
    assert not sums.is_whole
    database.callbacks.settle("cut off", Member.ITEM, "open")
    database.callbacks.settle("lost item", Member.ITEM, "open")
    await database.flush()
    assert (await reconcile(database, NOW - day, NOW + day)).is_whole
