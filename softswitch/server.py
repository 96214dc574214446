"""The wiring list: everything a running office consists of, made, started and stopped in order.

Nothing here decides anything about a call. What is opened is closed in the reverse order, whatever
happened in between: calls first (each gets its BYE and its last line), sockets and media, the store
last, so that no line of a story is lost.
"""

import asyncio
import secrets as randomness
import signal
import ssl
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from prometheus_client import start_http_server

from media.api import MediaClient, MediaSettings
from softswitch import metrics
from softswitch.apps.arrivals import Arrivals
from softswitch.apps.desk import FrontDesk
from softswitch.apps.gate import Gate
from softswitch.apps.registration import Registration
from softswitch.calls.dispatch import Dispatcher
from softswitch.calls.exchange import ALLOW, Exchange, new_token
from softswitch.calls.people import People
from softswitch.calls.sound import SoundDesk
from softswitch.log import get_logger
from softswitch.mail.sender import MailSender, SmtpSettings
from softswitch.net.endpoint import Endpoint, EndpointConfig, ListenAddress
from softswitch.office.loader import LoadedOffice
from softswitch.presence.room import Presence
from softswitch.registrar.persistence import PersistentBindings
from softswitch.registrar.registrar import Registrar, RegistrarConfig
from softswitch.reload import Reloader, Source
from softswitch.settings import Settings
from softswitch.sip.auth import DigestServer
from softswitch.sip.flow import Target, Transport
from softswitch.sip.message import Response
from softswitch.sip.stack import Event, RequestReceived, Stack, StackConfig
from softswitch.store.database import Database, StoreAlarm, StoreState
from softswitch.store.events import EventLog
from softswitch.store.outbox import Outbox
from softswitch.trunks.trunks import Trunks

_log = get_logger("server")

USER_AGENT = "softswitch"
# DNS of providers moves; a trunk is looked up again this often.
TRUNK_REFRESH = 60.0
EXPIRY_LOOK = 5.0


@dataclass(slots=True)
class Server:
    """A running office: what its owner may look at."""

    desk: FrontDesk
    arrivals: Arrivals
    endpoint: Endpoint
    registrar: Registrar
    presence: Presence

    async def use(self, office: LoadedOffice) -> None:
        """From the next call on, this version of the office; calls in progress keep theirs."""
        self.desk.office = office
        self.desk.prompts.clear()
        for key, room in self.desk.rooms.items():
            if key in office.office.queues:
                room.use(office.office.queues[key])
        self.arrivals.gate.secrets = office.secrets
        self.arrivals.trunks.use(office.office.trunks, office.office.country)
        await self.arrivals.trunks.refresh()
        self.presence.office_changed()

    def dump(self) -> dict[str, int]:
        """What calls hold; every figure is zero when no call is up and all transactions ended."""
        exchange = self.desk.exchange
        rooms = self.desk.rooms.values()
        return {
            "calls": len(self.arrivals.calls),
            "waiting": sum(len(room) for room in rooms),
            "talking": len(self.desk.talks),
            **exchange.dispatcher.dump(),
            **exchange.sounds.dump(),
            **self.endpoint.stack.dump(),
        }


async def serve(
    settings: Settings, source: Source, office: LoadedOffice, on_ready: Callable[[Server], None]
) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads `source` again.

    `office` was read from `source` and proved. Raises OSError when an address cannot be had.
    """
    stop, again = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)
    async with AsyncExitStack() as stack:
        server = await start(settings, office, stack)
        reloader = Reloader(source, settings.data, server.use)
        reloader.begin(office)
        stack.callback(reloader.end)
        _spawn(stack, "watch", reloader.watch())
        _spawn(stack, "reload", _reload_at(again, reloader))
        on_ready(server)
        _log.info("serving", office=office.office.office.name)
        await stop.wait()
        _log.info("stopping", calls=len(server.arrivals.calls))


async def _reload_at(again: asyncio.Event, reloader: Reloader) -> None:
    while True:
        await again.wait()
        again.clear()
        await reloader.reload("SIGHUP")


async def start(settings: Settings, office: LoadedOffice, stack: AsyncExitStack) -> Server:
    """Bring everything up; `stack` takes it down again."""
    database = Database(settings.database_url, settings.data, _store_alarm)
    await database.start()
    stack.push_async_callback(database.close)
    media = MediaClient()
    media_settings = MediaSettings(
        rtp_low=settings.rtp_low, rtp_high=settings.rtp_high, country=office.office.country
    )
    await media.start(media_settings)
    stack.push_async_callback(media.close)
    server = _wire(settings, office, database, media)
    _spawn(stack, "media", server.desk.exchange.sounds.keep_worker(media_settings))
    await server.endpoint.start()
    stack.push_async_callback(server.endpoint.close)
    stack.push_async_callback(server.arrivals.close)
    await server.arrivals.trunks.refresh()
    _spawn(stack, "trunks", _refresh_trunks(server.arrivals.trunks))
    _spawn(stack, "expiry", _expire_bindings(server.registrar))
    _spawn(stack, "presence", server.presence.run(database.flush))
    _start_mail(settings, server.desk.outbox, stack)
    if settings.metrics_port is not None:
        httpd, _ = start_http_server(settings.metrics_port, settings.metrics_host)
        stack.callback(httpd.shutdown)
    return server


def _wire(
    settings: Settings, office: LoadedOffice, database: Database, media: MediaClient
) -> Server:
    """Make the rooms and hand each what it needs. The one list of the house."""
    sounds = SoundDesk(media)
    dispatcher = Dispatcher(lambda event, status: _reply(endpoint, event, status))
    endpoint = _endpoint(settings, dispatcher.handle)
    registrar = Registrar(
        PersistentBindings(database.bindings),
        RegistrarConfig(is_alive=lambda flow: endpoint.is_alive(flow)),
    )
    registrar.restore(time.time())
    events = EventLog(database)
    exchange = Exchange(
        settings, endpoint, sounds, registrar, events, dispatcher, People(time.monotonic)
    )
    digest = DigestServer(settings.realm, randomness.token_bytes(32), allow_without_qop=True)
    gate = Gate(exchange, digest, office.secrets)
    trunks = Trunks(office.office.trunks, office.office.country, endpoint.locate)
    desk = FrontDesk(
        exchange, office, {}, database.messages, database.outbox, settings.data, trunks
    )
    arrivals = Arrivals(desk, gate, trunks, {})
    registration = Registration(exchange, gate)
    presence = _presence(exchange, desk, gate, database)
    dispatcher.handlers = {
        "INVITE": arrivals.invite,
        "REGISTER": registration.register,
        "OPTIONS": registration.options,
        "SUBSCRIBE": presence.subscribe,
    }
    return Server(desk, arrivals, endpoint, registrar, presence)


def _presence(exchange: Exchange, desk: FrontDesk, gate: Gate, database: Database) -> Presence:
    """The lamps, and what they are fed from."""
    presence = Presence(
        exchange.endpoint,
        exchange.dispatcher,
        exchange.registrar,
        database.subscriptions,
        database.messages,
        lambda: desk.office.office,
        gate.admit,
        exchange.token,
    )
    exchange.events.subscribe(presence.see)
    exchange.people.observers.append(presence.person_changed)
    presence.restore()
    return presence


def _endpoint(settings: Settings, handler: Callable[[Event], None]) -> Endpoint:
    endpoint: Endpoint

    def sent_by(target: Target) -> tuple[str, int | None]:
        return endpoint.sent_by(target)

    config = StackConfig(methods=tuple(ALLOW.split(", ")), user_agent=USER_AGENT, sent_by=sent_by)
    endpoint = Endpoint(
        Stack(config, new_token),
        _listeners(settings),
        handler,
        config=EndpointConfig(public_address=settings.public_address),
    )
    return endpoint


def _store_alarm(alarm: StoreAlarm) -> None:
    """The telephones go on; somebody must look at the disk."""
    metrics.store_lost.set(alarm.lost)
    tell = _log.info if alarm.state is StoreState.DATABASE else _log.error
    tell("the store", state=alarm.state.value, detail=alarm.detail, lost=alarm.lost)


def _listeners(settings: Settings) -> list[ListenAddress]:
    host, listeners = settings.sip_host, []
    if settings.sip_udp_port is not None:
        listeners.append(ListenAddress(Transport.UDP, host, settings.sip_udp_port))
    if settings.sip_tcp_port is not None:
        listeners.append(ListenAddress(Transport.TCP, host, settings.sip_tcp_port))
    if settings.tls_certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(settings.tls_certificate, settings.tls_key)
        listeners.append(ListenAddress(Transport.TLS, host, settings.sip_tls_port, context))
    return listeners


def _reply(endpoint: Endpoint, event: RequestReceived, status: int) -> None:
    endpoint.send(Response.answering(event.request, status, to_tag=new_token()), event.key)


def _spawn(stack: AsyncExitStack, name: str, work: Coroutine[Any, Any, None]) -> None:
    """A task that lives as long as the server."""
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait([task])

    stack.push_async_callback(end)


async def _refresh_trunks(trunks: Trunks) -> None:
    while True:
        await asyncio.sleep(TRUNK_REFRESH)
        await trunks.refresh()


async def _expire_bindings(registrar: Registrar) -> None:
    while True:
        await asyncio.sleep(EXPIRY_LOOK)
        for binding in registrar.expire(time.time()):
            _log.info("registration expired", user=binding.extension, agent=binding.user_agent)


def _start_mail(settings: Settings, outbox: Outbox, stack: AsyncExitStack) -> None:
    if settings.smtp_host is None:
        _log.warning("no mail server is set: messages are kept, mails wait (SOFTSWITCH_SMTP_HOST)")
        return
    password = settings.smtp_password
    smtp = SmtpSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security.value,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        sender=settings.smtp_sender,
    )
    sender = MailSender(outbox, smtp)
    _spawn(stack, "mail", sender.run())
