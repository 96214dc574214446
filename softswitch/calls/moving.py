"""Our own addresses move (another lease, another line): who talks by the old one is told.

A lost address is noticed within seconds by asking the system. Connections from there are ended, so
that whoever owns them (trunks, the registrar) goes on by another; trunks look at themselves and
register anew. Then every leg whose sound still lies at a lost address, a trunk's or a phone's, gets
a re-INVITE with the new one (RFC 3261 14): Contact, and where we listen.

Only where we listen on every address (`0.0.0.0`): a socket of one address dies with it.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.net.addresses import is_of_this_machine

if TYPE_CHECKING:
    from softswitch.calls.exchange import Exchange

_log = get_logger("calls.moving")

LOOK_EVERY = 3.0
"""Seconds."""
SETTLES = 0.2
"""Seconds that connections take to end."""


class Trunks(Protocol):
    """Who keeps the trunks."""

    def look_at_ourselves(self) -> None: ...


class Moves:
    """See the module's docstring. `is_ours`: whether this machine has an address now."""

    def __init__(
        self,
        exchange: "Exchange",
        trunks: Trunks,
        is_ours: Callable[[str], bool] = is_of_this_machine,
    ) -> None:
        self._exchange, self._trunks, self._is_ours = exchange, trunks, is_ours

    async def run(self) -> None:
        """For ever; to be cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception:  # one that fails must not end the watch
                _log.exception("our own addresses could not be looked at")

    async def look(self) -> None:
        """Once."""
        lost = self._exchange.endpoint.leave_lost_addresses()
        if lost:
            _log.info("an address of ours is gone", connections_from=lost)
            await asyncio.sleep(SETTLES)
        self._trunks.look_at_ourselves()
        legs = [leg for leg in self._exchange.dispatcher.legs if leg.is_up]
        gone = {host for host in {leg.sound.host for leg in legs} if not self._is_ours(host)}
        for leg in legs:
            if leg.sound.host in gone:
                self._move(leg.sound.host, leg.readdress)

    def _move(self, host: str, readdress: Callable[[], bool]) -> None:
        if readdress():
            metrics.legs_moved.inc()
            _log.info("a call goes on from another address", before=host)
