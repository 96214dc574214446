"""Reloads while thirty calls are up: none of them notices, and the next call is by the new file.

Ten talk, ten wait in a queue, five are in a menu and five hear a prompt. Each day fifty
reloads, under `make fuzz` five hundred, between two versions, with refused ones among them.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import soundfile
from hypothesis import settings

from softswitch.office.secrets import write_secret
from softswitch.office_files import Source
from softswitch.registrar.registrar import Binding
from softswitch.reload import Reloader
from softswitch.versions import Note
from softswitch.wiring import Server
from tests.helpers import audio
from tests.helpers.hand_phone import Call, Phone
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import HOST, PASSWORD, OfficeInProcess
from tests.helpers.rehearsal import press
from tests.helpers.sound_watch import SoundWatch, Stream
from tests.live.sip_text import describe_sound

TEST = Note("test")

FEW, MANY = 50, 500
REFUSED_EVERY = 10
TALKS, WAITING, MENUS, PROMPTS = 10, 10, 5, 5
PEOPLE = tuple(str(401 + n) for n in range(TALKS))
AGENT = PEOPLE[0]
WAIT, MENU, LONG = "+48221234501", "+48221234502", "+48221234503"
# A machine may stop for so long that a socket's room is full, but not in each of so many; what
# reloads do, they do each time.
TRIES = 4
PROMPT, LONG_ENOUGH = 900.0, 3600
"""Seconds: a prompt and a registration that are longer than the test. (Where one prompt follows
another, the stream goes on by the clock.)"""

OFFICE = """\
office: {name: VERSION, safe: message}
people:
PEOPLE
secrets: secrets.yaml
prompts: prompts
queues:
  line: {agents: [401], music: calm, longest_wait: 20m, ring_for: 20s}
mailboxes:
  office: {mail: biuro@kancelaria.example}
trunks:
  operator: {server: "TRUNK", numbers: [NUMBERS]}
numbers:
ENTRIES
  "+48221234501": wait
  "+48221234502": menu
  "+48221234503": long
routes:
  wait:      {queue: line, too_long: message, full: message, no_agents: message}
  menu:      {menu: welcome, first: 60s, repeats: 5, 1: VERSION_way, no_key: message,
              wrong_key: message}
  long:      {play: long, then: VERSION_way}
  VERSION_way: {play: closed, then: message}
  message:   {voicemail: office}
"""


def direct(extension: str) -> str:
    """The number of a person."""
    return f"+48221235{extension}"


class Office(OfficeInProcess):
    """A server that reads its file again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, rtp_ports=200)
        source = Source(self.folder / "office.yaml", "softswitch")
        self.reloader = Reloader(source, folder / "data", lambda office: self.server.use(office))

    def _write(self) -> None:
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "prompts" / "music").mkdir(parents=True)
        self.write("old")
        for extension in PEOPLE:
            password = PASSWORD.format(extension)
            write_secret(self.folder / "secrets.yaml", extension, "softswitch", password)
        lengths = {"welcome": 0.2, "closed": 0.2, "leave_message": 0.2, "queue_wait": 0.2}
        for name, seconds in {**lengths, "long": PROMPT, "music/calm": 5.0}.items():
            path = self.folder / "prompts" / f"{name}.wav"
            soundfile.write(path, audio.tone(440, seconds), 8000)

    def write(self, version: str) -> None:
        people = "\n".join(f"  {one}: {{name: Osoba {one}}}" for one in PEOPLE)
        numbers = [direct(one) for one in PEOPLE]
        entries = "\n".join(f'  "{direct(one)}": {one}' for one in PEOPLE)
        text = OFFICE.replace("VERSION", version).replace("PEOPLE", people)
        text = text.replace("TRUNK", f"{HOST}:{self.trunk_port}").replace("ENTRIES", entries)
        owned = ", ".join(f'"{one}"' for one in [*numbers, WAIT, MENU, LONG])
        (self.folder / "office.yaml").write_text(text.replace("NUMBERS", owned))

    def spoil(self) -> None:
        file = self.folder / "office.yaml"
        file.write_text(file.read_text().replace("no_agents: message", "no_agents: hangup"))

    async def reload(self, is_good: bool = True) -> None:
        outcome = await self.run(lambda _: self.reloader.reload(TEST))
        assert outcome.is_accepted is is_good, outcome.findings

    def bindings(self) -> list[list[Binding]]:
        def look(server: Server) -> list[list[Binding]]:
            return [server.registrar.lookup(one, time.time()) for one in PEOPLE]

        return self.ask(look)

    def line(self) -> list[str]:
        """The calls that wait, in their order."""
        return self.ask(
            lambda server: [one.place.call for one in server.desk.queues.guests("line")]
        )

    def nodes(self, call: str) -> list[str]:
        return [e.data["node"] for e in self.story(call) if e.kind == "route.entered"]


@pytest.fixture
async def office(tmp_path: Path, patch_waits: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    running = Office(tmp_path / "office")
    async with running:
        yield running
        await running.calm()
        await asyncio.to_thread(running.wait_until_empty)


class Thirty:
    """The calls, and their sound."""

    def __init__(self, office: Office, line: Line, watch: SoundWatch) -> None:
        self._office, self._line, self._watch = office, line, watch
        self.calls: list[Call] = []
        self.menus: list[tuple[str, Call]] = []
        self.streams: list[Stream] = []
        self.phones: dict[str, Phone] = {}
        self.answered: dict[str, Call] = {}
        self.ended: list[Call] = []
        self.provider: Phone

    async def begin(self) -> None:
        self.provider = await self._line.provider()
        for one in PEOPLE:
            phone = self.phones[one] = await self._line.phone(one)
            await phone.register(LONG_ENOUGH)
            phone.rings = lambda call, one=one: self._pick_up(one, call)
        numbers = [direct(one) for one in PEOPLE] + [WAIT] * WAITING
        for number in [*numbers, *[MENU] * MENUS, *[LONG] * PROMPTS]:
            call = await self.dial(number)
            if number == MENU:
                self.menus.append((self._office.calls()[-1], call))
        assert len(self._office.calls()) == TALKS + WAITING + MENUS + PROMPTS
        await self._office.until(lambda: len(self._office.line()) == WAITING, "they wait")

    async def dial(self, number: str) -> Call:
        """A call in; its sound is watched unless it is in a menu, where nothing is heard."""
        stream = self._watch.stream()
        call = await self.provider.dial(number, describe_sound(HOST, stream.port, ("PCMA",)))
        await call.answered()
        self._talk(stream, call)
        self.calls.append(call)
        if number != MENU:
            self.streams.append(stream)
        return call

    def _pick_up(self, extension: str, call: Call) -> None:
        """One call at a time, as on a phone with one line."""
        if extension in self.answered and self.answered[extension] not in self.ended:
            call.answer(486)
            return
        stream = self._watch.stream()
        self._talk(stream, call)
        if extension not in self.answered:
            self.streams.append(stream)
        self.answered[extension] = call
        call.ring()
        call.answer(body=describe_sound(HOST, stream.port, ("PCMA",)))

    def _talk(self, stream: Stream, call: Call) -> None:
        remote = call.remote
        assert remote is not None
        stream.remote = (remote.host, remote.port)

    async def comes(self) -> None:
        """On each stream more has come."""
        before = [len(stream.arrivals) for stream in self.streams]
        pairs = list(zip(self.streams, before, strict=True))
        await self._office.until(
            lambda: all(len(stream.arrivals) > count for stream, count in pairs), "sound comes"
        )

    def free(self, extension: str) -> None:
        """His talk is over."""
        self.ended.append(self.answered[extension])
        self.ended[-1].bye()

    def end(self) -> None:
        for call in self.calls:
            call.bye()


async def reload_often(office: Office, times: int) -> None:
    """Between two versions; every tenth file is refused. The last one is `new`."""
    for number in range(times):
        is_good = number % REFUSED_EVERY != REFUSED_EVERY // 2
        office.write("old" if number % 2 else "new")
        if not is_good:
            office.spoil()
        await office.reload(is_good)
    office.write("new")
    await office.reload()


async def breaks(office: Office, thirty: Thirty, times: int) -> int:
    """How often any call's sound was broken off during so many reloads. Whoever is put on something
    else for a moment misses frames, or hears them by another clock; only late is none of it."""
    await thirty.comes()
    first = [len(stream.arrivals) - 1 for stream in thirty.streams]
    await reload_often(office, times)
    await thirty.comes()
    pairs = zip(thirty.streams, first, strict=True)
    return sum(stream.breaks(count) for stream, count in pairs)


@pytest.mark.timeout(900)
async def test_property_reloads_touch_no_call(
    office: Office, patch_waits: pytest.MonkeyPatch
) -> None:
    times = MANY if settings().max_examples > 1000 else FEW
    async with AsyncExitStack() as stack:
        watch = stack.enter_context(SoundWatch())
        thirty = Thirty(office, Line(office, stack), watch)
        await thirty.begin()
        positions, bindings = office.line(), office.bindings()
        await asyncio.sleep(0.5)  # music and prompts have begun by then
        tries = [await breaks(office, thirty, times)]
        while tries[-1] and len(tries) < TRIES:
            tries.append(await breaks(office, thirty, times))
        assert tries[-1] == 0, tries
        assert "call.ended" not in {event.kind for event in list(office.events)}
        assert office.line() == positions
        assert office.bindings() == bindings
        await versions_are_kept(office, thirty)
        await the_line_goes_on(office, thirty, positions)
        thirty.end()


async def versions_are_kept(office: Office, thirty: Thirty) -> None:
    """Who came before chooses by the old file, who comes now by the new one."""
    await thirty.dial(MENU)
    thirty.menus.append((office.calls()[-1], thirty.calls[-1]))
    for (call, sip), way in zip(thirty.menus, ["old"] * MENUS + ["new"], strict=True):
        await press(sip, "1")
        await office.until(lambda: len(office.nodes(call)) > 1, "the key leads on")  # noqa: B023
        assert office.nodes(call)[1] == f"{way}_way"


async def the_line_goes_on(office: Office, thirty: Thirty, positions: list[str]) -> None:
    """The agent is free, and the callers are served in the order in which they came."""
    for first in positions[:3]:
        thirty.free(AGENT)
        await office.until(
            lambda: "bridge.started" in [e.kind for e in office.story(first)],  # noqa: B023
            "the next one is served",
        )
    assert office.line() == positions[3:]


@pytest.mark.parametrize("what", ["check", "keep_version"])
async def test_a_reload_that_breaks_is_refused_and_the_next_is_not(
    office: Office, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A fault in the proof, a full disk: nothing changes, and the office still listens."""

    def breaks(*_: object) -> None:
        raise OSError("No space left on device")

    before = office.ask(lambda server: server.desk.office)
    office.write("new")
    with monkeypatch.context() as patch:
        patch.setattr(f"softswitch.reload.{what}", breaks)
        await office.reload(is_good=False)
    assert office.ask(lambda server: server.desk.office) is before
    await office.reload()
    assert office.ask(lambda server: server.desk.office.office.office.name) == "new"
