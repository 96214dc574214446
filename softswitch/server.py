"""The wiring list: everything a running office consists of, made, started and stopped in order.

Nothing here decides anything about a call. What is opened is closed in the reverse order, whatever
happened in between: calls first (each gets its BYE and its last line), sockets and media, the store
last, so that no line of a story is lost.
"""

import asyncio
import gc
import random
import secrets as randomness
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from prometheus_client import start_http_server

from media.api import MediaClient, MediaSettings
from softswitch import metrics
from softswitch.apps.arrivals import Arrivals
from softswitch.apps.callbacks.room import CallbackRoom
from softswitch.apps.callbacks.watch import CallbackWatch
from softswitch.apps.commanded import verbs
from softswitch.apps.desk import FrontDesk
from softswitch.apps.gate import Gate
from softswitch.apps.registration import Registration
from softswitch.apps.texting.desk import Texting
from softswitch.calls.dispatch import Dispatcher
from softswitch.calls.exchange import ALLOW, Exchange, new_token
from softswitch.calls.people import People
from softswitch.calls.sound import SoundDesk
from softswitch.calls.standing import Standing
from softswitch.calls.strays import Strays
from softswitch.calls.switches import Switches
from softswitch.control import Control
from softswitch.defence.limits import House
from softswitch.defence.watch import watch_over
from softswitch.guard.guard import Guard
from softswitch.listening import listeners, websocket_policy
from softswitch.log import get_logger
from softswitch.mailing import send_mails
from softswitch.net.endpoint import Endpoint, EndpointConfig
from softswitch.office.loader import LoadedOffice
from softswitch.phones import ask_phones, expire_bindings
from softswitch.presence.room import EVENTS, Presence
from softswitch.registrar.persistence import PersistentBindings
from softswitch.registrar.registrar import Registrar, RegistrarConfig
from softswitch.reload import Reloader, Source
from softswitch.settings import Settings
from softswitch.sip.auth import DigestServer
from softswitch.sip.flow import Flow, Target
from softswitch.sip.message import Response
from softswitch.sip.stack import Event, RequestReceived, Stack, StackConfig
from softswitch.store.database import Database, StoreAlarm, StoreState
from softswitch.store.events import EventLog
from softswitch.trace.keeper import Bounds, Keeper
from softswitch.trace.recorder import Recorder
from softswitch.trunks.alarms import Alarms, Recipients
from softswitch.trunks.keeper import TrunkKeeper
from softswitch.trunks.link import Ports
from softswitch.trunks.trunks import Trunks

_log = get_logger("server")

USER_AGENT = "softswitch"
STANDING_LOOK = 1.0


@dataclass(slots=True)
class Server:
    """A running office: what its owner may look at."""

    desk: FrontDesk
    arrivals: Arrivals
    endpoint: Endpoint
    registrar: Registrar
    presence: Presence
    texting: Texting
    keeper: TrunkKeeper

    async def use(self, office: LoadedOffice) -> None:
        """From the next call on, this version of the office; calls in progress keep theirs."""
        self.desk.office = office
        self.desk.prompts.clear()
        for key, room in self.desk.rooms.items():
            if key in office.office.queues:
                room.use(office.office.queues[key])
        self.arrivals.gate.secrets = office.secrets
        self.arrivals.gate.guard.forgive()
        self.arrivals.trunks.use(office.office.trunks, office.office.country)
        await self.arrivals.trunks.refresh()
        self.keeper.use()
        self.arrivals.gate.guard.sources.use_servers(self.arrivals.trunks.servers())
        self.presence.office_changed()
        self.desk.standing.tick()
        self.desk.switches.tick()

    def dump(self) -> dict[str, int]:
        """What calls hold; every figure is zero when no call is up and all transactions ended."""
        exchange = self.desk.exchange
        rooms = self.desk.rooms.values()
        return {
            "calls": len(self.arrivals.calls),
            "waiting": sum(len(room) for room in rooms),
            "talking": len(self.desk.talks),
            "conferring": sum(len(room) for room in self.desk.conferences.values()),
            "late answers": len(self.arrivals.gate.late),
            **self.desk.callbacks.dump(),
            **exchange.ringing.dump(),
            **self.desk.parking.dump(),
            **self.arrivals.trunks.dump(),
            **exchange.dispatcher.dump(),
            **exchange.sounds.dump(),
            **self.texting.dump(),
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
        # What is there now stays: the collector need not walk it again at each round of calls
        # (0.2 ms of 2 a call, and half of its longest pause).
        gc.collect()
        gc.freeze()
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
    _keep_trace(settings, server, database, stack)
    _spawn(stack, "media", server.desk.exchange.sounds.keep_worker(media_settings))
    await _keep_callbacks(server.desk, database, stack)
    await server.endpoint.start()
    stack.push_async_callback(server.endpoint.close)
    stack.push_async_callback(server.keeper.close)
    stack.push_async_callback(server.desk.webhooks.close)
    stack.push_async_callback(server.texting.close)
    stack.push_async_callback(server.arrivals.close)
    await server.arrivals.trunks.refresh()
    server.keeper.use()
    house = House(settings, database, server.endpoint, server.arrivals, server.presence,
                  server.texting)  # fmt: skip
    stack.callback(server.arrivals.gate.late.close)
    _spawn(stack, "defence", watch_over(house).run())
    _spawn(stack, "trunks", server.keeper.run())
    _spawn(stack, "trunk addresses", server.keeper.look_up())
    _spawn(stack, "expiry", expire_bindings(server.registrar))
    _spawn(stack, "keepalive", ask_phones(server.desk.exchange, server.texting.phone_came))
    _spawn(stack, "standing", _end_what_is_over(server.desk))
    _spawn(stack, "texts", server.texting.run())
    _spawn(stack, "presence", server.presence.run(database.flush))
    _spawn(stack, "mail", send_mails(settings, server.desk.outbox))
    await stack.enter_async_context(Control(settings.data, verbs(server.desk, server.keeper)))
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
    guard = Guard(settings.spared.replace(",", " ").split())
    endpoint = _endpoint(settings, dispatcher.handle, guard)
    registrar = _registrar(settings, database, endpoint)
    events = EventLog(database)
    exchange = Exchange(
        settings, endpoint, sounds, registrar, events, dispatcher, People(time.monotonic)
    )
    digest = DigestServer(settings.realm, randomness.token_bytes(32), allow_without_qop=True)
    gate = Gate(exchange, digest, office.secrets, guard=guard)
    desk = _desk(settings, office, database, exchange)
    arrivals = Arrivals(desk, gate, desk.trunks, {})
    registration = Registration(exchange, gate)
    strays = Strays(exchange, EVENTS)
    presence = _presence(exchange, desk, gate, database)
    texting = Texting(desk, gate, database.texts)
    registration.on_registered = texting.phone_came
    dispatcher.handlers = {
        "INVITE": arrivals.invite,
        "REGISTER": registration.register,
        "OPTIONS": registration.options,
        "SUBSCRIBE": presence.subscribe,
        "MESSAGE": texting.message,
        "NOTIFY": strays.notify,
        "REFER": strays.refer,
    }
    keeper = _keeper(desk)
    endpoint.on_flow_lost = partial(_flow_lost, registrar, keeper)
    return Server(desk, arrivals, endpoint, registrar, presence, texting, keeper)


def _flow_lost(registrar: Registrar, keeper: TrunkKeeper, flow: Flow) -> None:
    """A connection ended, a phone's or a provider's."""
    registrar.flow_lost(flow)
    keeper.flow_lost(flow)


def _keeper(desk: FrontDesk) -> TrunkKeeper:
    """Who keeps the trunks registered, and whom he tells of trouble."""
    exchange = desk.exchange

    def recipients() -> Recipients:
        office = desk.office.office
        return Recipients(office.alarms, office.office.name, office.office.language)

    endpoint, owners = exchange.endpoint, exchange.dispatcher
    ports = Ports(endpoint, owners, new_token, random.random, time.monotonic)
    alarms = Alarms(desk.outbox.add, recipients, time.monotonic)
    return TrunkKeeper(desk.trunks, ports, alarms, exchange.clock)


def _desk(
    settings: Settings, office: LoadedOffice, database: Database, exchange: Exchange
) -> FrontDesk:
    """The front desk, and what is set at it for a while."""
    trunks = Trunks(
        office.office.trunks,
        office.office.country,
        exchange.endpoint.locate,
        new_token,
        time.monotonic,
    )
    standing = Standing(database.standing, lambda: desk.office.office, exchange.clock)
    switches = Switches(database.switches, lambda: desk.office.office, exchange.clock)
    desk = FrontDesk(
        exchange,
        office,
        {},
        database.messages,
        database.outbox,
        settings.data,
        trunks,
        standing,
        switches,
        CallbackRoom(exchange, lambda: desk.office, database.callbacks, database.outbox),
    )
    return desk


def _registrar(settings: Settings, database: Database, endpoint: Endpoint) -> Registrar:
    """Who is where, and what the endpoint asks of it."""
    registrar = Registrar(
        PersistentBindings(database.bindings),
        RegistrarConfig(contacts=settings.sip_contacts, is_alive=lambda f: endpoint.is_alive(f)),
    )
    registrar.restore(time.time())
    endpoint.on_flow_lost = registrar.flow_lost
    endpoint.find_flow = lambda uri: registrar.find_flow(uri, time.time())
    return registrar


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
    exchange.events.subscribe(desk.callbacks.see)
    desk.callbacks.observers.append(presence.callbacks_changed)
    desk.standing.observers.append(presence.standing_changed)
    desk.parking.on_change = presence.slot_changed
    desk.lamps = presence.lamps
    desk.switches.observers.append(presence.hand_switch_changed)
    desk.standing.tick()
    desk.switches.tick()
    presence.restore()
    return presence


def _endpoint(settings: Settings, handler: Callable[[Event], None], guard: Guard) -> Endpoint:
    endpoint: Endpoint

    def sent_by(target: Target) -> tuple[str, int | None]:
        return endpoint.sent_by(target)

    config = StackConfig(
        methods=tuple(ALLOW.split(", ")),
        user_agent=USER_AGENT,
        sent_by=sent_by,
        refuses=guard.refuses,
    )
    endpoint = Endpoint(
        Stack(config, new_token),
        listeners(settings),
        handler,
        config=EndpointConfig(
            public_address=settings.public_address,
            websockets=websocket_policy(settings),
            doorkeeper=guard,
        ),
    )
    return endpoint


def _keep_trace(
    settings: Settings, server: Server, database: Database, stack: AsyncExitStack
) -> None:
    """Calls' SIP messages go to the store; switched off, what was kept before is thrown away."""
    bounds = Bounds(settings.trace_days, settings.trace_megabytes * 1_000_000)
    recorder = Recorder(time.time)
    keeper = Keeper(recorder, database.traces, bounds, time.time, lambda: database.has_room)
    if not bounds.is_off:
        server.endpoint.witness = server.desk.exchange.trace = recorder
    _spawn(stack, "trace", keeper.run())


async def _keep_callbacks(desk: FrontDesk, database: Database, stack: AsyncExitStack) -> None:
    """The list is what the log says before the first call comes."""
    watch = CallbackWatch(desk, desk.callbacks, database)
    await watch.begin()
    _spawn(stack, "callbacks", watch.run())


def _store_alarm(alarm: StoreAlarm) -> None:
    """The telephones go on; somebody must look at the disk."""
    metrics.store_lost.set(alarm.lost)
    tell = _log.info if alarm.state is StoreState.DATABASE else _log.error
    tell("the store", state=alarm.state.value, detail=alarm.detail, lost=alarm.lost)


def _reply(endpoint: Endpoint, event: RequestReceived, status: int) -> None:
    endpoint.send(Response.answering(event.request, status, to_tag=new_token()), event.key)


def _spawn(stack: AsyncExitStack, name: str, work: Coroutine[Any, Any, None]) -> None:
    """A task that lives as long as the server."""
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait([task])

    stack.push_async_callback(end)


async def _end_what_is_over(desk: FrontDesk) -> None:
    """What people set for a while ends by itself; this tells the lamps."""
    while True:
        await asyncio.sleep(STANDING_LOOK)
        desk.standing.tick()
        desk.switches.tick()
