"""Mailboxes count when something changed, and live through a store that is away."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from softswitch.presence import mailboxes
from softswitch.presence.mailboxes import Mailboxes
from softswitch.presence.things import Kind, Summary, Thing
from softswitch.store.messages import MailboxCount
from softswitch.store.ports import StoreError


class Store:
    def __init__(self) -> None:
        self.boxes: dict[str, MailboxCount] = {}
        self.is_away = False
        self.asked = 0

    async def counts(self) -> Mapping[str, MailboxCount]:
        self.asked += 1
        if self.is_away:
            raise StoreError("away")
        return dict(self.boxes)


async def until(check: Callable[[], object]) -> None:
    for _ in range(400):
        if check():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


async def test_counts_follow_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "AGAIN", 0.01)
    store, changed = Store(), list[Thing]()
    boxes = Mailboxes(store, changed.append)
    running = asyncio.create_task(boxes.run())
    assert boxes.summary("team") == Summary(0, 0)
    store.boxes = {"team": MailboxCount(1, 0), "102": MailboxCount(0, 0)}
    for _ in range(5):
        boxes.changed()
    await until(lambda: changed)
    assert changed == [Thing(Kind.MAILBOX, "team")]
    assert store.asked == 1
    store.is_away, store.boxes = True, {}
    boxes.changed()
    await until(lambda: store.asked > 3)
    assert boxes.summary("team") == Summary(1, 0)
    store.is_away = False
    await until(lambda: len(changed) == 2)
    assert boxes.summary("team") == Summary(0, 0)
    running.cancel()
    await asyncio.wait([running])
