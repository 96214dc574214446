"""Another system asked over a real socket: answers, nonsense, silence, and a signature."""

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator

import pytest

from softswitch.apps.webhook import Webhooks
from tests.helpers.http_system import System, http_system


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with http_system() as made:
        yield made


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
