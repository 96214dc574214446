"""The worker process: one raw epoll loop around the engine. `python -m media.worker FD`.

FD is the inherited socket to the control side; its first line is the MediaSettings. The process
ends when that socket closes. Between two ticks the packet loop waits and works by itself
(media/native/pump.py), and comes back here for what is no packet.
"""

import contextlib
import gc
import logging
import os
import resource
import secrets
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final, get_args

from media.clock import TICK, TickClock
from media.commands import Command, Event, Failed, Late, MediaSettings, WorkerReady
from media.engine import Engine
from media.forward import Forwarder
from media.native.choice import Choice
from media.native.pump import NOBODY
from media.ready import Ready
from media.wire import LineSplitter, WireError, decode, encode

# Packets in a tick from which waiting for company pays: it naps then.
LOADED: Final = 15
# Descriptors a wake-up: all legs of a full worker at once.
MAX_READY: Final = 4096
# Events that the control side has not read: it is stuck or gone.
MAX_UNREAD: Final = 16 * 1024 * 1024
# The interpreter hands over to the sound and recorder threads and back within this time; its
# default of 5 ms would be heard.
SWITCH_SECONDS: Final = 0.0005
# A hundred calls that come all at once are some hundred milliseconds of commands; between ticks and
# packets they get so much at a time.
COMMANDS: Final = 0.004
# Reference cycles are rare here; what there is, is collected in small bites between ticks.
COLLECT_TICKS: Final = 500
# The niceness of the process, if the system lets it (CAP_SYS_NICE, systemd's LimitNICE).
PRIORITY: Final = -10
# One mistake may come back in every tick; the first ones say it all.
MAX_TOLD: Final = 20

_log = logging.getLogger(__name__)


class Worker:
    """The loop. All time is taken here."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._control.setblocking(False)
        self._ready = Ready(MAX_READY)
        self._handlers: dict[int, Callable[[float], None]] = {}
        self._splitter = LineSplitter()
        self._lines = deque[bytes]()  # commands that are read and not obeyed
        self._unsent = bytearray()
        self._is_open = True
        self._is_loaded = False
        self._mistakes = self._ticks = 0
        # By how much ticks were late since that was told last.
        self._late: list[float] = []
        self._late_told = 0.0
        self._engine: Engine | None = None
        self._choice: Choice | None = None
        self.watch(control.fileno(), self._read_control)

    def watch(self, descriptor: int, handler: Callable[[float], None] | None) -> None:
        if handler is not None:
            self._handlers[descriptor] = handler
        self._ready.register(descriptor)

    def unwatch(self, descriptor: int) -> None:
        self._handlers.pop(descriptor, None)
        self._ready.unregister(descriptor)

    # --- control ---

    def emit(self, event: Event) -> None:
        self._unsent += encode(event)

    def _flush(self) -> None:
        if not self._unsent:
            return
        try:
            sent = self._control.send(self._unsent)
            del self._unsent[:sent]
        except BlockingIOError:
            if len(self._unsent) > MAX_UNREAD:
                self._is_open = False
        except OSError:
            self._is_open = False

    def _read_control(self, now: float) -> None:
        if self._lines:  # one thing after the other: what is not read yet waits in the socket
            return
        try:
            data = self._control.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._is_open = False
            return
        try:
            self._lines.extend(self._splitter.feed(data))
        except WireError as error:
            self.emit(Failed(error.word, None, error.reason))

    def _obey_some(self) -> None:
        """Commands in their order, as many as no packet waits too long for."""
        until = time.monotonic() + COMMANDS
        while self._lines:
            now = time.monotonic()
            if now > until:
                return
            self._obey(self._lines.popleft(), now)

    def _obey(self, line: bytes, now: float) -> None:
        try:
            message: Any = decode(line)
        except WireError as error:
            self.emit(Failed(error.word, error.leg, error.reason))
            return
        if isinstance(message, MediaSettings) and self._engine is None:
            self._start(message)
        elif self._engine is None or not isinstance(message, get_args(Command)):
            self.emit(Failed(type(message).__name__, None, "not now"))
        elif not self._survive(self._engine.obey, message, now):
            self.emit(Failed(type(message).__name__, getattr(message, "leg", None), "our mistake"))

    def _survive(self, act: Callable[..., object], *arguments: object) -> bool:
        """A mistake of ours must not end a thousand calls: it is told, and we go on."""
        try:
            act(*arguments)
        except Exception:
            self._mistakes += 1
            if self._mistakes <= MAX_TOLD:
                _log.exception("mistake %d in %s", self._mistakes, act.__qualname__)
            return False
        return True

    def _start(self, settings: MediaSettings) -> None:
        self._engine = Engine(settings, self.emit, secrets.randbits, time.time)
        self._engine.network.on_watch = self.watch
        self._engine.network.on_unwatch = self.unwatch
        self.emit(WorkerReady(os.getpid()))
        self._choice = Choice(self._engine.use, self.emit, self.watch, self.unwatch)
        self._choice.begin(settings.native, settings.native_cache)

    # --- the loop ---

    def run(self) -> None:
        """Until the control side closes its socket."""
        while self._is_open and self._engine is None:
            self._ready.look(-1)
            self._read_control(time.monotonic())
            self._obey_some()
            self._flush()
        if self._engine is None:
            return
        gc.collect()
        gc.freeze()
        gc.disable()
        self._serve(self._engine)
        self._engine.close(time.monotonic())
        if self._choice is not None:
            self._choice.close()
        self._flush()

    def _serve(self, engine: Engine) -> None:
        clock = TickClock(time.monotonic())
        while self._is_open:
            now = time.monotonic()
            self._notice(clock.lateness(now), now)
            due = clock.due(now)
            if due:
                self._tick(engine, due, now)
                self._is_loaded = engine.forwarder.take_gathered() > LOADED * due
            self._obey_some()
            self._flush()
            self._survive(self._wait, engine, clock.next)

    def _tick(self, engine: Engine, due: int, now: float) -> None:
        """So many ticks. After a stall what waits in the sockets has its turn before: it would be
        late behind the ticks that are made up for.
        """
        for _ in range(due + 1 if due > 1 else 0):
            if not self._ready.look():
                break
            self._survive(self._look_at_all, engine, now)
        for _ in range(due):
            self._survive(engine.tick, now)
            self._ticks += 1
            if self._ticks % COLLECT_TICKS == 0:
                gc.collect(1)

    def _notice(self, lateness: float, now: float) -> None:
        """Ticks that are late by more than a tick are told, once a second."""
        if lateness > TICK:
            self._late.append(lateness)
        if self._late and now - self._late_told > 1.0:
            self.emit(Late(len(self._late), round(max(self._late), 3)))
            self._late, self._late_told = [], now

    def _wait(self, engine: Engine, until: float) -> None:
        """Packets until the next tick, or until there is something else."""
        forwarder = engine.forwarder
        if self._lines:  # commands wait for packets, but packets for no company
            self._ready.look()
            self._look_at_all(engine, time.monotonic())
            return
        engine.breaks.begin(until)
        others = forwarder.serve(self._ready, until, self._awaited(forwarder))
        self._handle(others, forwarder.arena.now)

    def _awaited(self, forwarder: Forwarder) -> int:
        """What ends a wait: a packet; with many of them a command, if none is in a hurry; else
        nothing, which finds the most of them. A command waits for one nap then.
        """
        if not self._is_loaded:
            return self._ready.fileno()
        return NOBODY if forwarder.feeding else self._control.fileno()

    def _look_at_all(self, engine: Engine, now: float) -> None:
        """What a look has found."""
        self._handle(engine.forwarder.pump(self._ready, now), now)

    def _handle(self, others: list[int], now: float) -> None:
        for descriptor in others:
            handler = self._handlers.get(descriptor)
            if handler is not None:
                handler(now)


def _allow_descriptors() -> None:
    """Three a leg: as many as the system allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _hurry() -> None:
    """Before other programs, where we may: a late packet is heard, a late page is not."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)


def main(kind: type[Worker] = Worker) -> None:
    """The process's beginning and end."""
    # Ctrl-C goes to the whole foreground group; the control side decides when we stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.setswitchinterval(SWITCH_SECONDS)
    _allow_descriptors()
    _hurry()
    # In a large office its number is one that select cannot take; the duplicate's is the lowest.
    with socket.socket(fileno=int(sys.argv[1])) as given, given.dup() as control:
        kind(control).run()


if __name__ == "__main__":
    main()
