"""Everything a running office consists of (`wiring`), started and stopped in order.

Nothing here decides anything about a call. What is opened is closed in the reverse order, whatever
happened in between: calls first (each gets its BYE and its last line), sockets and media, the store
last, so that no line of a story is lost.
"""

import asyncio
import gc
import signal
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from prometheus_client import start_http_server

from media.api import MediaClient, MediaSettings
from softswitch import metrics
from softswitch.apps.alarm_recall import recall_alarms
from softswitch.apps.callbacks.watch import CallbackWatch
from softswitch.apps.commanded import verbs
from softswitch.apps.desk import FrontDesk
from softswitch.apps.queue.recall import recall_places, recall_queues
from softswitch.apps.queue.report import measure
from softswitch.apps.recent import LOOK_BACK, MOST_NUMBERS
from softswitch.apps.reports import ReportClerk
from softswitch.apps.spending.memory import recall_today
from softswitch.calls.moving import Moves
from softswitch.control import Control
from softswitch.defence.limits import House
from softswitch.defence.watch import watch_over
from softswitch.log import get_logger
from softswitch.mailing import send_mails
from softswitch.office.loader import LoadedOffice
from softswitch.office_files import Source
from softswitch.phones import ask_phones, expire_bindings
from softswitch.reload import Reloader
from softswitch.reloading import reloading_verbs, signs
from softswitch.settings import Settings
from softswitch.store.database import Database, StoreAlarm, StoreError, StoreState
from softswitch.store.history import CallFilter
from softswitch.trace.keeper import Bounds, Keeper
from softswitch.trace.recorder import Recorder
from softswitch.versions import Note
from softswitch.wiring import Server, priority_now, wire

_log = get_logger("server")

STANDING_LOOK = 1.0
# New containers before the collector looks at them, and its rounds before it looks at older ones. A
# call is some 250, and what it leaves in circles is found in the round after its end; with Python's
# 700 each round walked calls that were up (5.5 % of the CPU of calls that come and go, now 3).
COLLECTING = (5_000, 4, 10)


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
        reloader = Reloader(source, settings.data, server.use, signs(settings, server))
        reloader.begin(office)
        stack.callback(reloader.end)
        server.commands.update(reloading_verbs(reloader))
        _spawn(stack, "trial", reloader.look_after())
        _spawn(stack, "watch", reloader.watch())
        _spawn(stack, "reload", _reload_at(again, reloader))
        # What is there now stays: the collector need not walk it again at each round of calls
        # (0.2 ms of 2 a call, and half of its longest pause).
        gc.collect()
        gc.freeze()
        gc.set_threshold(*COLLECTING)
        gc.enable()
        on_ready(server)
        _log.info("serving", office=office.office.office.name)
        await stop.wait()
        _log.info("stopping", calls=len(server.arrivals.calls))


async def _reload_at(again: asyncio.Event, reloader: Reloader) -> None:
    while True:
        await again.wait()
        again.clear()
        await reloader.reload(Note("SIGHUP"))


def _media_settings(settings: Settings, office: LoadedOffice) -> MediaSettings:
    return MediaSettings(
        rtp_low=settings.rtp_low,
        rtp_high=settings.rtp_high,
        workers=settings.media_workers,
        spare=settings.media_spare,
        country=office.office.country,
        native=settings.media_native,
        native_cache=str(settings.media_native_cache or ""),
    )


async def start(settings: Settings, office: LoadedOffice, stack: AsyncExitStack) -> Server:
    """Bring everything up; `stack` takes it down again."""
    database = Database(settings.database_url, settings.data, _store_alarm)
    await database.start()
    stack.push_async_callback(database.close)
    media = MediaClient()
    await media.start(_media_settings(settings, office))
    stack.push_async_callback(media.close)
    server = wire(settings, office, database, media)
    _keep_trace(settings, server, database, stack)
    await _catch_up(server.desk, database, stack)
    await server.endpoint.start()
    stack.push_async_callback(server.endpoint.close)
    stack.push_async_callback(server.keeper.close)
    _close_rooms(server, stack)
    server.desk.sounds.use(office.office, office.folder)
    await server.arrivals.trunks.refresh()
    server.keeper.use()
    priorities = partial(priority_now, office.graph)
    await recall_places(server.promises, server.desk, database, priorities)
    await recall_alarms(server.desk, database)
    house = House(settings, database, server.endpoint, server.arrivals, server.presence,
                  server.texting)  # fmt: skip
    stack.callback(server.arrivals.gate.late.close)
    _spawn(stack, "defence", watch_over(house).run())
    _spawn(stack, "trunks", server.keeper.run())
    _spawn(stack, "trunk addresses", server.keeper.look_up())
    _spawn(stack, "own addresses", Moves(server.desk.exchange, server.keeper).run())
    _watch_phones(server, stack)
    _spawn(stack, "standing", _end_what_is_over(server.desk))
    _spawn(stack, "texts", server.texting.run())
    _spawn(stack, "presence", server.presence.run(database.flush))
    _spawn(stack, "reports", ReportClerk(server.desk, database.history).run())
    _spawn(stack, "mail", send_mails(settings, server.desk.outbox))
    server.commands.update(verbs(server.desk, server.keeper, server.clicks))
    await stack.enter_async_context(Control(settings.data, server.commands))
    if settings.metrics_port is not None:
        httpd, _ = start_http_server(settings.metrics_port, settings.metrics_host)
        stack.callback(httpd.shutdown)
    return server


def _close_rooms(server: Server, stack: AsyncExitStack) -> None:
    """The last one first: who ends calls before whoever is told of them."""
    desk = server.desk
    stack.callback(desk.sounds.close)
    for room in (desk.webhooks, desk.clients, desk.pushes, server.texting, server.arrivals):
        stack.push_async_callback(room.close)
    stack.push_async_callback(server.promises.close)
    stack.push_async_callback(desk.trunk_tests.close)
    stack.push_async_callback(server.clicks.close)
    stack.push_async_callback(desk.alarms.close)


def _watch_phones(server: Server, stack: AsyncExitStack) -> None:
    """Who is there, who is gone, and who sleeps over the end of his registration."""
    _spawn(stack, "expiry", expire_bindings(server.registrar, server.desk.exchange.steady))
    _spawn(stack, "keepalive", ask_phones(server.desk.exchange, server.texting.phone_came))
    _spawn(stack, "push", server.desk.pushes.run())


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


async def _catch_up(desk: FrontDesk, database: Database, stack: AsyncExitStack) -> None:
    """The callback list, what calls out have cost today, who called whom: as the log says. And
    what the last run was recording has its end."""
    desk.clients.use(desk.office)
    await _remember_calls(desk, database)
    await recall_today(desk.spending, database)
    await recall_queues(desk, database)
    watch = CallbackWatch(desk, desk.callbacks, database)
    await watch.begin()
    _spawn(stack, "callbacks", watch.run())
    await desk.recordings.recover()
    stack.push_async_callback(desk.recordings.close)
    _spawn(stack, "retention", desk.recordings.run())


async def _remember_calls(desk: FrontDesk, database: Database) -> None:
    """Whom the office called before it was started; without the store it begins anew."""
    which = CallFilter(direction="out", since=desk.exchange.clock() - LOOK_BACK, limit=MOST_NUMBERS)
    try:
        desk.recent.remember(await database.history.list_calls(which))
    except StoreError as error:
        _log.warning("calls of the last days are not known", error=str(error))


def _store_alarm(alarm: StoreAlarm) -> None:
    """The telephones go on; somebody must look at the disk."""
    metrics.store_lost.set(alarm.lost)
    tell = _log.info if alarm.state is StoreState.DATABASE else _log.error
    tell("the store", state=alarm.state.value, detail=alarm.detail, lost=alarm.lost)


def _spawn(stack: AsyncExitStack, name: str, work: Coroutine[Any, Any, None]) -> None:
    """A task that lives as long as the server."""
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait([task])

    stack.push_async_callback(end)


async def _end_what_is_over(desk: FrontDesk) -> None:
    """What people set for a while ends by itself, which lamps show; calls out cost as they go."""
    while True:
        await asyncio.sleep(STANDING_LOOK)
        desk.standing.tick()
        desk.switches.tick()
        measure(desk)
        desk.spending.tick()
