"""Another system asked over a real socket: answers, nonsense, silence, and a signature."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator

import pytest

from softswitch.apps.webhook import Webhooks


class System:
    """An HTTP server that answers what the test says."""

    def __init__(self) -> None:
        self.answer, self.status, self.delay = b'{"outcome": "vip"}', 200, 0.0
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.connections = 0
        self.tasks: list[asyncio.Task[None] | None] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.tasks.append(asyncio.current_task())
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                lines = (line.split(": ", 1) for line in head[1:] if line)
                headers = {name.lower(): value for name, value in lines}
                body = await reader.readexactly(int(headers["content-length"]))
                self.asked.append((headers, body))
                await asyncio.sleep(self.delay)
                length = f"Content-Length: {len(self.answer)}\r\n\r\n"
                writer.write(f"HTTP/1.1 {self.status} x\r\n{length}".encode() + self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()


@pytest.fixture
async def system() -> AsyncIterator[System]:
    made = System()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/route"  # type: ignore[attr-defined]
    yield made
    server.close()
    serving = [task for task in made.tasks if task is not None]
    for task in serving:
        task.cancel()
    if serving:
        await asyncio.wait(serving)


@pytest.fixture
async def webhooks(system: System) -> AsyncIterator[Webhooks]:
    made = Webhooks()
    yield made
    await made.close()


async def ask(webhooks: Webhooks, system: System, **more: object) -> str | None:
    question = {"number": "+48600100200", "name": "Żółw", "answers": ["vip"]}
    settings = {"seconds": 2.0, "secret": None, **more}
    return await webhooks.ask(system.url, question, settings["seconds"], settings["secret"])  # type: ignore


async def test_a_word_comes_back_and_the_connection_is_kept(
    webhooks: Webhooks, system: System
) -> None:
    assert await ask(webhooks, system) == "vip"
    assert await ask(webhooks, system) == "vip"
    assert json.loads(system.asked[0][1])["name"] == "Żółw"
    assert system.connections == 1


async def test_the_question_is_signed(webhooks: Webhooks, system: System) -> None:
    await ask(webhooks, system, secret="key")
    headers, body = system.asked[0]
    signed = hmac.new(b"key", body, hashlib.sha256).hexdigest()
    assert headers["x-softswitch-signature"] == signed


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, b'{"outcome": "vip"}'),
        (302, b'{"outcome": "vip"}'),
        (200, b"not json"),
        (200, b'{"outcome": 7}'),
        (200, b'["vip"]'),
        (200, b""),
        (200, b"\xff\xfe"),
        (200, b" " * 5000 + b'{"outcome": "vip"}'),
    ],
)
async def test_nonsense_is_no_answer(
    webhooks: Webhooks, system: System, status: int, answer: bytes
) -> None:
    system.status, system.answer = status, answer
    assert await ask(webhooks, system) is None
    system.status, system.answer = 200, b'{"outcome": "vip"}'
    assert await ask(webhooks, system) == "vip", "the next question has its answer"


async def test_silence_costs_its_time_and_no_more(webhooks: Webhooks, system: System) -> None:
    system.delay = 30.0
    began = time.monotonic()
    assert await ask(webhooks, system, seconds=0.2) is None
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://[::1", "http://no.such.invalid/"])
async def test_nobody_is_there(webhooks: Webhooks, url: str) -> None:
    assert await webhooks.ask(url, {}, 2.0, None) is None
