"""A SIP peer on loopback for the tests of this room: an endpoint, and what it was told."""

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from softswitch.net.endpoint import Endpoint, EndpointConfig, ListenAddress
from softswitch.net.resolver import Dns, Naptr, Srv
from softswitch.sip.configuration import StackConfig
from softswitch.sip.events import Event, RequestReceived
from softswitch.sip.flow import Hop, Target, Transport
from softswitch.sip.message import Headers, Request, Response
from softswitch.sip.stack import Stack
from softswitch.sip.transaction import TimerConfig
from softswitch.sip.uri import parse_uri

E = TypeVar("E")
PATIENCE = 30.0
HOST = {4: "127.0.0.1", 6: "::1"}
_numbers = itertools.count(1)


def token() -> str:
    return f"t{next(_numbers)}x"


class Peer:
    """Answers every request with 200, unless `answer` says otherwise."""

    def __init__(self, *listen: ListenAddress, config: EndpointConfig, dns: Dns | None) -> None:
        self.events: list[Event] = []
        self.status = 200
        self.on_event: Callable[[Event], None] | None = None
        self._moved = asyncio.Event()
        stack = Stack(
            StackConfig(timers=TimerConfig(t1=0.02, t2=0.1, t4=0.1), sent_by=self._sent_by), token
        )
        self.endpoint = Endpoint(stack, list(listen), self._handle, config=config, dns=dns)

    def _sent_by(self, target: Target) -> tuple[str, int | None]:
        return self.endpoint.sent_by(target)

    def _handle(self, event: Event) -> None:
        self.events.append(event)
        self._moved.set()
        if self.on_event is not None:
            self.on_event(event)
        if isinstance(event, RequestReceived) and self.status:
            self.endpoint.send(Response.answering(event.request, self.status), event.key)

    def hop(self, transport: Transport) -> Hop:
        for kind, host, port in self.endpoint.listening:
            if kind is transport:
                return Hop(transport, host, port)
        raise LookupError(transport)

    async def wait(self, kind: type[E], count: int = 1) -> E:
        """The `count`th event of a kind."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = [event for event in self.events if isinstance(event, kind)]
                if len(found) >= count:
                    return found[count - 1]
                self._moved.clear()
                await self._moved.wait()


@asynccontextmanager
async def peer(
    *listen: ListenAddress, config: EndpointConfig | None = None, dns: Dns | None = None
) -> AsyncIterator[Peer]:
    """A started peer, closed afterwards."""
    made = Peer(*listen, config=config or EndpointConfig(), dns=dns or NoDns())
    await made.endpoint.start()
    try:
        yield made
    finally:
        await made.endpoint.close()


def udp(version: int = 4) -> ListenAddress:
    return ListenAddress(Transport.UDP, HOST[version], 0)


def tcp(version: int = 4) -> ListenAddress:
    return ListenAddress(Transport.TCP, HOST[version], 0)


def tls(version: int = 4) -> ListenAddress:
    return ListenAddress(Transport.TLS, HOST[version], 0, certificates()[0])


def request(method: str = "OPTIONS", uri: str = "sip:peer.example", body: bytes = b"") -> Request:
    headers = Headers()
    headers.add("Max-Forwards", "70")
    headers.add("From", f"<sip:tester@example.com>;tag={token()}")
    headers.add("To", f"<{uri}>")
    headers.add("Call-ID", token())
    headers.add("CSeq", f"1 {method}")
    headers.add("Contact", "<sip:tester@example.com>")
    return Request(method, parse_uri(uri), headers, body)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that tells nobody."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():  # noqa: ASYNC110  # there is no event to wait for
            await asyncio.sleep(0.005)


class NoDns:
    """Knows no name."""

    async def naptr(self, name: str) -> list[Naptr]:
        return []

    async def srv(self, name: str) -> list[Srv]:
        return []

    async def addresses(self, name: str) -> list[str]:
        return []


class ZoneDns(NoDns):
    """Knows what it was given, and what it was asked."""

    def __init__(
        self,
        naptr: dict[str, list[Naptr]] | None = None,
        srv: dict[str, list[Srv]] | None = None,
        addresses: dict[str, list[str]] | None = None,
    ) -> None:
        self._naptr, self._srv, self._addresses = naptr or {}, srv or {}, addresses or {}
        self.asked: list[str] = []

    async def naptr(self, name: str) -> list[Naptr]:
        self.asked.append(f"NAPTR {name}")
        return self._naptr.get(name, [])

    async def srv(self, name: str) -> list[Srv]:
        self.asked.append(f"SRV {name}")
        return self._srv.get(name, [])

    async def addresses(self, name: str) -> list[str]:
        self.asked.append(f"A {name}")
        return self._addresses.get(name, [])


@cache
def certificates() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a self-signed certificate, and a client's that trusts only it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "pbx.example")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("pbx.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pair.pem"
        path.write_bytes(private + pem)
        server.load_cert_chain(path)
    client = ssl.create_default_context(cadata=pem.decode())
    return server, client
