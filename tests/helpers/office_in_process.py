"""The whole server in this process, in a thread with a loop of its own, for phones of the test.

SIP timers are short, so that what lingers 32 seconds in the world is gone in a moment; prompts are
tenths of a second. `calm()` proves that nothing is left of the calls that were made, `row()` reads
a call's history row from its events.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import pytest
import soundfile

from softswitch import server, wiring
from softswitch.apps.queue import assignment, hall
from softswitch.calls import silence
from softswitch.guard import load
from softswitch.office.loader import load_office
from softswitch.office.secrets import write_secret
from softswitch.settings import Settings
from softswitch.sip.configuration import StackConfig
from softswitch.sip.transaction import TimerConfig
from softswitch.store.event import Event
from softswitch.store.fold import CallRow, fold
from tests.live.ports import free_block, free_port

T = TypeVar("T")

HOST = "127.0.0.1"
PASSWORD = "tajne-haslo-{}"
PEOPLE = ("101", "102", "103", "104", "121", "122", "123", "124")
PROMPTS = ("welcome", "menu_main", "leave_message", "mailbox_greeting", "queue_wait")
PROMPTS += ("queue_still", "message_saved", "invalid_key", "echo_test")
PROMPTS += ("dnd_on", "dnd_off", "forward_all_on", "forward_off", "forward_not_permitted")
PROMPTS += ("enter_password",)
PROMPTS += ("callback_ask", "callback_confirmed", "callback_calling", "callback_none")
PROMPTS += ("agent_on", "agent_off", "pause_on", "pause_off")
PROMPTS += ("switch_on", "switch_off", "call_not_permitted", "time_at", "time_0")
PROMPTS += ("code_not_understood", "number_not_in_service", "press_one_to_accept", "until")
PROMPTS += ("absent_on", "absent_deputy", "absent_off", "call_waiting_on", "call_waiting_off")
PROMPTS += tuple(f"number_{digit}" for digit in range(10))
PROMPT_SECONDS = 0.2
MAIN, MAILBOX, SHORT, SAFE = "+48221234567", "+48221234569", "+48221234570", "+48221234571"
# What calls hold; all of it is given back at once, while SIP's own memory lingers.
AT_ONCE = ("calls", "waiting", "owned transactions", "owned dialogs", "ringing", "sounds")
AT_ONCE += (
    "attempts",
    "parked",
    "recordings",
)

OFFICE = """\
office: {name: Kancelaria, country: PL, timezone: Europe/Warsaw, language: pl,
         number: "+48 22 123 45 67", safe: message}
people:
  101: {name: Anna}
  102: {name: Piotr}
  103: {name: Jan, email: jan@kancelaria.example}
  104: {name: Ewa, deputy: 102}
  121: {name: Marta}
  122: {name: Ola}
  123: {name: Iza}
  124: {name: Zofia, mobile: "+48 600 555 777"}
secrets: secrets.yaml
prompts: prompts
hours: {office: "24/7"}
switches:
  early: {code: "*28", number: 801, closes: [office], who: [payroll]}
groups:
  payroll: {number: 320, ring: [101, 102], how: together}
  turn: {number: 321, ring: [102, 104], how: in_order}
  alone: {number: 322, ring: [101], how: together}
queues:
  reception: {number: 300, agents: [121, 122], how: in_order, music: calm, longest_wait: 30s,
              ring_for: 2s}
  single: {number: 301, agents: [123], how: in_order, music: calm, longest_wait: 2s, ring_for: 10s,
           places: 2}
conferences:
  board: {number: 350, pin: "4711", places: 3, alone: 1s}
  open: {number: 351}
  small: {number: 352, places: 3}
mailboxes:
  office: {name: Sekretariat, greeting: leave_message, mail: [biuro@kancelaria.example]}
trunks:
  operator: {server: "TRUNK", watch: none, numbers: ["+48 22 123 45 67", "+48 22 123 45 69",
             "+48 22 123 45 70", "+48 22 123 45 71"]}
numbers:
  "+48 22 123 45 67": welcome
  "+48 22 123 45 69": message
  "+48 22 123 45 70": short_ring
  "+48 22 123 45 71": short_wait
  810: opening
  811: desk_and_mobile
  812: mobile
routes:
  desk_and_mobile: {ring: 124, for: 5s, mobile: confirm, no_answer: message}
  mobile:     {forward: "+48 600 555 666", for: 5s, no_answer: message, busy: message,
               unreachable: message, declined: message}
  opening:    {hours: office, open: payroll, closed: message}
  welcome:    {play: welcome, then: menu}
  menu:       {menu: menu_main, first: 1s, repeats: 0, 1: reception, 2: short_wait,
               no_key: reception, wrong_key: reception}
  reception:  {queue: reception, too_long: message, full: message, no_agents: message}
  short_wait: {queue: single, too_long: message, full: message, no_agents: message, key_9: message}
  short_ring: {ring: 102, for: 1s, no_answer: message, busy: message, unreachable: message,
               declined: message}
  message:    {voicemail: office}
"""


class FastTimers(TimerConfig):
    """RFC 3261's timers at a sixteenth of their length."""

    __slots__ = ()

    @property
    def linger(self) -> float:
        return self.give_up


class OfficeInProcess:
    """A running office. Everything that touches the server runs in the server's thread."""

    def __init__(self, folder: Path, rtp_ports: int = 100, **settings: Any) -> None:
        """`settings`: of the process, beside those of every test. Nobody is asked whether he is
        there: a phone of a test answers what the test is about."""
        self.folder = folder
        self.trunk_port = free_port()
        self.address = (HOST, 0)
        self.events: list[Event] = []
        self.server: wiring.Server
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._write()
        low = free_block(rtp_ports)
        usual = {"sip_udp_port": 0, "sip_tcp_port": None, "sip_keepalive": 0}
        # It would come at some moment of some test, as if that test had left it.
        usual["media_spare"] = False
        self.settings = Settings(
            data=folder / "data",
            sip_host=HOST,
            rtp_low=low,
            rtp_high=low + rtp_ports - 1,
            **{**usual, **settings},
        )
        self._thread = threading.Thread(target=self._run, name="office")

    def _write(self) -> None:
        (self.folder / "data").mkdir(parents=True)
        music = self.folder / "prompts" / "music"
        music.mkdir(parents=True)
        (self.folder / "office.yaml").write_text(
            OFFICE.replace("TRUNK", f"{HOST}:{self.trunk_port}")
        )
        for extension in PEOPLE:
            password = PASSWORD.format(extension)
            write_secret(self.folder / "secrets.yaml", extension, "softswitch", password)
        sound = np.zeros(round(8000 * PROMPT_SECONDS), np.int16)
        for name in (*PROMPTS, "music/calm"):
            soundfile.write(self.folder / "prompts" / f"{name}.wav", sound, 8000)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(60)
        if self._error is not None:
            raise self._error
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        assert not self._thread.is_alive(), "the server does not stop"

    async def __aenter__(self) -> Self:
        """As `with`, for a test that lives in a loop of its own: nothing may hold that up."""
        await asyncio.to_thread(self.__enter__)
        return self

    async def __aexit__(self, *error: object) -> None:
        await asyncio.to_thread(self.__exit__, *error)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with AsyncExitStack() as stack:
            office = load_office(self.folder / "office.yaml")
            self.server = await server.start(self.settings, office, stack)
            self.address = (HOST, self.server.endpoint.listening[0][2])
            self.server.desk.exchange.events.subscribe(self.events.append)
            self._ready.set()
            await self._stop.wait()

    def ask(self, question: Callable[[wiring.Server], T]) -> T:
        """Run something in the server's thread."""

        async def answer() -> T:
            return question(self.server)

        return asyncio.run_coroutine_threadsafe(answer(), self._loop).result(20)

    async def run(self, work: Callable[[wiring.Server], Coroutine[Any, Any, T]]) -> T:
        """Await something in the server's loop."""
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(work(self.server), self._loop)
        )

    def dump(self) -> dict[str, int]:
        return self.ask(lambda server: server.dump())

    async def until(self, check: Callable[[], Any], what: str, seconds: float = 15.0) -> None:
        """Wait for something in the server's state."""
        end = asyncio.get_running_loop().time() + seconds
        while not check():
            assert asyncio.get_running_loop().time() < end, f"{what}: {self.dump()}"
            await asyncio.sleep(0.02)

    async def calm(self, seconds: float = 15.0) -> None:
        """Nothing of any call is left, and everybody is free."""
        await self.until(lambda: not self.left(), "calls leave nothing", seconds)
        busy = self.ask(lambda server: server.desk.exchange.people.busy())
        assert not busy, f"still busy: {busy}"

    def wait_until_empty(self, seconds: float = 20.0) -> None:
        """Transactions have lingered to their end: every figure is zero."""
        end = time.monotonic() + seconds
        while any(self.dump().values()):
            assert time.monotonic() < end, f"left for ever: {self.dump()}"
            time.sleep(0.05)

    def left(self) -> dict[str, int]:
        return {name: n for name, n in self.dump().items() if name in AT_ONCE and n}

    def calls(self) -> list[str]:
        """Calls in the order of their beginning."""
        return [event.call for event in list(self.events) if event.kind == "call.started"]

    def story(self, call: str) -> list[Event]:
        return [event for event in list(self.events) if event.call == call]

    async def row(self) -> CallRow:
        """The newest call's history row, once it is over and everything was given back."""
        await self.calm()
        call = self.calls()[-1]
        row = fold(self.story(call))
        assert row.ended is not None, self.story(call)
        return row

    def kinds(self) -> list[str]:
        """What happened in the newest call."""
        return [event.kind for event in self.story(self.calls()[-1])]


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Shorten what the house waits for."""
    timers = FastTimers(t1=0.03, t2=0.3, t4=0.2)
    patch.setattr(wiring, "StackConfig", partial(StackConfig, timers=timers))
    patch.setattr(hall, "REST", 0.1)
    patch.setattr(hall, "LOOK_AGAIN", 0.1)
    patch.setattr(assignment, "NOBODY_PATIENCE", 0.5)
    # A machine that runs other things beside the tests is late, and is not to shed their calls.
    patch.setattr(load, "HIGH", 60.0)
    patch.setattr(silence, "ASK_AFTER", 0.3)
    patch.setattr(silence, "ASK_EVERY", 0.3)
    fast = partial(server.MediaSettings, silent_seconds=1.0, drain_seconds=0.2)
    patch.setattr(server, "MediaSettings", fast)
