"""The whole server in virtual time: real wiring, real SIP, no sockets, no sound, no disk.

    with virtual_office() as office:
        office.do(some_coroutine())
        office.loop.pass_time(180)

Phones are those of `hand_phone`. `office.media` tells who hears whom.
"""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Executable

from softswitch import wiring
from softswitch.calls import exchange
from softswitch.net import endpoint
from softswitch.net.udp import Receive, Unreachable
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office.secrets import write_secret
from softswitch.settings import Settings
from softswitch.sip.flow import Flow, Transport
from softswitch.store.database import Database
from softswitch.store.event import Event
from softswitch.store.fold import CallRow, fold
from softswitch.store.operations import Value
from tests.helpers.hand_phone import Phone
from tests.helpers.office_in_process import AT_ONCE, OFFICE, PASSWORD, PEOPLE
from tests.helpers.virtual_media import VirtualMedia
from tests.helpers.virtual_time import BEGINNING, HOST, Address, VirtualLoop, virtual_time

T = TypeVar("T")

SIP, TRUNK = (HOST, 5060), (HOST, 5090)
PROVIDER = "+48600100200"
# Transactions linger 32 s (RFC 3261 17.1.1.2), the ones that answered a 2xx as long again.
LINGER = 70.0


class _Database(Database):
    """Takes everything, remembers nothing."""

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def put(self, operation: str, values: tuple[Value, ...]) -> None:
        pass

    async def flush(self) -> bool:
        return True

    async def read(self, query: Executable) -> Sequence[Any]:
        return []


class _Socket:
    """In the place of `UdpSocket`."""

    is_ipv6 = False
    dropped = 0

    def __init__(self, host: str, port: int, receive: Receive, unreachable: Unreachable) -> None:
        self._receive, self._network = receive, _loop().network
        self.address = self._network.bind((host, port), self._received)

    def open(self) -> None:
        pass

    def close(self) -> None:
        self._network.sockets.pop(self.address, None)

    def send(self, data: bytes, remote: Address) -> bool:
        self._network.send(data, self.address, remote)
        return True

    def _received(self, data: bytes, remote: Address) -> None:
        self._receive(data, Flow(Transport.UDP, self.address, remote))


class _Datetime(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_Datetime":
        return cls.fromtimestamp(BEGINNING + _loop().time(), tz or UTC)


def _loop() -> VirtualLoop:
    loop = asyncio.get_event_loop_policy().get_event_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


_FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


@cache
def loaded(more: str, old: str = "", new: str = "") -> LoadedOffice:
    """Reading and proving an office costs more than most of what is done in it."""
    _FOLDERS.append(tempfile.TemporaryDirectory(prefix="office"))  # gone with the process
    folder = Path(_FOLDERS[-1].name)
    text = OFFICE.replace("TRUNK", f"{TRUNK[0]}:{TRUNK[1]}")
    assert old in text, old
    text = (text.replace(old, new, 1) if old else text) + more
    (folder / "prompts").mkdir()
    (folder / "office.yaml").write_text(text)
    for extension in PEOPLE:
        write_secret(folder / "secrets.yaml", extension, "softswitch", PASSWORD.format(extension))
    return load_office(folder / "office.yaml")


class VirtualOffice:
    """A running office, and its phones."""

    def __init__(
        self,
        loop: VirtualLoop,
        folder: Path,
        more: str,
        media: VirtualMedia | None = None,
        old: str = "",
        new: str = "",
    ) -> None:
        self.loop = loop
        self.media = media or VirtualMedia()
        self.events: list[Event] = []
        self._phones = AsyncExitStack()
        settings = Settings(data=folder, sip_host=HOST, sip_udp_port=SIP[1], sip_tcp_port=None)
        database = _Database("sqlite+aiosqlite://", folder)
        self.server = wiring.wire(settings, loaded(more, old, new), database, self.media)  # type: ignore[arg-type]
        self.server.desk.exchange.events.subscribe(self.events.append)
        self._lamps: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.server.endpoint.start()
        await self.server.arrivals.trunks.refresh()
        self._lamps = asyncio.create_task(self._look_at_lamps())

    async def stop(self) -> None:
        await self._phones.aclose()
        await self.server.arrivals.close()
        await self.server.promises.close()
        if self._lamps is not None:
            self._lamps.cancel()
            await asyncio.wait([self._lamps])
        await self.server.endpoint.close()

    async def _look_at_lamps(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self.server.presence.lamps.reconcile()

    # --- what a test does ---

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    async def phone(self, extension: str) -> Phone:
        """A registered phone."""
        phone = Phone(extension, SIP, PASSWORD.format(extension))
        await self._phones.enter_async_context(phone)
        await phone.register(3600)
        return phone

    async def provider(self, port: int = TRUNK[1]) -> Phone:
        phone = Phone(PROVIDER, SIP, port=port)
        return await self._phones.enter_async_context(phone)

    async def until(self, check: Callable[[], Any], what: str, seconds: float = 60.0) -> None:
        end = self.loop.time() + seconds
        while not check():
            assert self.loop.time() < end, f"{what}: {self.left()}; {self.kinds()}"
            await asyncio.sleep(0.01)

    # --- what it sees ---

    def left(self) -> dict[str, int]:
        """What calls still hold."""
        dump = self.server.dump()
        return {name: n for name, n in dump.items() if name in AT_ONCE and n}

    def calls(self) -> list[str]:
        return [event.call for event in self.events if event.kind == "call.started"]

    def story(self, call: str) -> list[Event]:
        return [event for event in self.events if event.call == call]

    def kinds(self, call: str | None = None) -> list[str]:
        calls = self.calls()
        return [event.kind for event in self.story(call or calls[-1])] if calls else []

    def row(self, call: str | None = None) -> CallRow:
        return fold(self.story(call or self.calls()[-1]))

    def leg_of(self, call: Any) -> int:
        """The row in the media engine of a phone's call."""
        (found,) = self._legs_of(call)
        return found

    def _legs_of(self, call: Any) -> list[int]:
        tags = call.tag, call.invite.get("From").partition("tag=")[2]
        return [
            leg.sound.leg
            for dialog, leg in self.server.desk.exchange.dispatcher._dialogs.items()
            if dialog.call_id == call.invite.get("Call-ID") and dialog.remote_tag in tags
        ]

    def hears(self, one: Any, other: Any) -> bool:
        """Do these two calls of phones hear each other, and nobody else?"""
        legs = [*self._legs_of(one), *self._legs_of(other)]
        if len(legs) != 2:
            return False
        here, there = legs
        return self.media.heard_by(here) == [there] and self.media.heard_by(there) == [here]

    def music_for(self, call: Any) -> bool:
        return self.media.legs[self.leg_of(call)].music is not None

    def check_calm(self) -> None:
        """Nothing of any call is left, at last not even a lingering transaction."""
        self.loop.pass_time(2.0)
        assert not self.left(), f"{self.left()}: {self.kinds()}"
        busy = self.server.desk.exchange.people.busy()
        assert not busy, f"still busy: {busy}"
        assert not self.server.desk.conversations and not self.server.desk.talks
        assert not self.media.bridges and not self.media.legs
        lamps = self.server.presence.lamps.dump()
        assert not any(lamps.values()), lamps
        assert not self.media.mistakes, self.media.mistakes


Office = TypeVar("Office", bound=VirtualOffice)


@contextmanager
def virtual_office(
    more: str = "", make: Callable[[VirtualLoop, Path, str], Office] = VirtualOffice
) -> Iterator[Office]:
    """`more`: sections of the office file beside those of `office_in_process`."""
    with (
        virtual_time() as loop,
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(endpoint, "UdpSocket", _Socket)
        patch.setattr(wiring, "Endpoint", partial(endpoint.Endpoint, clock=loop.time))
        patch.setattr(exchange, "datetime", _Datetime)
        office = make(loop, Path(folder), more)
        office.do(office.start())
        try:
            yield office
        finally:
            office.do(office.stop())
