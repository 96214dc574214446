"""A trunk over TLS, with real sockets: the certificate must name the server of the file."""

import asyncio
import random
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from softswitch.calls.dispatch import Dispatcher
from softswitch.calls.tokens import Tokens
from softswitch.net.endpoint import Endpoint, EndpointConfig, ListenAddress
from softswitch.net.resolver import Naptr, Srv
from softswitch.sip.events import Event, RequestReceived
from softswitch.sip.flow import Transport
from softswitch.sip.message import Response
from softswitch.sip.stack import Stack, StackConfig
from softswitch.trunks.alarms import Alarms, Recipients
from softswitch.trunks.keeper import TrunkKeeper
from softswitch.trunks.link import Ports
from softswitch.trunks.trunks import Trunks
from tests.live.certificates import make_certificates
from tests.softswitch.trunks.house import account

HOST = "127.0.0.1"


class Names:
    """Every name leads to this machine."""

    async def naptr(self, name: str) -> list[Naptr]:
        return []

    async def srv(self, name: str) -> list[Srv]:
        return []

    async def addresses(self, name: str) -> list[str]:
        return [HOST]


class Provider:
    """Takes every registration."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        listen = [ListenAddress(Transport.TLS, HOST, 0, tls)]
        self.registered: list[str] = []
        self.endpoint = Endpoint(Stack(StackConfig(), Tokens().token), listen, self.handle)

    def handle(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            if event.request.method == "REGISTER":
                self.registered.append(event.request.headers.get("Contact") or "")
            self.endpoint.send(Response.answering(event.request, 200, to_tag="p"), event.key)


@asynccontextmanager
async def registering(folder: Path, name: str) -> AsyncIterator[tuple[TrunkKeeper, Provider]]:
    """A keeper whose only trunk is at this name, where our provider answers."""
    files = make_certificates(folder)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(files.chain, files.key)
    provider = Provider(tls)
    dispatcher = Dispatcher(lambda event, status: None)
    trust = ssl.create_default_context(cafile=str(files.authority))
    ours = Endpoint(
        Stack(StackConfig(), Tokens().token),
        [ListenAddress(Transport.UDP, HOST, 0)],
        dispatcher.handle,
        config=EndpointConfig(client_tls=trust),
        dns=Names(),
    )
    await provider.endpoint.start()
    await ours.start()
    port = provider.endpoint.listening[0][2]
    trunks = Trunks(
        {"tls": account(server=f"{name}:{port}", transport="tls")},
        "PL",
        ours.locate,
        Tokens().token,
    )
    ports = Ports(ours, dispatcher, Tokens().token, random.random, time.monotonic)
    alarms = Alarms(lambda _: None, lambda: Recipients((), "", "pl"), time.monotonic)
    keeper = TrunkKeeper(trunks, ports, alarms, lambda: datetime.now(UTC))
    await trunks.refresh()
    keeper.use()
    work = asyncio.create_task(keeper.run())
    try:
        yield keeper, provider
    finally:
        work.cancel()
        await asyncio.wait([work])
        await keeper.close()
        await ours.close()
        await provider.endpoint.close()


def state(keeper: TrunkKeeper) -> str:
    return str(keeper.status(keeper.trunks.all)[0]["state"])


async def becomes(keeper: TrunkKeeper, wanted: str) -> None:
    async with asyncio.timeout(20):
        while state(keeper) != wanted:
            await asyncio.sleep(0.02)


async def test_the_server_is_who_the_file_says(tmp_path: Path) -> None:
    async with registering(tmp_path, "localhost") as (keeper, provider):
        await becomes(keeper, "registered")
        (contact,) = provider.registered
        assert contact.startswith("<sip:trunk-")


async def test_a_certificate_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    """No password goes to him."""
    async with registering(tmp_path, "sip.operator.example") as (keeper, provider):
        await becomes(keeper, "unregistered")
        assert provider.registered == [] and keeper.trunks.ways_out() == []
