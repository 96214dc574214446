"""Calls through the real server, in a world that behaves as a `Pair` says.

Phones of everybody who is there are registered; the caller presses a key where one is asked for,
speaks after the tone, and somebody hangs up after a short talk. What the switch did is read from
its event log: the steps of the route, its end, the prompts that were played.
"""

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import soundfile

from softswitch.office.secrets import write_secret
from softswitch.routing.runner import Step
from softswitch.routing.verbs.callback import OFFER
from softswitch.store.event import Event
from tests.helpers import audio
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_in_process import HOST, PASSWORD, OfficeInProcess
from tests.helpers.random_offices import PROMPTS, SYSTEM, Mood, Pair, clients_text, office_text

PROMPT_SECONDS = 0.1
# A talk, and what somebody says after the tone: more than the shortest message that is kept.
TALK, SPEECH = 0.15, 1.6
# A key in a queue is pressed when the caller has heard that he waits.
SETTLE = 0.3
PATIENCE = 60.0
# Callers do not come in the same instant.
APART = 0.1
ECHO = "600"
FINISH = "#"


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened to a caller: the nodes with their outcomes, the end, the prompts heard."""

    steps: tuple[Step, ...]
    end: str | None
    heard: tuple[str, ...]

    def __str__(self) -> str:
        way = " → ".join(f"{s.node} {s.verb} ({s.outcome})" for s in self.steps)
        return f"{way} → {self.end}; heard {', '.join(self.heard)}"


class RandomOffice(OfficeInProcess):
    """The real server with an office of these pairs."""

    def __init__(
        self, folder: Path, chance: random.Random, pairs: list[Pair], system: str = SYSTEM
    ) -> None:
        self.pairs, self._chance, self._system = pairs, chance, system
        super().__init__(folder, rtp_ports=100 + 14 * len(pairs))

    @property
    def file(self) -> Path:
        return self.folder / "office.yaml"

    def _write(self) -> None:
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "prompts" / "music").mkdir(parents=True)
        trunk = f"{HOST}:{self.trunk_port}"
        text = office_text(self._chance, self.pairs, trunk, datetime.now())
        self.file.write_text(text.replace(SYSTEM, self._system))
        (self.folder / "clients.csv").write_text(clients_text(self.pairs))
        for extension in (one for pair in self.pairs for one in pair.moods):
            password = PASSWORD.format(extension)
            write_secret(self.folder / "secrets.yaml", extension, "softswitch", password)
        sound = audio.tone(440, PROMPT_SECONDS)
        for name in (*PROMPTS, "music/calm"):
            soundfile.write(self.folder / "prompts" / f"{name}.wav", sound, 8000)


class Rehearsal:
    """Plays the pairs of one office, all at once."""

    def __init__(self, office: RandomOffice, stack: AsyncExitStack) -> None:
        self.office, self._stack = office, stack
        self.phones: dict[str, Phone] = {}
        self.talking: dict[str, Call] = {}
        self.waiting: dict[str, Call] = {}  # in a conference
        self._busy_talks: list[Call] = []
        self._pressing: set[asyncio.Task[None]] = set()
        self.provider: Phone
        self._queues = {pair.number: asyncio.Queue[Event]() for pair in office.pairs}
        self._numbers: dict[str, str] = {}  # of calls
        self._loop = asyncio.get_running_loop()

    async def run(self) -> list[Trace]:
        """The traces, in the order of the pairs."""
        provider = Phone("+48600100200", self.office.address, port=self.office.trunk_port)
        self.provider = await self._stack.enter_async_context(provider)
        provider.rings = self._rung_outside
        events = self.office.server.desk.exchange.events
        self.office.ask(lambda _: events.subscribe(self._happened))
        for pair in self.office.pairs:
            await self._bring_phones(pair)
        chosen = [pair for pair in self.office.pairs if pair.full is not None]
        fillers = [await self._fill(pair) for pair in chosen]
        for pair in self.office.pairs:
            if pair.meets is not None:
                self.waiting[pair.meets] = await self._wait_in_the_room(pair)
        traces = await asyncio.gather(*(self._play(pair) for pair in self.office.pairs))
        for call in (*fillers, *self._busy_talks, *self.waiting.values()):
            call.bye()
        await self.office.calm()
        for phone in (*self.phones.values(), provider):
            phone.rings = None
        return traces

    # --- the people ---

    async def _bring_phones(self, pair: Pair) -> None:
        for extension, mood in pair.moods.items():
            if mood is Mood.AWAY:
                continue
            phone = Phone(extension, self.office.address, PASSWORD.format(extension))
            self.phones[extension] = await self._stack.enter_async_context(phone)
            await phone.register()
            phone.rings = lambda call, one=extension, mood=mood: self._rung(one, mood, call)
            if mood is Mood.BUSY and (pair.index + int(extension)) % 2:
                self._busy_talks.append(await (await phone.dial(ECHO)).answered())

    def _rung(self, extension: str, mood: Mood, call: Call) -> None:
        if mood is Mood.BUSY:
            call.answer(486)
            return
        call.ring()
        if mood is Mood.ANSWERS:
            self.talking[extension] = call
            call.answer()

    def _rung_outside(self, call: Call) -> None:
        """A forward: somebody answers there, and presses the key when he is asked."""
        self.talking[number_of(call)] = call
        call.answer()
        task = asyncio.create_task(self._accept(call))
        self._pressing.add(task)
        task.add_done_callback(self._pressing.discard)

    async def _accept(self, call: Call) -> None:
        await asyncio.sleep(SETTLE)
        await press(call, "1")

    async def _wait_in_the_room(self, pair: Pair) -> Call:
        """Somebody is in the conference already."""
        call = await (await self.provider.dial(pair.meeting)).answered()
        room = pair.meets or ""
        await self.office.until(
            lambda: self.office.ask(lambda server: room in server.desk.conferences), "he is there"
        )
        return call

    async def _fill(self, pair: Pair) -> Call:
        """Somebody else has the only place of the queue."""
        call = await (await self.provider.dial(pair.filler)).answered()
        room = pair.full or ""
        await self.office.until(
            lambda: self.office.ask(lambda server: len(server.desk.queues.guests(room))),
            "the queue is full",
        )
        return call

    # --- the caller ---

    def _happened(self, event: Event) -> None:
        """In the server's thread: hand the event to the caller whom it is about."""
        if event.kind == "call.started":
            self._numbers[event.call] = event.data["called"]
        queue = self._queues.get(self._numbers.get(event.call, ""))
        if queue is not None:
            self._loop.call_soon_threadsafe(queue.put_nowait, event)

    async def _play(self, pair: Pair) -> Trace:
        await asyncio.sleep(APART * (pair.index % len(self.office.pairs)))
        from_ = ("From", f"<sip:{pair.caller}@{self.provider.domain}>;tag=t{pair.index}")
        caller = _Caller(self, pair, await self.provider.dial(pair.number, None, from_))
        return await caller.live(self._queues[pair.number])


class _Caller:
    """One caller, from his INVITE to the end."""

    def __init__(self, rehearsal: Rehearsal, pair: Pair, call: Call) -> None:
        self._rehearsal, self._pair, self._call = rehearsal, pair, call
        self._keys = list(pair.keys)
        self._acts: list[asyncio.Task[None]] = []
        self._answered = asyncio.create_task(self._wait_for_answer())
        self._node: Mapping[str, Any] = {}
        self._heard_or_left = 0  # rises with every prompt, and when a node is left
        self._steps: list[Step] = []
        self._heard: list[str] = []
        self._end: str | None = None

    async def live(self, events: "asyncio.Queue[Event]") -> Trace:
        kind = ""
        try:
            async with asyncio.timeout(PATIENCE):
                while kind != "call.ended":
                    event = await events.get()
                    kind = event.kind
                    self._see(event)
                await asyncio.gather(self._answered, *self._acts)
        except (TimeoutError, AssertionError) as error:
            raise AssertionError(f"{error}: after {self._trace}\n{self._pair}") from error
        finally:
            for task in (*self._acts, self._answered):
                task.cancel()
        return self._trace

    @property
    def _trace(self) -> Trace:
        return Trace(tuple(self._steps), self._end, tuple(self._heard))

    async def _wait_for_answer(self) -> None:
        call = self._call
        final = await call.phone.expect(branch=call.invite.branch, final=True, within=PATIENCE)
        call.final = final
        if final.status == 200:
            call.ack()
        else:
            call.phone.acknowledge(call.invite, final)

    def _see(self, event: Event) -> None:
        data = event.data
        match event.kind:
            case "route.entered":
                routes = self._pair.sections["routes"]
                self._node = routes.get(data["node"], {})
                if data["verb"] == "voicemail":
                    self._do(self._leave_message(event.call))
            case "prompt.played":
                self._heard_or_left += 1
                self._heard.append(data["prompt"])
                if data["prompt"] in (self._node.get("menu"), OFFER):
                    self._press_next()
                elif data["prompt"] in (self._node.get("collect"), self._node.get("dial_by_name")):
                    self._do(self._enter())
            case "conference.entered":
                self._do(self._leave_the_room(data["conference"]))
            case "queue.entered":
                self._wait_in_queue()
            case "bridge.started":
                self._do(self._hang_up(data["who"]))
            case "route.left":
                self._heard_or_left += 1
                self._steps.append(Step(data["node"], data["verb"], data["outcome"]))
            case "route.ended":
                self._end = data["end"]

    def _do(self, act: Any) -> None:
        self._acts.append(asyncio.create_task(act))

    def _press_next(self) -> None:
        key = self._keys.pop(0) if self._keys else "-"
        if key != "-":
            self._do(self._press(key))

    async def _enter(self) -> None:
        """Digit after digit, until he pauses or the switch has enough."""
        begun = self._heard_or_left
        while self._heard_or_left == begun and self._keys and self._keys[0] != "-":
            await self._press(self._keys.pop(0))
            await asyncio.sleep(SETTLE)
        if self._heard_or_left == begun and self._keys:
            self._keys.pop(0)

    async def _leave_the_room(self, room: str) -> None:
        """Whoever waited there says good-bye."""
        await asyncio.sleep(TALK)
        self._rehearsal.waiting.pop(room).bye()

    def _wait_in_queue(self) -> None:
        """Somebody who will be served waits; another presses the key, if he has it in mind."""
        is_next = bool(self._keys) and f"key_{self._keys[0]}" in self._node
        if is_next and not self._pair.is_served:
            self._do(self._press(self._keys.pop(0), SETTLE))

    async def _press(self, key: str, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        await self._answered
        await press(self._call, key)

    async def _leave_message(self, call: str) -> None:
        """After the tone: some words and `#`; or nothing until the switch has enough of it."""
        if not self._pair.leaves_message:
            return
        messages = self._rehearsal.office.folder / "data" / "messages"
        while not any(messages.glob(f"*/{call}.wav")):
            await asyncio.sleep(0.02)
        await self._answered
        await self._speak(SPEECH)
        await self._press(FINISH)

    async def _speak(self, seconds: float) -> None:
        """A tone, packet for packet."""
        phone, remote = self._call.phone, self._call.remote
        assert remote is not None
        sound = audio.encode(audio.tone(440, seconds), "PCMA")
        began = asyncio.get_running_loop().time()
        for number in range(len(sound) // 160):
            packet = audio_packet(number, sound[160 * number : 160 * number + 160])
            phone._sound.sendto(packet, (remote.host, remote.port))
            left = began + (number + 1) * 0.02 - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, left))

    async def _hang_up(self, who: str) -> None:
        await asyncio.sleep(TALK)
        if self._pair.caller_ends_talk:
            await self._answered
            self._call.bye()
        else:
            self._rehearsal.talking[who].bye()


def number_of(call: Call) -> str:
    """Who is called, as the provider reads it."""
    return call.invite.start.split()[1].removeprefix("sip:").partition("@")[0]


async def press(call: Call, key: str) -> None:
    """A key of the caller's phone, by SIP INFO."""
    info = call.inside("INFO", f"Signal={key}\r\n".encode())
    info.headers = [h for h in info.headers if h[0] != "Content-Type"]
    info.headers.append(("Content-Type", "application/dtmf-relay"))
    call.phone.send(info)
    response = await call.phone.expect(branch=info.branch, final=True)
    assert response.status == 200, response.start


def audio_packet(number: int, payload: bytes) -> bytes:
    """RTP (RFC 3550 5.1) with A-law."""
    head = number.to_bytes(2, "big") + (number * 160).to_bytes(4, "big") + b"hand"
    return b"\x80\x08" + head + payload
