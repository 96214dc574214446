"""The worker process by its socket alone."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from media.commands import CloseLeg, Failed, Late, LegClosed, LegOpened, MediaSettings, OpenLeg
from media.commands import WorkerReady as Ready
from media.wire import LineSplitter, decode, encode
from media.worker import Worker as WorkerLoop


class Worker:
    def __init__(self) -> None:
        self.socket, theirs = socket.socketpair()
        self.socket.settimeout(30)
        with theirs:
            number = theirs.fileno()
            command = [sys.executable, "-m", "media.worker", str(number)]
            self.process = subprocess.Popen(command, pass_fds=(number,))
        self.splitter = LineSplitter()
        self.events: list[Any] = []

    def next(self) -> Any:
        while not self.events:
            data = self.socket.recv(65536)
            assert data, "the worker closed its socket"
            self.events += [decode(line) for line in self.splitter.feed(data)]
        return self.events.pop(0)


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker()
    one.socket.sendall(encode(MediaSettings(rtp_low=33000, rtp_high=33010)))
    assert isinstance(one.next(), Ready)
    yield one
    one.socket.close()
    assert one.process.wait(30) == 0


def test_it_obeys_and_ends_with_its_socket(worker: Worker) -> None:
    worker.socket.sendall(encode(OpenLeg(1, "127.0.0.1")) + encode(CloseLeg(1)))
    assert worker.next() == LegOpened(1, 33000)
    assert isinstance(worker.next(), LegClosed)


def test_nonsense_is_answered_and_survived(worker: Worker) -> None:
    worker.socket.sendall(b'hello\n["Dance",4]\n["OpenLeg",1]\n\xff\xfe\n')
    assert [worker.next() for _ in range(4)] == [
        Failed("?", None, "not a JSON line"),
        Failed("Dance", 4, "unknown word"),
        Failed("OpenLeg", 1, "1 fields, not 3"),
        Failed("?", None, "not a JSON line"),
    ]
    worker.socket.sendall(encode(MediaSettings()))
    assert worker.next() == Failed("MediaSettings", None, "not now")


def test_half_a_line_waits_for_its_rest(worker: Worker) -> None:
    line = encode(OpenLeg(1, "127.0.0.1"))
    worker.socket.sendall(line[:5])
    worker.socket.sendall(line[5:])
    assert worker.next() == LegOpened(1, 33000)


def test_a_burst_of_commands_is_obeyed_in_its_order(worker: Worker) -> None:
    count = 3000
    worker.socket.sendall(b"".join(encode(CloseLeg(leg)) for leg in range(count)))
    assert [worker.next().leg for _ in range(count)] == list(range(count))


def test_late_ticks_are_told_once_a_second() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        alone = WorkerLoop(theirs)
        alone._notice(0.019, 100.0)
        for lateness, now in ((0.03, 101.0), (0.05, 101.1), (-0.01, 101.9), (-0.01, 102.1)):
            alone._notice(lateness, now)
            alone._flush()
        ours.setblocking(False)
        told = [decode(line) for line in LineSplitter().feed(ours.recv(1000))]
    assert told == [Late(1, 0.03), Late(1, 0.05)]
