"""The worker as a real process at its socket, and a talk at it that goes on in real time."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from media.commands import (
    Bridge,
    CloseLeg,
    Command,
    GetStats,
    Late,
    LegClosed,
    LegOpened,
    LegStats,
    MediaSettings,
    OpenLeg,
    PacketLoop,
    Stats,
)
from media.commands import WorkerReady as Ready
from media.wire import LineSplitter, decode, encode
from tests.media.desk import HOST, Phone, sine, strength

ALICE, BOB = 1000, 400
"""Hz: what each of them says."""
CLEAR = 7000
"""The least amplitude of the other's voice; it is said with 8000."""
PATIENCE = 100.0
OF_ITSELF = (PacketLoop, Late)
"""What a worker tells without having been asked, whenever it is so."""
_AS_IT_IS = "from media.worker import main; main()"


class Worker:
    """`program` is what the process runs, `complaints` where it may say what it did wrong."""

    def __init__(self, program: str, complaints: IO[str]) -> None:
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(PATIENCE)
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-c", program, str(number)]
            self.process = subprocess.Popen(command, pass_fds=(number,), stderr=complaints)
        self.splitter = LineSplitter()
        self.events: list[Any] = []

    def do(self, *commands: Command | MediaSettings) -> None:
        self.socket.sendall(b"".join(map(encode, commands)))

    def next(self) -> Any:
        """What it says next of its work; how its packet loop runs is said at some time or other."""
        while True:
            while not self.events:
                data = self.socket.recv(65536)
                assert data, "the worker closed its socket"
                self.events += [decode(line) for line in self.splitter.feed(data)]
            if not isinstance(event := self.events.pop(0), OF_ITSELF):
                return event

    def kill(self) -> None:
        self.socket.close()
        self.process.kill()
        self.process.wait()


@contextmanager
def worker_process(settings: MediaSettings, program: str = _AS_IT_IS) -> Iterator[Worker]:
    """A worker that has begun, and the proof that it made no mistake and ends with its socket."""
    with tempfile.TemporaryFile("w+") as complaints:
        one = Worker(program, complaints)
        try:
            one.do(settings)
            assert isinstance(one.next(), Ready)
            yield one
            one.socket.close()
            assert one.process.wait(PATIENCE) == 0
        except BaseException as error:
            one.kill()
            complaints.seek(0)
            error.add_note(complaints.read())
            raise
        complaints.seek(0)
        assert complaints.read() == ""


class Talk:
    """Alice and Bob in one bridge: alone, so that packets are forwarded; or with Carol, who says
    nothing, so that both are decoded and mixed.
    """

    def __init__(
        self, worker: Worker, alice: Phone | None = None, bob: Phone | None = None,
        *, is_mixed: bool = False, first: int = 1, pace: float = 0.02,
    ) -> None:  # fmt: skip
        """`first`: the number of the first leg and of the bridge. `pace`: seconds that a step
        takes; what is only forwarded may come faster than it is spoken."""
        self.worker, self.events = worker, list[Any]()
        self.alice, self.bob = alice or Phone(ssrc=1), bob or Phone(ssrc=2)
        self.phones = [self.alice, self.bob, *([Phone(ssrc=3)] if is_mixed else [])]
        self.legs = list(range(first, first + len(self.phones)))
        for leg, phone in zip(self.legs, self.phones, strict=True):
            worker.do(OpenLeg(leg, HOST))
            opened = worker.next()
            assert isinstance(opened, LegOpened), opened
            phone.to = (HOST, opened.port)
            worker.do(phone.remote(leg))
        worker.do(Bridge(first, tuple(self.legs)))
        self._waves = sine(ALICE, 0.02), sine(BOB, 0.02)
        self._due, self._pace = time.monotonic(), pace

    def step(self, *, is_alice_silent: bool = False) -> None:
        """20 ms of sound of both."""
        if not is_alice_silent:
            self.alice.say(self._waves[0])
        self.bob.say(self._waves[1])
        self._due = max(self._due + self._pace, time.monotonic() - 0.1)
        time.sleep(max(0.0, self._due - time.monotonic()))
        for phone in self.phones:
            phone.listen()
        self._take()

    def _take(self) -> None:
        worker = self.worker
        worker.socket.setblocking(False)
        try:
            data = worker.socket.recv(1 << 20)
        except BlockingIOError:
            return
        finally:
            worker.socket.settimeout(PATIENCE)
        assert data, "the worker died"
        self.events += [decode(line) for line in worker.splitter.feed(data)]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def until(self, is_so: Callable[[], Any], what: str, **silent: bool) -> None:
        """Talk until it is so."""
        end = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < end, what
            self.step(**silent)

    def goes_on(self, packets: int = 25) -> None:
        """Both hear each other from now on, clearly."""
        for phone in self.phones:
            phone.heard.clear()
        self.until(lambda: self._is_clear(packets), "they hear each other")

    def _is_clear(self, packets: int) -> bool:
        pairs = (self.alice, BOB), (self.bob, ALICE)
        return all(
            len(phone.heard) >= packets and strength(phone.audio()[-1600:], voice) > CLEAR
            for phone, voice in pairs
        )

    def stats(self, leg: int) -> LegStats:
        """As they are now."""
        before = len(self.of(Stats))
        self.worker.do(GetStats(leg))
        self.until(lambda: len(self.of(Stats)) > before, "figures")
        found = self.of(Stats)[-1].stats
        assert isinstance(found, LegStats)
        return found

    def close(self) -> None:
        """Its legs are gone, its ports free for the next one."""
        worker = self.worker
        worker.do(*map(CloseLeg, self.legs))
        left = set(self.legs)
        while left:
            if isinstance(event := worker.next(), LegClosed):
                left.discard(event.leg)
        for phone in self.phones:
            phone.close()
