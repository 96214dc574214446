"""Waking phones that sleep: a push notification, then the wait for their REGISTER (RFC 8599 5.1).

What is told to the gateway names the device and nobody else: who calls is a client's secret.

    {"event": "call", "provider": "fcm", "param": "project", "prid": "token", "extension": "101"}

`event` is `message` for a text that waits for the phone, and `refresh` shortly before the end of a
registration whose phone does not refresh it by itself.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from softswitch import metrics
from softswitch.apps.webhook import HookFailed, Webhooks
from softswitch.calls.ways import Way
from softswitch.log import get_logger
from softswitch.office.models import Office
from softswitch.office.push import Push
from softswitch.registrar.binding import Binding
from softswitch.registrar.push import REFRESH_BEFORE, PushAddress
from softswitch.registrar.registrar import Registrar
from softswitch.routing.verbs.webhook import host_of

_log = get_logger("apps.push")

TELL_WITHIN = 5.0
"""Seconds for the gateway's answer."""
ONCE_IN = 3.0
"""Seconds in which one notification is enough, and in which a phone that registered is awake."""
LOOK = 15.0
"""Seconds between two looks for registrations that end soon."""
MOST_REMEMBERED = 5_000
GONE = frozenset({404, 410})

Note = Callable[..., None]
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class _Wait:
    """A call that waits for one device."""

    asleep: Binding
    woken: "asyncio.Future[Binding]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Pushes:
    """`office`: the version in force; `clock`: seconds since 1970; `now`: monotonic."""

    def __init__(
        self,
        webhooks: Webhooks,
        registrar: Registrar,
        office: Callable[[], Office],
        clock: Callable[[], float],
        now: Callable[[], float],
    ) -> None:
        self._webhooks, self._registrar, self._office = webhooks, registrar, office
        self._clock, self._now = clock, now
        self._waits: dict[str, list[_Wait]] = {}
        self._sent: OrderedDict[PushAddress, float] = OrderedDict()
        self._awake: OrderedDict[PushAddress, tuple[float, str, int]] = OrderedDict()
        self._refreshed: OrderedDict[PushAddress, float] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        registrar.push_providers = self._providers

    def sleepers(self, extension: str, instance: str | None = None) -> list[Binding]:
        """The extension's devices that a call should wake."""
        found = self._registrar.sleepers(extension, self._clock(), instance)
        return [one for one in found if not self._is_awake(one)]

    async def wake(self, asleep: Binding, note: Note) -> Way | None:
        """Notify, and wait until the device has registered anew; None: it did not in time."""
        push, began = self._office().push, self._now()
        if push is None or asleep.push is None:  # a reload took it away
            return None
        wait = _Wait(asleep)
        self._waits.setdefault(asleep.extension, []).append(wait)
        note("push.sent", who=asleep.extension, provider=asleep.push.provider)
        self._notify(push, asleep, "call")
        try:
            async with asyncio.timeout(push.wait):
                woken = await wait.woken
        except TimeoutError:
            metrics.pushes.labels("call", "not woken").inc()
            note("push.failed", who=asleep.extension)
            return None
        finally:
            self._leave(wait)
        note("push.woke", who=asleep.extension, seconds=round(self._now() - began, 1))
        return Way(woken.contact, woken.flow, woken.path)

    def text_waits(self, extension: str) -> None:
        """A text is kept for somebody: his sleeping devices are told, and register to have it."""
        push = self._office().push
        if push is None:
            return
        for asleep in self.sleepers(extension):
            self._notify(push, asleep, "message")

    def registered(self, extension: str) -> None:
        """A phone of this extension has registered, or refreshed."""
        for one in self._registrar.sleepers(extension, self._clock()):
            if one.push is not None and self._is_news(one.push, one):
                self._remember(self._awake, one.push, (self._now(), one.call_id, one.cseq))
        for wait in self._waits.get(extension, ()):
            woken = self._woken(wait.asleep)
            if woken is not None and not wait.woken.done():
                wait.woken.set_result(woken)

    async def run(self) -> None:
        """For ever: have registrations refreshed whose phones sleep over their end."""
        while True:
            await asyncio.sleep(LOOK)
            self.refresh()

    def refresh(self) -> None:
        """Notify whoever is to register within two minutes; each once."""
        push, now = self._office().push, self._clock()
        if push is None:
            return
        for one in self._registrar.bindings(now):
            address = one.push
            if address is None or one.expires - now > REFRESH_BEFORE:
                continue
            is_told = self._refreshed.get(address) == one.expires
            if address.provider in push.providers and not is_told:
                self._remember(self._refreshed, address, one.expires)
                self._notify(push, one, "refresh")

    async def close(self) -> None:
        """End what is still told."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def dump(self) -> dict[str, int]:
        """Counts for the leak check."""
        return {"waking": sum(len(waits) for waits in self._waits.values())}

    # --- inside ---

    def _providers(self) -> frozenset[str]:
        push = self._office().push
        return frozenset(push.providers) if push is not None else frozenset()

    def _woken(self, asleep: Binding) -> Binding | None:
        """The same device, registered since, and reachable."""
        for one in self._registrar.lookup(asleep.extension, self._clock()):
            is_new = (one.call_id, one.cseq) != (asleep.call_id, asleep.cseq)
            if one.push == asleep.push and is_new:
                return one
        return None

    def _is_news(self, address: PushAddress, binding: Binding) -> bool:
        known = self._awake.get(address)
        return known is None or known[1:] != (binding.call_id, binding.cseq)

    def _is_awake(self, binding: Binding) -> bool:
        known = self._awake.get(binding.push) if binding.push is not None else None
        return known is not None and self._now() - known[0] < ONCE_IN

    def _leave(self, wait: _Wait) -> None:
        waits = self._waits[wait.asleep.extension]
        waits.remove(wait)
        if not waits:
            del self._waits[wait.asleep.extension]

    def _notify(self, push: Push, asleep: Binding, event: str) -> None:
        address = asleep.push
        if address is None or self._now() - self._sent.get(address, -ONCE_IN) < ONCE_IN:
            return
        self._remember(self._sent, address, self._now())
        task = asyncio.create_task(self._tell(push, address, asleep.extension, event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self, push: Push, address: PushAddress, extension: str, event: str) -> None:
        told = {
            "event": event,
            "provider": address.provider,
            "param": address.param,
            "prid": address.prid,
            "extension": extension,
        }
        secret = push.secret.get_secret_value() if push.secret is not None else None
        outcome, why = "sent", ""
        try:
            answer = await self._webhooks.tell(push.url, told, TELL_WITHIN, secret)
            if answer.status // 100 != 2:
                outcome = "gone" if answer.status in GONE else "failed"
                why = f"status {answer.status}"
        except HookFailed as error:
            outcome, why = "failed", str(error)
        metrics.pushes.labels(event, outcome).inc()
        if why:
            host = host_of(push.url)
            _log.warning("a phone was not notified", user=extension, host=host, why=why)

    @staticmethod
    def _remember(store: OrderedDict[PushAddress, T], address: PushAddress, value: T) -> None:
        store[address] = value
        store.move_to_end(address)
        if len(store) > MOST_REMEMBERED:
            store.popitem(last=False)
