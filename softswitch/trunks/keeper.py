"""Keeps every trunk registered and watched, and tells how each stands.

Two tasks, owned by the server: `run` lets each link do what is due, `look_up` finds the servers'
addresses again, every minute and often while something is wrong. `close` takes our contacts away.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from softswitch.office.trunk import Trunk
from softswitch.sip.flow import Flow, Hop
from softswitch.trunks.alarms import Alarms
from softswitch.trunks.link import Link, Ports
from softswitch.trunks.trunks import Rank, Trunks, contact_user

LOOK_UP = 60.0
"""Seconds; DNS of providers moves."""
LOOK_UP_IN_TROUBLE = 10.0
LEAVE_WITHIN = 2.0
"""Seconds that a stop waits for the providers' answers."""
LONGEST_SLEEP = 60.0


class TrunkKeeper:
    """`wall`: the time of day, for people."""

    def __init__(
        self,
        trunks: Trunks,
        ports: Ports,
        alarms: Alarms,
        wall: Callable[[], datetime],
    ) -> None:
        self.trunks, self._ports, self._alarms, self._wall = trunks, ports, alarms, wall
        self._links: dict[str, Link] = {}
        self._leaving: list[Link] = []
        self._since: dict[str, tuple[str, datetime]] = {}
        self._moved = asyncio.Event()
        self._is_in_trouble = asyncio.Event()
        trunks.judge, trunks.heard, trunks.unanswered = self._judge, self._heard, self._unanswered

    def use(self) -> None:
        """The trunks of `self.trunks` are others, or their addresses are."""
        now, wanted = self._ports.clock(), self.trunks.all
        for name, link in list(self._links.items()):
            if name not in wanted or _account(wanted[name]) != _account(link.trunk):
                self._take_away(name, link, now, wanted.get(name))
        for name, trunk in wanted.items():
            known = self._links.get(name)
            if known is None:
                self._links[name] = self._new(name, trunk)
            else:
                known.trunk = trunk
                known.use_hops(self.trunks.hops(name), now)
        self._moved.set()

    def _new(self, name: str, trunk: Trunk) -> Link:
        hops, signer = self.trunks.hops(name), self.trunks.signer(name)
        return Link(name, trunk, hops, signer, self._ports, self._answered, self.trunks.readdress)

    def _take_away(self, name: str, link: Link, now: float, then: Trunk | None = None) -> None:
        """`then`: what stands in its place. If that registers the same contact, it is not to be
        taken away under it."""
        del self._links[name]
        self._since.pop(name, None)
        self._alarms.forget(name)
        registers = then is not None and then.register_
        if then is not None and registers and _contact(name, then) == _contact(name, link.trunk):
            link.close()
            return
        link.leave(now)
        self._leaving.append(link)

    async def run(self) -> None:
        """For ever."""
        while True:
            wait = self.tick()
            self._moved.clear()  # what was told meanwhile is in `wait` already
            try:
                async with asyncio.timeout(wait):
                    await self._moved.wait()
            except TimeoutError:
                continue

    def tick(self) -> float:
        """Do what is due; how many seconds until there is more."""
        now = self._ports.clock()
        for link in (*self._links.values(), *self._leaving):
            link.tick(now)
        for link in [one for one in self._leaving if one.is_gone]:
            link.close()
            self._leaving.remove(link)
        deadlines = (one.deadline for one in (*self._links.values(), *self._leaving))
        soonest = min((each for each in deadlines if each is not None), default=now + LONGEST_SLEEP)
        return min(max(soonest - now, 0.001), LONGEST_SLEEP)

    async def look_up(self) -> None:
        """For ever: find the servers again; at once when one gets into trouble, for he may have
        moved."""
        while True:
            if any(link.trouble is not None for link in self._links.values()):
                await asyncio.sleep(LOOK_UP_IN_TROUBLE)
            else:
                self._is_in_trouble.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_UP):
                        await self._is_in_trouble.wait()
            await self.trunks.refresh()
            self.use()

    async def close(self) -> None:
        """Unregister everywhere, and wait a moment for the answers."""
        now = self._ports.clock()
        for name, link in list(self._links.items()):
            self._take_away(name, link, now)
        try:
            async with asyncio.timeout(LEAVE_WITHIN):
                while not all(link.is_gone for link in self._leaving):
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            pass  # he will find out when the registration ends
        for link in self._leaving:
            link.close()
        self._leaving.clear()

    def flow_lost(self, flow: Flow) -> None:
        """A connection ended."""
        for link in self._links.values():
            link.flow_lost(flow, self._ports.clock())
        self._moved.set()

    def look_at_ourselves(self) -> None:
        """Our own addresses may be others; to be called often."""
        for link in self._links.values():
            link.look_at_ourselves(self._ports.clock())
        self._moved.set()

    # --- what the links tell ---

    def _answered(self, link: Link, hop: Hop | None) -> None:
        if self._links.get(link.name) is not link:
            self._moved.set()
            return
        if hop is not None:
            self.trunks.prefer(link.name, hop)
        state = _state(link)
        if self._since.get(link.name, ("",))[0] != state:
            self._since[link.name] = state, self._wall()
        self._alarms.see(link)
        if link.trouble is not None:
            self._is_in_trouble.set()
        self._moved.set()

    # --- what calls tell and ask ---

    def _judge(self, name: str) -> Rank:
        link = self._links.get(name)
        return Rank.UNPROVEN if link is None else link.rank

    def _heard(self, name: str) -> None:
        link = self._links.get(name)
        if link is not None:
            link.heard(self._ports.clock())

    def _unanswered(self, name: str) -> None:
        link = self._links.get(name)
        if link is not None:
            link.call_unanswered(self._ports.clock())
            self._moved.set()

    def status(self, written: Mapping[str, Trunk]) -> list[dict[str, Any]]:
        """How each trunk of the office's file stands, for the command."""
        return [self._status(name, trunk) for name, trunk in written.items()]

    def _status(self, name: str, trunk: Trunk) -> dict[str, Any]:
        link, now = self._links.get(name), self._ports.clock()
        since = self._since.get(name)
        deadline = None if link is None else link.deadline
        next_try = None if deadline is None else self._wall() + timedelta(seconds=deadline - now)
        return {
            "trunk": name,
            "server": trunk.server,
            "transport": trunk.transport.value,
            "registers": trunk.register_,
            "state": "off" if link is None else _state(link),
            "since": None if since is None else _local(since[1]),
            "error": "" if link is None else link.last_error,
            "next_try": None if next_try is None else _local(next_try),
            "at": [f"{hop.host}:{hop.port}" for hop in self.trunks.hops(name)],
            "calls": self.trunks.calls(name),
            "limit": trunk.calls,
        }


def _state(link: Link) -> str:
    if link.trouble is not None:
        return link.trouble.value
    if link.registration is not None:
        return "registered" if link.is_registered else "registering"
    return link.watch.health.name.lower()


def _local(moment: datetime) -> str:
    return moment.astimezone().isoformat(timespec="seconds")


def _contact(name: str, trunk: Trunk) -> tuple[Any, ...]:
    return contact_user(name, trunk), trunk.next_hop, trunk.transport


def _account(trunk: Trunk) -> tuple[Any, ...]:
    """What a registration and a watch depend on; the rest may change under them."""
    return (
        trunk.server, trunk.outbound_proxy, trunk.transport, trunk.username, trunk.login,
        trunk.password, trunk.register_, trunk.expires, trunk.watch,
    )  # fmt: skip
