"""What is said to a worker: in one piece a turn of the loop, in its order; to nobody nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from media import link as links
from media.commands import CloseLeg, OpenLeg, StopPlay
from media.link import WorkerLink
from media.wire import decode


class Worker:
    """The far end of a link, without a process."""

    def __init__(self) -> None:
        ours, self.socket = socket.socketpair()
        self.socket.setblocking(False)
        self.link, self._ours = WorkerLink(), ours
        self.lost = list[str]()
        self.link.on_lost = self.lost.append

    async def connect(self) -> None:
        await self.link.take(self._ours)

    def read(self) -> list[object]:
        """What has come so far."""
        try:
            return [decode(line) for line in self.socket.recv(1 << 20).splitlines()]
        except BlockingIOError:
            return []

    async def heard(self) -> list[object]:
        while not (heard := self.read()):
            await asyncio.sleep(0)
        return heard


@pytest.fixture
async def worker() -> AsyncIterator[Worker]:
    made = Worker()
    await made.connect()
    yield made
    await made.link.close()
    made.socket.close()


async def test_a_turn_of_the_loop_is_one_piece(worker: Worker) -> None:
    said = [OpenLeg(1, "127.0.0.1"), StopPlay(1), CloseLeg(1)]
    for command in said:
        worker.link.send(command)
    assert worker.read() == [], "more may come in this turn"
    assert await worker.heard() == said
    worker.link.send(CloseLeg(2))
    assert await worker.heard() == [CloseLeg(2)]


async def test_what_was_said_last_is_heard_before_the_end(worker: Worker) -> None:
    worker.link.send(CloseLeg(1))
    await worker.link.close()
    assert await worker.heard() == [CloseLeg(1)]
    worker.link.send(CloseLeg(2))
    await asyncio.sleep(0)
    assert worker.socket.recv(100) == b"", "closed, and nothing more was said"


async def test_a_worker_that_does_not_read_is_lost(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MAX_UNREAD", 100_000)
    while not worker.lost:
        worker.link.send(OpenLeg(1, "x" * 1000))
        await asyncio.sleep(0)
    assert worker.lost == ["worker does not read its commands"]
    worker.link.send(CloseLeg(1))
    await asyncio.sleep(0)
    assert len(worker.lost) == 1, "told once"
