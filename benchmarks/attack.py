"""What an attack costs the switch, and what callers notice of it.

    python -m benchmarks.attack [--seconds 6] [--rate 5000] [--only WORD]
    python -m benchmarks.attack --old-password 3600

The real server; ten registered phones and a trunk place 50 calls a second, first in peace, then
under each attack of so many bogus packets a second: INVITEs from one address, from 250 addresses,
from forged ones (each packet another), from the very address of the phones, guessed passwords,
REGISTERs of a scanner that says its name, garbage. Printed: set-up p50 and p99 beside those of the
peace before, the switch's CPU for each bogus packet beside a bare asyncio forwarder's for one
datagram, and how long a phone takes to register that was never here before. Switch, load and
attacker run before the machine's other work (SCHED_RR). Then 200 phones register behind one
address, alone and with a neighbour who hammers with an old password. Loopback only.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from itertools import count, cycle
from pathlib import Path
from threading import Thread

from benchmarks.phones import cpu_seconds, hurry
from benchmarks.signalling import (
    HOST,
    NEWCOMER,
    PASSWORD,
    PEOPLE,
    PORT,
    TRUNK,
    Process,
    percentile,
    reference,
    switch,
    worker_of,
)
from tests.helpers.large_office import LargeOffice, all_register, hammer, register, two_hundred
from tests.helpers.stranger import Stranger

CALLS = 50.0  # a second
LIMIT = 100.0  # milliseconds of set-up that nobody's call may exceed
SLICE = 0.002  # the attacker sends a burst in each
REGISTER_EVERY = 60.0
IP_PKTINFO = 8  # <linux/in.h>; the socket module does not name it


def _request(method: str, number: int, host: str, agent: str = "x") -> bytes:
    return (
        f"{method} sip:{9000 + number % 90000}@{HOST} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {host}:5060;branch=z9hG4bKa{number};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:{number % 9000}@{HOST}>;tag=a{number}\r\nTo: <sip:1@{HOST}>\r\n"
        f"Call-ID: a{number}\r\nCSeq: 1 {method}\r\nContact: <sip:a@{host}>\r\n"
        f"User-Agent: {agent}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def _guess(number: int) -> bytes:
    """A password, tried for one of the ten people or for nobody."""
    nonce, user = "1.1.AAAA", 100 + number % 20
    line = (
        f'Authorization: Digest username="{user}", realm="softswitch", nonce="{nonce}", '
        f'uri="sip:{9000 + number % 90000}@{HOST}", response="{number:032x}", algorithm=MD5, '
        f'qop=auth, nc=00000001, cnonce="a"\r\nContent-Length'
    ).encode()
    return _request("INVITE", number, "127.0.2.1").replace(b"Content-Length", line)


def _garbage(number: int) -> bytes:
    return (b"\xff\x00INVITE sip:x SIP/2.0\r\nVia: %d\r\n" % number) * 8


FORGED = "127.64.0.0"
"""Stands for "each packet from another address"."""
ATTACKS: dict[str, tuple[list[str], Callable[[int], bytes]]] = {
    "INVITEs, one address": (["127.0.0.66"], lambda n: _request("INVITE", n, "127.0.0.66")),
    "INVITEs, 250 addresses": (
        [f"127.0.1.{n}" for n in range(1, 251)],
        lambda n: _request("INVITE", n, "127.0.1.1"),
    ),
    "INVITEs, forged addresses": ([FORGED], lambda n: _request("INVITE", n, FORGED)),
    "INVITEs, the phones' address": ([HOST], lambda n: _request("INVITE", n, HOST)),
    "passwords, 250 addresses": ([f"127.0.2.{n}" for n in range(1, 251)], _guess),
    "a scanner's REGISTERs": (
        ["127.0.0.67"],
        lambda n: _request("REGISTER", n, "127.0.0.67", "friendly-scanner"),
    ),
    "garbage": (["127.0.0.68"], _garbage),
}


def _senders(hosts: list[str]) -> Iterator[Callable[[bytes], object]]:
    """One after the other, for ever."""
    if hosts == [FORGED]:
        yield from _forgers()
    sockets = []
    for host in hosts:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setblocking(False)
        udp.bind((host, 0))
        udp.connect((HOST, PORT))
        sockets.append(udp.send)
    yield from cycle(sockets)


def _forgers() -> Iterator[Callable[[bytes], object]]:
    """Linux takes a packet's source address from its IP_PKTINFO (ip(7)); 127.64.0.0/10 is ours."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setblocking(False)
    for number in count(1):
        source = (127 << 24) + (64 << 16) + number % (1 << 22)
        info = (socket.IPPROTO_IP, IP_PKTINFO, struct.pack("=I4s4x", 0, source.to_bytes(4)))
        yield lambda data, info=info: udp.sendmsg([data], [info], 0, (HOST, PORT))  # type: ignore[misc]


def attack() -> None:
    """The attacker: a process of its own, told what to do by one JSON line."""
    print("ready", flush=True)
    order = json.loads(sys.stdin.readline())
    hosts, make = ATTACKS[order["attack"]]
    senders, numbers, sent = _senders(hosts), count(1), 0
    began = time.perf_counter()
    while (passed := time.perf_counter() - began) < order["seconds"]:
        for _ in range(round(passed * order["rate"]) - sent):
            sent += 1
            try:
                next(senders)(make(next(numbers)))
            except OSError:
                continue  # its own buffer is full, or an ICMP answer
        time.sleep(SLICE)
    print(json.dumps({"sent": sent}), flush=True)


class Newcomer(Thread):
    """A phone that was never here before registers a second after the attack has begun."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self.host, self.seconds, self.is_in = host, 0.0, False

    def run(self) -> None:
        time.sleep(1.0)
        asyncio.run(self._register())

    async def _register(self) -> None:
        async with Stranger((HOST, PORT), self.host) as phone:
            told = await register(phone, NEWCOMER, PASSWORD)
        self.seconds, self.is_in = told.seconds, told.statuses == (401, 200)

    def __str__(self) -> str:
        return f"a new phone {'registered' if self.is_in else 'GAVE UP'} after {self.seconds:.2f} s"


class Scene:
    """A switch, its phones and its trunk."""

    def __init__(self, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "data").mkdir()
        self.stack = stack
        self.main = switch(folder, stack, None)
        self.load = Process([sys.executable, "-m", "benchmarks.sip_load"], stack)
        self.load.ask({"port": PORT, "trunk": TRUNK})
        users = dict.fromkeys(PEOPLE, PASSWORD)
        self.load.ask({"do": "register", "users": users, "count": len(PEOPLE)})
        self.load.ask({"do": "calls", "seconds": 1.0, "at_once": 4})  # warm
        for process in (self.main, worker_of(self.main), self.load.child.pid):
            hurry(process)

    def calls(self, seconds: float) -> tuple[list[float], float]:
        """Set-up times in ms of calls at a steady rate, and the switch's CPU seconds."""
        before = cpu_seconds(self.main)
        got = self.load.ask({"do": "paced", "seconds": seconds, "rate": CALLS})
        return [one * 1000 for one in got["setups"]], cpu_seconds(self.main) - before

    def attacked(
        self, name: str, seconds: float, rate: float, newcomer: Newcomer
    ) -> tuple[list[float], float, int]:
        """The same while an attack goes on; also how many packets that were."""
        bad = Process([sys.executable, "-m", "benchmarks.attack", "--attacker"], self.stack)
        assert bad.child.stdin and bad.child.stdout
        bad.child.stdout.readline()
        hurry(bad.child.pid)
        newcomer.start()
        order = {"attack": name, "seconds": seconds + 0.5, "rate": rate}
        bad.child.stdin.write(json.dumps(order) + "\n")
        times, used = self.calls(seconds)
        sent = json.loads(bad.child.stdout.readline())["sent"]
        newcomer.join()
        time.sleep(0.5)  # what the kernel still holds
        return times, used, round(sent * seconds / (seconds + 0.5))


def show(name: str, times: list[float], expected: int) -> str:
    middle = statistics.median(times) if times else 0.0
    worst = percentile(times, 0.99)
    verdict = "" if worst < LIMIT else f"  (limit {LIMIT:.0f} ms)"
    lost = expected - len(times)
    return (
        f"{name:30} set-up p50 {middle:6.2f} ms  p99 {worst:6.2f} ms  "
        f"{len(times)} calls, {lost} failed{verdict}"
    )


def under_attack(seconds: float, rate: float, only: str) -> Iterator[str]:
    with ExitStack() as stack:
        scene = Scene(stack)
        bare = reference(stack, 8000) * 1000
        yield f"{'reference':30} {bare:6.1f} us CPU a datagram in and out, bare asyncio"
        expected = round(seconds * CALLS)
        for number, name in enumerate(one for one in ATTACKS if only in one):
            calm, cost = scene.calls(seconds)
            yield show("peace", calm, expected)
            newcomer = Newcomer(HOST if "phones" in name else f"127.0.9.{number + 1}")
            times, used, packets = scene.attacked(name, seconds, rate, newcomer)
            yield show(name, times, expected)
            each = (used - cost) * 1e6 / max(packets, 1)
            yield (
                f"{'':30} {each:6.1f} us CPU a bogus packet ({each / bare:4.2f} x forwarding), "
                f"{packets / seconds:.0f} a second; {newcomer}"
            )


async def two_hundred_phones(folder: Path) -> list[str]:
    """Wall seconds until all are registered, alone and with a bad neighbour."""
    lines = []
    with LargeOffice(folder) as office:
        async with AsyncExitStack() as stack:
            phones = await two_hundred(office, stack)
            stop = asyncio.Event()
            for name in ("alone", "beside an old password"):
                bad = None
                if name != "alone":
                    bad = asyncio.create_task(hammer(office, "200", stop))
                    await asyncio.sleep(2.0)
                began = time.perf_counter()
                found = await all_register(phones)
                took = time.perf_counter() - began
                good = sum(one.statuses == (401, 200) for one in found)
                slowest = max(one.seconds for one in found)
                lines.append(
                    f"200 phones, {name:18} {took:6.2f} s until all are registered (budget 10), "
                    f"slowest {slowest:.2f} s, {200 - good} refused"
                )
                stop.set()
                if bad is not None:
                    await bad
        office.ask(lambda server: server.arrivals.gate.late.close())
    return lines


async def an_old_password(folder: Path, seconds: float) -> str:
    """200 phones register anew each minute, one after the other; beside them, on their address, one
    with an old password."""
    with LargeOffice(folder) as office:
        async with AsyncExitStack() as stack:
            phones = await two_hundred(office, stack)
            stop, slowest, refused, rounds = asyncio.Event(), 0.0, 0, 0
            bad = asyncio.create_task(hammer(office, "200", stop))
            hurry(os.getpid())
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                found = await all_register(phones, REGISTER_EVERY)
                rounds += 1
                slowest = max(slowest, *(one.seconds for one in found))
                refused += sum(one.statuses != (401, 200) for one in found)
            stop.set()
            tries = await bad
        guard = office.ask(lambda server: dict(server.arrivals.gate.guard.counters))
        office.ask(lambda server: server.arrivals.gate.late.close())
    return (
        f"200 phones beside an old password for {seconds:.0f} s: {tries} tries of it "
        f"({guard.get('held', 0)} not looked at), {200 * rounds} registrations of the others, "
        f"{refused} refused, slowest {slowest:.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--rate", type=float, default=5_000.0, help="bogus packets a second")
    parser.add_argument("--only", default="", help="attacks whose name holds this word")
    parser.add_argument("--attacker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(
        "--old-password", type=float, metavar="SECONDS", help="only: 200 phones beside one with it"
    )
    options = parser.parse_args()
    if options.attacker:
        attack()
        return
    if options.old_password:
        with tempfile.TemporaryDirectory() as folder:
            print(asyncio.run(an_old_password(Path(folder) / "office", options.old_password)))
        return
    for line in under_attack(options.seconds, options.rate, options.only):
        print(line, flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for line in asyncio.run(two_hundred_phones(Path(folder) / "office")):
            print(line, flush=True)


if __name__ == "__main__":
    main()
