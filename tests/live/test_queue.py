"""Twenty clients by SIPp and three agents by baresip: the order, the music, the ways out, the sums.

Fourteen clients wait until they are served, or until the queue lets them go; six give up. A
twenty-first, scripted, hears what it is like to wait: he comes last, whenever he came.
"""

import asyncio
import json
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from softswitch.commands.calls_view import story_dict
from softswitch.settings import Settings
from softswitch.store.database import open_for_reading
from softswitch.store.history import CallFilter, History
from tests.helpers import audio
from tests.live import sipp
from tests.live.baresip import Baresip
from tests.live.office_files import AGENT, WAIT
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.ports import free_port
from tests.live.process import until

PATIENT, HASTY = 14, 6
PATIENT_NUMBER, HASTY_NUMBER, WATCHED = "+48221234568", "+48221234569", "+48221234567"
AGENTS = ("101", "102", "111")
TALK, PATIENCE, IN_TIME = 1.5, 4.0, 6.0
TOO_LONG = 3000  # the prompt of whom the queue lets go
# In SIPp's log: the moment, the method of a request, the call.
_SIPP_MESSAGE = re.compile(
    r"-{10,} (\S+ \S+)\n[^\n]*\n\n(\w+) [^\n]*\n(?:[^\n]+\n)*?Call-ID: (\S+)"
)
# The music climbs, so that one hears where it goes on.
LADDER, STEP = (500, 600, 700, 800, 900, 1100), 1.6
ANNOUNCEMENT = 0.4
GAP = 0.04

_OFFICE = """\
office: {name: Kancelaria, country: PL, language: pl, number: "+48 22 123 45 67", safe: message}
people:
  101: {name: Anna Zielińska}
  102: {name: Piotr Wójcik}
  111: {name: mec. Ewa Kowalska}
secrets: secrets.yaml
prompts: prompts
queues:
  desk: {number: 300, agents: [101, 102, 111], how: longest_idle, music: calm, longest_wait: 8s,
         wrap_up: 1s, answer_within: 6s, places: 40, announce: {every: 3s, position: false}}
callbacks: {talk: 0s}
mailboxes: {office: {greeting: leave_message, mail: [biuro@kancelaria.example]}}
trunks:
  operator: {server: "TRUNK", watch: none, numbers: ["+48 22 123 45 67"]}
  patient: {server: "PATIENT", watch: none, numbers: ["+48 22 123 45 68"]}
  hasty: {server: "HASTY", watch: none, numbers: ["+48 22 123 45 69"]}
numbers:
  "+48 22 123 45 67": low
  "+48 22 123 45 68": desk
  "+48 22 123 45 69": desk
routes:
  desk: {queue: desk, too_long: over, full: message, no_agents: message}
  low: {queue: desk, priority: low, too_long: over, full: message, no_agents: message}
  over: {play: queue_too_long, then: end}
  end: {hangup: busy}
  message: {voicemail: office}
"""


class QueueOffice(OfficeUnderTest):
    """The office of this test; SIPp comes by two trunks of its own."""

    rtp_ports = 240

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.patient_port, self.hasty_port = free_port(TRUNK_HOST), free_port(TRUNK_HOST)
        text = _OFFICE.replace("TRUNK", self.trunk_place)
        text = text.replace("PATIENT", f"{TRUNK_HOST}:{self.patient_port}")
        self.office_file.write_text(text.replace("HASTY", f"{TRUNK_HOST}:{self.hasty_port}"))
        music = audio.joined([audio.tone(frequency, STEP) for frequency in LADDER])
        prompts = self.office_file.parent / "prompts"
        audio.write_wav(prompts / "music" / "calm.wav", music)
        audio.write_wav(prompts / "queue_too_long.wav", audio.tone(TOO_LONG, 0.4))

    def queue(self) -> dict[str, Any]:
        found: list[dict[str, Any]] = json.loads(self.command("queues", "--json"))
        return found[0]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[QueueOffice]:
    with QueueOffice(tmp_path) as running:
        yield running


class Agents:
    """They answer at once, talk for a moment and hang up."""

    def __init__(self, phones: list[Baresip]) -> None:
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(one,)) for one in phones]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(20)

    def _work(self, phone: Baresip) -> None:
        while not self._is_over.is_set():
            try:
                phone.wait_established(1.0)
            except (TimeoutError, AssertionError):
                continue
            time.sleep(TALK)
            phone.hang_up()


def callers(office: QueueOffice, folder: Path, scenario: str, calls: int, **more: Any) -> sipp.Sipp:
    return sipp.Sipp(
        scenario, office.address, folder, host=TRUNK_HOST, calls=calls,
        extra=("-r", "4", "-rp", "1000"), **more,
    )  # fmt: skip


@pytest.mark.timeout(400)
def test_twenty_clients_and_three_agents(office: QueueOffice, tmp_path: Path) -> None:
    phones = [office.baresip(one, say=AGENT, account=";answermode=auto") for one in AGENTS]
    waits = sipp.outgoing_call(we_hang_up=False)
    gives_up = sipp.outgoing_call(milliseconds=round(1000 * PATIENCE))
    patient = callers(
        office, tmp_path / "patient", waits, PATIENT,
        target=PATIENT_NUMBER, port=office.patient_port, number="+48600111111",
    )  # fmt: skip
    with Agents(phones), patient:
        time.sleep(1.5)  # every agent talks, and somebody waits
        watcher = office.provider().dial(WATCHED, number="+48600333333")
        watcher.wait_answered().say(None)
        hasty = callers(
            office, tmp_path / "hasty", gives_up, HASTY,
            target=HASTY_NUMBER, port=office.hasty_port, number="+48600222222",
        )  # fmt: skip
        with hasty:
            hasty.wait()
            patient.wait()
            watcher.wait_over(40)
        until(lambda: not office.queue()["waiting"], "all have left")
    check_music(watcher.heard.samples())
    stories = asyncio.run(read_stories(office.data))
    assert len(stories) == PATIENT + HASTY + 1
    check_order(stories)
    check_sums(office, stories)
    check_service_level(office, patient.messages, stories)


async def read_stories(data: Path) -> list[dict[str, Any]]:
    """Every call with its events; by the store, because a command for each takes a minute."""
    async with open_for_reading(Settings(data=data).database_url) as shelf:
        history = History(shelf)
        rows = await history.list_calls(CallFilter())
        found = [await history.get_call(row.id) for row in rows]
    return [story_dict(one) for one in found if one is not None]


def check_music(samples: np.ndarray) -> None:
    """No gap (by the packets' own times), and after each announcement it goes on where it was."""
    samples = samples[: round(_end_of_waiting(samples) * audio.RATE)]
    told = audio.order_of(samples, (*LADDER, WAIT), 0.1)
    ladder = [one for one in told if one != WAIT]
    deduplicated = [one for n, one in enumerate(ladder) if n == 0 or one != ladder[n - 1]]
    known = len(deduplicated)
    assert deduplicated == [LADDER[n % len(LADDER)] for n in range(known)], told
    assert known >= 3 and told.count(WAIT) >= 2, told
    for frequency in deduplicated[1:-1]:
        if deduplicated.count(frequency) == 1:
            assert audio.seconds_of(samples, frequency) == pytest.approx(STEP, abs=0.15), told
    heard = samples[round((audio.onset(samples, LADDER[0]) or 0.0) * audio.RATE) :]
    quiet = audio.levels(heard) < 0.02 * np.abs(heard).max()
    worst = max((span.seconds for span in audio.spans(quiet)), default=0.0)
    assert worst <= GAP, f"{worst} s of silence"


def _end_of_waiting(samples: np.ndarray) -> float:
    """Seconds until the agent speaks, or the queue lets him go."""
    ends = [audio.spans_of(samples, frequency) for frequency in (AGENT, TOO_LONG)]
    found = [span.start for spans in ends for span in spans if span.seconds > 0.2]
    return min(found, default=len(samples) / audio.RATE) - 0.1


def times(story: dict[str, Any], kind: str) -> list[datetime]:
    return [datetime.fromisoformat(e["at"]) for e in story["events"] if e["kind"] == kind]


def left(story: dict[str, Any]) -> dict[str, Any]:
    (found,) = [e["data"] for e in story["events"] if e["kind"] == "queue.left"]
    return dict(found)


def check_order(stories: list[dict[str, Any]]) -> None:
    """Agents were rung in the order in which the clients came; the one of low priority last."""
    usual = [one for one in stories if one["called"] != WATCHED]
    rung = [one for one in usual if times(one, "ring.started")]
    came = sorted(rung, key=lambda one: times(one, "queue.entered")[0])
    first = sorted(rung, key=lambda one: times(one, "ring.started")[0])
    assert [one["id"] for one in came] == [one["id"] for one in first]
    (low,) = [one for one in stories if one["called"] == WATCHED]
    if times(low, "ring.started"):
        mine = times(low, "ring.started")[0]
        for one in usual:
            is_waiting = times(one, "queue.entered")[0] < mine < times(one, "queue.left")[0]
            assert not is_waiting or times(one, "ring.started"), "he overtakes somebody"
    talks = [e["data"]["who"] for one in stories for e in one["events"]
             if e["kind"] == "bridge.started"]  # fmt: skip
    assert set(talks) == set(AGENTS)


def check_sums(office: QueueOffice, stories: list[dict[str, Any]]) -> None:
    """The live figures are those of the log, nobody is missing, who was not served is called."""
    day, ways = office.queue()["today"], [left(one)["outcome"] for one in stories]
    for how in ("answered", "abandoned", "too_long"):
        assert day.get(how, 0) == ways.count(how), (how, day)
    assert day["offered"] == len(stories)
    assert ways.count("abandoned") >= 1 and ways.count("too_long") >= 1, ways
    items = json.loads(office.command("callbacks", "--json"))
    hasty = [one for one in stories if one["number"] == "+48600222222"]
    unserved = [one for one in hasty if left(one)["outcome"] != "answered"]
    last_talk = max((times(one, "bridge.started")[0] for one in hasty
                     if times(one, "bridge.started")), default=None)  # fmt: skip
    owed = [one for one in unserved
            if last_talk is None or times(one, "call.started")[0] > last_talk]  # fmt: skip
    told = sum(item["attempts"] for item in items if item["number"] == "+48600222222")
    assert told == len(owed), (items, owed)
    agents = office.queue()["agents"]
    assert sum(agent["answered"] for agent in agents) == day["answered"]


def check_service_level(office: QueueOffice, log: str, stories: list[dict[str, Any]]) -> None:
    """What SIPp saw: from its INVITE to the BYE is the wait, and the talk, of who was served."""
    stamps = _SIPP_MESSAGE.findall(log)
    seen: dict[str, dict[str, float]] = {}
    for stamp, word, call in stamps:
        if word in ("INVITE", "BYE"):
            at = datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S.%f").timestamp()
            seen.setdefault(call, {}).setdefault(word, at)
    whole = sorted((one["INVITE"], one["BYE"]) for one in seen.values() if len(one) == 2)
    assert len(whole) == PATIENT, "SIPp saw every call end"
    mine = [one for one in stories if one["number"] == "+48600111111"]
    both = zip(whole, sorted(mine, key=lambda one: str(one["started"])), strict=True)
    pairs = [(bye - invite, one) for (invite, bye), one in both]
    pairs = [(length, one) for length, one in pairs if left(one)["outcome"] == "answered"]
    sipps = [length - one["talk"] for length, one in pairs]
    served = [left(one)["waited"] for _, one in pairs]
    assert np.abs(np.array(sipps) - np.array(served)).max() < 1.0, (sipps, served)
    within = sum(wait <= IN_TIME for wait in sipps)
    others = [one for one in stories if one["number"] != "+48600111111"]
    answered = [left(one) for one in others if left(one)["outcome"] == "answered"]
    within += sum(one["waited"] <= IN_TIME for one in answered)
    day = office.queue()["today"]
    assert abs(day["within"] - within) <= 1, (day, sipps)
    assert day["service_level"] == pytest.approx(day["within"] / day["offered"], abs=0.001)
