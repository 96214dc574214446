"""An event loop whose clock jumps to the next timer, and a network inside the process.

Everything comes out the same each time: chance is seeded too (a token decides which of two things
that are due in one moment comes first, and a story that failed must fail again).

Nothing waits: 32 seconds of RFC timers, or a client on hold for three minutes, pass in the time
that the code between them takes. `time.time` and `time.monotonic` follow while `virtual_time`
lasts. Nothing in such a loop may touch a socket, a thread or a child process: datagrams go through
`VirtualNetwork`, where `fate` says how many copies of each arrive.
"""

import asyncio
import random
import secrets
import selectors
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

Address = tuple[str, int]

HOST = "127.0.0.1"
LATENCY, GRAIN = 0.002, 1e-8
BEGINNING = 1_790_000_000.0
FIRST_PORT = 20_000
DEFAULT_BYTES = 32  # of `secrets`


class NothingHappens(Exception):
    """Somebody waits, and no timer is set that could ever wake him."""


class _Selector(selectors.BaseSelector):
    """Its only file is the loop's own pipe; to wait is to move the clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(
        self, fileobj: Any, events: int, data: Any = None
    ) -> selectors.SelectorKey:  # asyncio registers its pipe
        number = fileobj if isinstance(fileobj, int) else fileobj.fileno()
        key = selectors.SelectorKey(fileobj, number, events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise NothingHappens
        self.now += max(timeout, 0.0)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys


class VirtualNetwork:
    """UDP between ports of one host."""

    def __init__(self) -> None:
        self.sockets: dict[Address, Callable[[bytes, Address], None]] = {}
        self.fate: Callable[[bytes, Address, Address], int] = lambda _data, _from, _to: 1
        self.lag: Callable[[], float] = lambda: 0.0  # what overtakes is what lags less
        self._ports = FIRST_PORT
        self._sent = 0

    def bind(self, wanted: Address, receive: Callable[[bytes, Address], None]) -> Address:
        host, port = wanted
        if not port:
            self._ports += 2
            port = self._ports
        assert (host, port) not in self.sockets, f"{port} is taken"
        self.sockets[host, port] = receive
        return host, port

    def send(self, data: bytes, source: Address, target: Address) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self.fate(data, source, target)):
            # Of two timers for one moment either may come first; packets keep their order.
            self._sent += 1
            delay = LATENCY + self._sent * GRAIN + self.lag()
            loop.call_later(delay, self._arrive, data, source, target)

    def _arrive(self, data: bytes, source: Address, target: Address) -> None:
        receive = self.sockets.get(target)
        if receive is not None:
            receive(data, source)


class _Transport(asyncio.DatagramTransport):
    def __init__(self, network: VirtualNetwork, protocol: Any, local: Address) -> None:
        super().__init__()
        self._network = network
        self.address = network.bind(local, protocol.datagram_received)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.address if name == "sockname" else default

    def sendto(self, data: Any, addr: Any = None) -> None:
        self._network.send(bytes(data), self.address, addr)

    def close(self) -> None:
        self._network.sockets.pop(self.address, None)

    def is_closing(self) -> bool:
        return self.address not in self._network.sockets


class VirtualLoop(asyncio.SelectorEventLoop):
    """See the module's docstring."""

    def __init__(self) -> None:
        self.clock = _Selector()
        self.network = VirtualNetwork()
        super().__init__(self.clock)

    def time(self) -> float:
        return self.clock.now

    async def create_datagram_endpoint(  # type: ignore[override]
        self, protocol_factory: Callable[[], Any], local_addr: Address, **_: Any
    ) -> tuple[_Transport, Any]:
        protocol = protocol_factory()
        transport = _Transport(self.network, protocol, local_addr)
        if hasattr(protocol, "connection_made"):
            protocol.connection_made(transport)
        return transport, protocol

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """What a thread would do is done at once."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def pass_time(self, seconds: float) -> None:
        """Everything that is due within so many seconds happens."""
        self.run_until_complete(asyncio.sleep(seconds))


@contextmanager
def virtual_time() -> Iterator[VirtualLoop]:
    """A loop of its own, and clocks that follow it."""
    loop = VirtualLoop()
    asyncio.set_event_loop(loop)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "monotonic", lambda: loop.clock.now)
        patch.setattr(time, "time", lambda: BEGINNING + loop.clock.now)
        _seed(patch, random.Random(0))
        try:
            yield loop
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def _seed(patch: pytest.MonkeyPatch, chance: random.Random) -> None:
    def token_bytes(number: int | None = None) -> bytes:
        return chance.randbytes(DEFAULT_BYTES if number is None else number)

    patch.setattr(random, "random", chance.random)
    patch.setattr(secrets, "token_bytes", token_bytes)
    patch.setattr(secrets, "token_hex", lambda number=None: token_bytes(number).hex())
    patch.setattr(secrets, "randbits", chance.getrandbits)
