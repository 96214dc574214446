"""What a call and a registration cost the switch, beside a bare asyncio forwarder.

    python -m benchmarks.signalling [--seconds 6] [--profile FILE]

The real server runs as a process of its own; `benchmarks/sip_load.py` plays provider and phones in
another, without RTP. A call: INVITE by a trunk, the route rings one phone (180, 200), both ACKs,
the caller's BYE, and the history row written. CPU is user and system of all threads, from the
scheduler's nanoseconds. The reference passes the same number of datagrams of the same size through
an asyncio (uvloop) protocol in the same run, so the machine's speed is known. Loopback only.
"""

import argparse
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from benchmarks.phones import cpu_seconds
from softswitch.office.secrets import write_secret

HOST, PORT, TRUNK, ECHO = "127.0.0.1", 25060, 25070, 25080
# Four ports a call that drain for seconds: enough for 1,000 calls a second.
RTP_LOW, RTP_HIGH = 10000, 24999
PASSWORD = "tajne-haslo-bench"
PEOPLE = [str(100 + n) for n in range(1, 11)]
# Whom no number rings: may register anywhere without changing what is measured.
NEWCOMER = "120"
AT_ONCE = 8
HELD = 100
# Seconds in which the last rows are to be on the disk.
WRITING = 10.0
# Held and paced calls of one person at once.
MOST_CALLS = 20
# Of one call, in and out of the switch: INVITE 100 INVITE 180 180 200 200 ACK ACK BYE 200 BYE 200.
PACKETS_A_CALL = 13
PACKET = 520  # their average size in octets

_ECHO = f"""
import asyncio, socket, uvloop
class Forward(asyncio.DatagramProtocol):
    def connection_made(self, transport): self.transport = transport
    def datagram_received(self, data, source): self.transport.sendto(data, source)
async def main():
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(Forward, local_addr=("{HOST}", {ECHO}))
    print("ready", flush=True)
    await asyncio.Event().wait()
uvloop.run(main())
"""


def office(folder: Path) -> Path:
    """Ten people, ten numbers, each number rings one person."""
    numbers = [f'"+4822123{4560 + n}"' for n in range(10)]
    everybody = [*PEOPLE, NEWCOMER]
    people = "\n".join(f"  {one}: {{name: Person {one}, calls: {MOST_CALLS}}}" for one in everybody)
    routes = "\n".join(
        f"  r{one}: {{ring: {one}, for: 20s, no_answer: box, busy: box, unreachable: box, "
        "declined: box}"
        for one in PEOPLE
    )
    entries = "\n".join(f"  {n}: r{one}" for n, one in zip(numbers, PEOPLE, strict=True))
    text = (
        "office: {name: Bench, country: PL, language: pl, safe: box}\n"
        f"people:\n{people}\nsecrets: secrets.yaml\n"
        "mailboxes:\n  office: {greeting: leave_message}\n"
        f'trunks:\n  operator: {{server: "{HOST}:{TRUNK}", numbers: [{", ".join(numbers)}]}}\n'
        f"numbers:\n{entries}\nroutes:\n{routes}\n  box: {{voicemail: office}}\n"
    )
    path = folder / "office.yaml"
    path.write_text(text)
    for one in everybody:
        write_secret(folder / "secrets.yaml", one, "softswitch", PASSWORD)
    return path


class Process:
    """A child whose CPU and memory are looked at."""

    def __init__(self, argv: list[str], stack: ExitStack, **more: Any) -> None:
        self.child = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      text=True, bufsize=1, **more)  # fmt: skip
        stack.callback(self.end)

    def ask(self, order: object) -> Any:
        assert self.child.stdin and self.child.stdout
        self.child.stdin.write(json.dumps(order) + "\n")
        return json.loads(self.child.stdout.readline())

    def end(self) -> None:
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def switch(folder: Path, stack: ExitStack, profile: str | None) -> int:
    """The real server; its process number once phones can reach it."""
    values = {"SIP_HOST": HOST, "SIP_UDP_PORT": PORT, "SIP_TCP_PORT": PORT, "RTP_LOW": RTP_LOW,
              "RTP_HIGH": RTP_HIGH, "LOG_LEVEL": "warning"}  # fmt: skip
    environment = os.environ | {f"SOFTSWITCH_{n}": str(v) for n, v in values.items()}
    runner = ["-m", "cProfile", "-o", profile] if profile else []
    argv = [sys.executable, *runner, "-m", "softswitch", "run", "--office",
            str(office(folder)), "--data", str(folder / "data")]  # fmt: skip
    log = stack.enter_context((folder / "server.log").open("w"))
    process = Process(argv, stack, env=environment, stderr=log)
    assert process.child.stdout
    while "History" not in (line := process.child.stdout.readline()):
        if not line:
            raise SystemExit("the server did not start")
    return process.child.pid


def worker_of(process: int) -> int:
    """The media worker is the switch's child."""
    return int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])


def memory(process: int) -> float:
    """Private and shared pages in MB (proportional set size)."""
    text = Path(f"/proc/{process}/smaps_rollup").read_text()
    return int(text.split("Pss:")[1].split()[0]) / 1024


def reference(stack: ExitStack, packets: int) -> float:
    """CPU ms that a bare asyncio forwarder needs for one datagram in and out."""
    import socket

    echo = Process([sys.executable, "-c", _ECHO], stack)
    assert echo.child.stdout
    echo.child.stdout.readline()
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(2)
    udp.connect((HOST, ECHO))
    data = bytes(PACKET)
    before = cpu_seconds(echo.child.pid)
    for _ in range(packets // 8):
        for _ in range(8):
            udp.send(data)
        for _ in range(8):
            udp.recv(2048)
    used = cpu_seconds(echo.child.pid) - before
    udp.close()
    return used * 1000 / (packets // 8 * 8)


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(int(len(values) * part), len(values) - 1)] if values else 0.0


def measure(seconds: float, profile: str | None) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "data").mkdir()
        main = switch(folder, stack, profile)
        media = worker_of(main)
        load = Process([sys.executable, "-m", "benchmarks.sip_load"], stack)
        load.ask({"port": PORT, "trunk": TRUNK})
        bare = reference(stack, 8000)
        print(f"reference    {bare * 1000:7.1f} us CPU a datagram in and out, bare asyncio; "
              f"{bare * PACKETS_A_CALL / 2:.3f} ms for a call's {PACKETS_A_CALL}")  # fmt: skip
        users = dict.fromkeys(PEOPLE, PASSWORD)
        load.ask({"do": "register", "users": users, "count": len(PEOPLE)})
        at_rest = memory(main)
        registrations(load, main, users, bare)
        calls = load.ask({"do": "calls", "seconds": 1.0, "at_once": AT_ONCE})["done"]
        calls += throughput(load, main, media, seconds, bare)
        print(f"history      {rows(folder, calls)} rows on the disk of {calls} calls that ended")
        set_up(load, main, at_rest)


def rows(folder: Path, wanted: int) -> int:
    """How many calls the store has as ended; a busy disk's journal is given time to come in."""
    end = time.monotonic() + WRITING
    with closing(sqlite3.connect(folder / "data" / "softswitch.db")) as store:
        query = "SELECT count(*) FROM calls WHERE result = 'talked'"
        while (found := int(store.execute(query).fetchone()[0])) < wanted:
            if time.monotonic() > end:
                break
            time.sleep(0.1)
    return found


def registrations(load: Process, main: int, users: dict[str, str], bare: float) -> None:
    before = cpu_seconds(main)
    count = 1500
    got = load.ask({"do": "register", "users": users, "count": count})
    time.sleep(1.2)  # the store writes what it gathered
    cost = (cpu_seconds(main) - before) * 1000 / count
    rate = got["done"] / got["seconds"]
    print(f"REGISTER     {cost:7.3f} ms CPU with its 401 ({cost / (2 * bare):4.1f} x forwarding); "
          f"{rate:5.0f} a second, {got['failed']:.0f} failed")  # fmt: skip


def throughput(load: Process, main: int, media: int, seconds: float, bare: float) -> int:
    before, before_media = cpu_seconds(main), cpu_seconds(media)
    got = load.ask({"do": "calls", "seconds": seconds, "at_once": AT_ONCE})
    time.sleep(1.2)
    done = max(got["done"], 1)
    cost = (cpu_seconds(main) - before) * 1000 / done
    worker = (cpu_seconds(media) - before_media) * 1000 / done
    ratio = cost / (bare * PACKETS_A_CALL / 2)
    print(f"call         {cost:7.3f} ms CPU of the switch ({ratio:4.1f} x forwarding), "
          f"{worker:.3f} ms of the media worker; "
          f"{done / got['seconds']:5.0f} calls a second, {got['failed']:.0f} failed")  # fmt: skip
    return int(got["done"])


def set_up(load: Process, main: int, at_rest: float) -> None:
    busy = memory(main)
    up = load.ask({"do": "hold", "count": HELD})["held"]
    each = (memory(main) - busy) * 1024 / max(up, 1)
    got = load.ask({"do": "paced", "seconds": 4.0, "rate": 50.0})
    times = [one * 1000 for one in got["setups"]]
    load.ask({"do": "drop"})
    middle = statistics.median(times) if times else 0.0
    print(f"set-up       p50 {middle:6.2f} ms  p99 {percentile(times, 0.99):6.2f} ms  INVITE in to "
          f"INVITE out, {len(times)} calls at 50 a second while {up} are up")  # fmt: skip
    print(f"memory       {at_rest:7.1f} MB at rest, {busy:.1f} MB after the load, "
          f"{each:.0f} KB a call that is up")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--profile", help="write the switch's cProfile here (it slows it down)")
    options = parser.parse_args()
    measure(options.seconds, options.profile)


if __name__ == "__main__":
    main()
