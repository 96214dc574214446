"""The simulator tells the truth: its trace is the trace of a real call in the same world.

Random offices that pass the check, random situations; each call is simulated, and made over
loopback with phones that behave as the situation says. `make fuzz` does two hundred pairs.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings

from media.api import MediaSettings
from softswitch import server, wiring
from softswitch.apps import caller, conference_room, voicemail
from softswitch.apps.queue import hall
from softswitch.office.findings import Severity
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.routing.check import check
from softswitch.routing.simulate import Situation, simulate
from softswitch.sip.configuration import StackConfig
from tests.helpers.office_in_process import FastTimers, quicken
from tests.helpers.random_offices import Mood, Pair, make_pairs
from tests.helpers.rehearsal import RandomOffice, Rehearsal, Trace

# So many calls at once are served by one server without a caller waiting for the machine.
BATCH = 30
# Pairs: each day, and when many examples are asked for.
FEW, MANY = 30, 210
PATIENT = FastTimers(t1=0.2, t2=1.0, t4=0.5)
# The usual greetings of mailboxes; the switch does not note them as prompts of the route.
GREETINGS = ("leave_message", "mailbox_greeting")


@pytest.fixture
def short_waits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        quicken(patch)
        # Thirty callers with thrice as many phones in one process: a stall is no dead phone.
        patch.setattr(wiring, "StackConfig", partial(StackConfig, timers=PATIENT))
        media = partial(MediaSettings, silent_seconds=60.0, drain_seconds=0.2)
        patch.setattr(server, "MediaSettings", media)
        # Busy agents of a full queue are not rung ten times a second, all the time.
        patch.setattr(hall, "REST", 1.0)
        patch.setattr(caller, "BUSY_TONE_SECONDS", 0.2)
        patch.setattr(voicemail, "SILENCE", 10.0)  # he begins late on a busy machine
        patch.setattr(conference_room, "AFTERWARDS", 0.2)
        yield


def pairs_wanted() -> int:
    return MANY if settings().max_examples > 1000 else FEW


def simulated(office: LoadedOffice, pair: Pair, at: datetime) -> Trace:
    situation = Situation(
        at=at,
        number=pair.caller,
        keys=pair.keys,
        away=pair.who(Mood.AWAY),
        busy=pair.who(Mood.BUSY),
        silent=pair.who(Mood.SILENT),
        full=frozenset({pair.full} - {None}),
        answer=pair.answer,
        leaves_message=pair.leaves_message,
    )
    story = simulate(office.graph, pair.number, situation)
    assert story.result is not None
    heard = tuple(prompt for prompt in story.heard if prompt not in GREETINGS)
    return Trace(story.result.steps, story.result.end.value, heard)


@asynccontextmanager
async def other_system(pairs: list[Pair]) -> AsyncIterator[str]:
    """Answers each pair's webhook as the pair says."""
    answers = {pair.number: pair.answer for pair in pairs}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        except asyncio.IncompleteReadError:  # he has hung up, and asks nothing
            writer.close()
            return
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        question = json.loads(await reader.readexactly(length))
        body = json.dumps({"outcome": answers[question["called"]]}).encode()
        lines = f"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(lines.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def differences(folder: Path, seed: int, first: int) -> list[str]:
    """Play one batch; what went otherwise than simulated."""
    chance = random.Random(seed)
    pairs = make_pairs(chance, first, BATCH)
    async with other_system(pairs) as address:
        return await compared(RandomOffice(folder, chance, pairs, address))


async def compared(office: RandomOffice) -> list[str]:
    """One office of pairs, simulated and played."""
    loaded = load_office(office.file)
    refused = [str(f) for f in check(loaded) if f.severity is Severity.ERROR]
    assert not refused, "\n".join(refused)
    at = datetime.now().astimezone()
    async with office, AsyncExitStack() as stack:
        traces = await Rehearsal(office, stack).run()
    found = []
    for pair, real in zip(office.pairs, traces, strict=True):
        expected = simulated(loaded, pair, at)
        if real != expected:
            found.append(f"simulated {expected}\nreal      {real}\n{pair}\n")
    return found


@pytest.mark.timeout(600)
async def test_property_a_simulated_trace_is_the_real_one(
    tmp_path: Path, short_waits: None
) -> None:
    found = []
    for first in range(0, pairs_wanted(), BATCH):
        found += await differences(tmp_path / f"from{first}", 20_261_123 + first, first)
    assert not found, f"{len(found)} differ\n" + "\n".join(found)
