"""The worker process by its socket alone."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.commands import (
    Bridge,
    CloseLeg,
    Failed,
    GetStats,
    Late,
    LegClosed,
    LegOpened,
    MediaSettings,
    OpenLeg,
    PacketLoop,
    Stats,
)
from media.native.pump import NOBODY
from media.wire import LineSplitter, decode, encode
from media.worker import Worker as WorkerLoop
from tests.media.desk import desk, sine
from tests.media.worker_process import Talk, Worker, worker_process

PORTS = range(33000, 33040, 2)


_HIGH = """
import fcntl, os, resource, sys
from media.worker import main
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
given = int(sys.argv[1])
sys.argv[1] = str(fcntl.fcntl(given, fcntl.F_DUPFD, 1024))
os.close(given)
main()
"""


@pytest.fixture
def worker() -> Iterator[Worker]:
    with worker_process(MediaSettings(rtp_low=PORTS.start, rtp_high=PORTS.stop)) as one:
        yield one


def opened(worker: Worker) -> int:
    """Which leg it was; on the first port that nobody else on this machine has."""
    told = worker.next()
    assert isinstance(told, LegOpened) and told.port in PORTS, told
    return told.leg


def test_it_obeys_and_ends_with_its_socket(worker: Worker) -> None:
    worker.socket.sendall(encode(OpenLeg(1, "127.0.0.1")) + encode(CloseLeg(1)))
    assert opened(worker) == 1
    assert isinstance(worker.next(), LegClosed)


def test_nonsense_is_answered_and_survived(worker: Worker) -> None:
    worker.socket.sendall(b'hello\n["Dance",4]\n["OpenLeg",1]\n\xff\xfe\n')
    assert [worker.next() for _ in range(4)] == [
        Failed("?", None, "not a JSON line"),
        Failed("Dance", 4, "unknown word"),
        Failed("OpenLeg", 1, "Expected `array` of at least length 3, got 2"),
        Failed("?", None, "not a JSON line"),
    ]
    worker.socket.sendall(encode(MediaSettings()))
    assert worker.next() == Failed("MediaSettings", None, "not now")


def test_half_a_line_waits_for_its_rest(worker: Worker) -> None:
    line = encode(OpenLeg(1, "127.0.0.1"))
    worker.socket.sendall(line[:5])
    worker.socket.sendall(line[5:])
    assert opened(worker) == 1


def test_a_burst_of_commands_is_obeyed_in_its_order(worker: Worker) -> None:
    count = 3000
    worker.socket.sendall(b"".join(encode(CloseLeg(leg)) for leg in range(count)))
    assert [worker.next().leg for _ in range(count)] == list(range(count))


def test_a_talk_goes_on_while_the_loop_is_compiled(tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    settings = MediaSettings(rtp_low=PORTS.start, rtp_high=PORTS.stop, native_cache=cache)
    with worker_process(settings) as worker:
        talk = Talk(worker)
        talk.goes_on()
        talk.until(lambda: talk.of(PacketLoop), "it is compiled")
        assert talk.of(PacketLoop) == [PacketLoop(True)]
        talk.goes_on()
        assert {talk.stats(leg).lost_in for leg in talk.legs} == {0}
        talk.close()


def test_in_an_office_with_thousands_of_connections_it_serves() -> None:
    """Its socket has the number that it had there, and select takes none from 1024 on."""
    with worker_process(MediaSettings(rtp_low=PORTS.start, rtp_high=PORTS.stop), _HIGH) as worker:
        talk = Talk(worker)
        talk.goes_on()
        talk.close()


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


def test_what_ends_a_wait() -> None:
    """A packet while there are few; else a command, or nothing if one is in a hurry."""
    ours, theirs = socket.socketpair()
    with ours, theirs, desk() as table:
        loop, forwarder = WorkerLoop(theirs), table.engine.forwarder
        assert loop._awaited(forwarder) == loop._ready.fileno()
        loop._is_loaded = True
        assert loop._awaited(forwarder) == theirs.fileno()
        (a, _), (b, _) = table.open(), table.open()
        table.do(Bridge(1, (a, b)))
        assert loop._awaited(forwarder) == NOBODY


def test_after_a_stall_what_waits_is_read_before_the_late_ticks() -> None:
    """It would be late behind them, and concealed, and waited for longer from then on."""
    ours, theirs = socket.socketpair()
    with ours, theirs, desk() as table:
        loop = WorkerLoop(theirs)
        loop._ready, loop._handlers = table.ready, table.handlers
        leg, phone = table.open(tones=True, dtmf_receive=None)  # so that it is decoded
        table.talk(20, (phone, 440))
        for _ in range(5):
            phone.say(sine(440, 0.02))
        table.now += 0.1
        table.engine.forwarder.take_gathered()
        loop._tick(table.engine, 5, table.now)
        assert table.engine.forwarder.take_gathered() == 5
        table.talk(20, (phone, 440))
        table.do(GetStats(leg))
    stats = table.of(Stats)[-1].stats
    assert (stats.late_in, stats.concealed_ms) == (0, 0)
