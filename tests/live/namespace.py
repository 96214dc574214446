"""A phone behind a router: a network namespace whose only way out is a translating relay.

Inside, the phone has the address 10.9.0.2 and announces it; nobody outside can reach that. The
server's ports are stood in for on the inner 127.0.0.1 by sockets of a relay, which passes each
packet on outside from a port of its own, one per inner source and server port (a symmetric NAT,
RFC 4787's "address and port-dependent mapping", filtered just as strictly).

The namespace lives as long as a holder process; nothing is left when that ends. Making one and
entering it with a thread needs root.
"""

import ctypes
import os
import select
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable
from typing import TypeVar

_CLONE_NEWNET = 0x40000000
_ADDRESS = "10.9.0.2"
_SCRIPT = f"ip link set lo up && ip address add {_ADDRESS}/32 dev lo && echo ready && exec cat"

Result = TypeVar("Result")


def why_not() -> str | None:
    """Why a namespace cannot be made here; None when it can."""
    missing = [tool for tool in ("unshare", "nsenter", "ip") if not shutil.which(tool)]
    if missing:
        return f"missing: {', '.join(missing)}"
    made = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True)
    return made.stderr.strip() or "not permitted" if made.returncode else None


class Namespace:
    """One network namespace with loopback and one private address."""

    def __init__(self, address: str = _ADDRESS) -> None:
        """`address`: of phones inside; another one than the private one is given by `plug`."""
        self.address = address
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", _SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout
        if self._holder.stdout.readline().strip() != b"ready":
            self.close()
            raise RuntimeError("the namespace did not come up")

    def __enter__(self) -> "Namespace":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def _path(self) -> str:
        return f"/proc/{self._holder.pid}/ns/net"

    def argv(self, argv: list[str]) -> list[str]:
        """The command line that runs a program inside."""
        return ["nsenter", f"--net={self._path}", "--", *argv]

    def inside(self, make: Callable[[], Result]) -> Result:
        """Call `make` in a thread inside; sockets that it makes stay in there."""
        outcome: list[Result] = []
        errors: list[BaseException] = []

        def enter() -> None:
            libc = ctypes.CDLL(None, use_errno=True)
            handle = os.open(self._path, os.O_RDONLY)
            try:
                if libc.setns(handle, _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
                outcome.append(make())
            except BaseException as error:
                errors.append(error)
            finally:
                os.close(handle)

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return outcome[0]

    def run(self, *argv: str) -> None:
        """A program inside, to its end, which must be a success."""
        done = subprocess.run(self.argv(list(argv)), capture_output=True, text=True, timeout=20)
        if done.returncode:
            raise RuntimeError(f"{' '.join(argv)}: {done.stderr}")

    def plug(self, other: "Namespace", here: str, there: str) -> None:
        """A cable between both: `eth0` on each side, with these addresses of one /24."""
        peer = ("peer", "name", "eth0", "netns", str(other._holder.pid))
        self.run("ip", "link", "add", "eth0", "type", "veth", *peer)
        for network, address in ((self, here), (other, there)):
            network.run("ip", "address", "add", f"{address}/24", "dev", "eth0")
            network.run("ip", "link", "set", "eth0", "up")

    def readdress(self, before: str, after: str) -> None:
        """Another lease: the old address is gone."""
        self.run("ip", "address", "del", f"{before}/24", "dev", "eth0")
        self.run("ip", "address", "add", f"{after}/24", "dev", "eth0")

    def connect(self, port: int) -> socket.socket:
        """A TCP connection to a program inside."""
        return self.inside(lambda: socket.create_connection((self.address, port), 1.0))

    def close(self) -> None:
        if self._holder.stdin:
            self._holder.stdin.close()
        if self._holder.stdout:
            self._holder.stdout.close()
        try:
            self._holder.wait(5)
        except subprocess.TimeoutExpired:
            self._holder.kill()
            self._holder.wait()


class Router:
    """The translating relay between a namespace and a server's UDP ports on `host`."""

    def __init__(self, network: Namespace, ports: list[int], host: str = "127.0.0.1") -> None:
        self._host, self._moves = host, threading.Event()
        self._inner = {network.inside(lambda p=port: _bound(p, host)): port for port in ports}
        self._outer: dict[tuple[tuple[str, int], int], socket.socket] = {}
        self._back: dict[socket.socket, tuple[socket.socket, tuple[str, int], int]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="router", daemon=True)
        self._thread.start()

    def __enter__(self) -> "Router":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def outside_ports(self, server_port: int) -> list[int]:
        """From which ports the server sees packets to one of its ports."""
        return [s.getsockname()[1] for (_, port), s in self._outer.items() if port == server_port]

    def rebind(self) -> None:
        """Forget every mapping, as a router that was restarted: what comes to the old ports is
        lost, and what goes out next has other ones."""
        self._moves.set()
        while self._moves.is_set():
            self._stop.wait(0.01)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(5)
        for sock in [*self._inner, *self._back]:
            sock.close()

    def _run(self) -> None:
        poll = select.epoll()
        sockets = {sock.fileno(): sock for sock in self._inner}
        for number in sockets:
            poll.register(number, select.EPOLLIN)
        while not self._stop.is_set():
            if self._moves.is_set():
                for number in [sock.fileno() for sock in self._back]:
                    poll.unregister(number)
                    sockets.pop(number).close()
                self._outer.clear()
                self._back.clear()
                self._moves.clear()
            for number, _ in poll.poll(0.1):
                new = self._pass_on(sockets[number])
                if new is not None:
                    sockets[new.fileno()] = new
                    poll.register(new.fileno(), select.EPOLLIN)
        poll.close()

    def _pass_on(self, sock: socket.socket) -> socket.socket | None:
        """Carry one packet; returns a socket that was made for it."""
        try:
            data, source = sock.recvfrom(65535)
        except OSError:
            return None
        if sock in self._back:
            inner, phone, port = self._back[sock]
            if source == (self._host, port):
                inner.sendto(data, phone)
            return None
        port = self._inner[sock]
        known = self._outer.get((source, port))
        outer = known or _bound(0)
        if known is None:
            self._outer[(source, port)] = outer
            self._back[outer] = (sock, source, port)
        outer.sendto(data, (self._host, port))
        return None if known else outer


def _bound(port: int, host: str = "127.0.0.1") -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((host, port))
    sock.setblocking(False)
    return sock
