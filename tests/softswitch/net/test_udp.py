"""How late packets are read, over real sockets on loopback: of a queue that never is empty, and of
one that is long.
"""

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator

import pytest

from softswitch.net.udp import BATCH, UdpSocket
from softswitch.sip.flow import Flow

HOUR = 3600.0
AGE = 0.04  # less than the packets wait: their stamps are the wall clock's, which may be slewed


class Desk:
    """One socket whose packets are counted; `on_packet` does something with each."""

    def __init__(self) -> None:
        self.udp = UdpSocket("127.0.0.1", 0, self._received, lambda remote: None)
        self.phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.count = self.wanted = 0
        self.behind = list[float]()
        self.answers = False
        self.all_came = asyncio.Event()

    def send(self) -> None:
        self.phone.sendto(b"REGISTER", self.udp.address)

    def _received(self, data: bytes, flow: Flow) -> bool:
        self.count += 1
        # As if it had been so for an hour.
        self.behind.append(self.udp.behind(asyncio.get_running_loop().time() + HOUR))
        if self.answers and self.count < self.wanted:
            self.send()
        if self.count == self.wanted:
            self.all_came.set()
        return True


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.udp.close()
    made.phone.close()


def wait_for_stamps() -> None:
    """Linux stamps packets from a moment after the first socket asked for it (a work item of
    the kernel); those that came before are stamped when they are read.
    """
    probe = UdpSocket("127.0.0.1", 0, lambda data, flow: True, lambda remote: None)
    with contextlib.closing(probe), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        age = 0.0
        while age < AGE / 4:
            phone.sendto(b"?", probe.address)
            time.sleep(AGE / 2)
            probe._read_dated()
            age = probe._waited or 0.0


async def test_phones_that_answer_at_once_are_no_delay(desk: Desk) -> None:
    """Four of them: the socket is never empty, and nobody waits for more than the other three."""
    desk.answers, desk.wanted = True, 10 * BATCH
    desk.udp.open()
    for _ in range(4):
        desk.send()
    await desk.all_came.wait()
    assert max(desk.behind) < HOUR / 2, "a packet's own age counts, not since when some wait"


async def test_what_waits_long_is_late_by_so_much(desk: Desk) -> None:
    wait_for_stamps()
    desk.wanted = 3 * BATCH
    for _ in range(desk.wanted):
        desk.send()
    time.sleep(0.05)  # nobody reads meanwhile  # noqa: ASYNC251
    desk.udp.open()
    await desk.all_came.wait()
    assert desk.behind[0] == 0.0, "a burst is no delay"
    assert desk.behind[-1] >= AGE


async def test_an_empty_socket_is_not_late(desk: Desk) -> None:
    desk.wanted = 2 * BATCH + 1
    for _ in range(desk.wanted):
        desk.send()
    desk.udp.open()
    await desk.all_came.wait()
    assert max(desk.behind) > 0.0
    while desk.udp.behind(asyncio.get_running_loop().time() + HOUR):
        await asyncio.sleep(0)
