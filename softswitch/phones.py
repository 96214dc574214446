"""Registered phones while the office runs: asked whether they are there, forgotten in time."""

import asyncio
import time
from collections.abc import Callable

from softswitch.calls.exchange import Exchange
from softswitch.log import get_logger
from softswitch.registrar.keepalive import Keepalive, Pace
from softswitch.registrar.registrar import Registrar

_log = get_logger("server")

EXPIRY_LOOK = 5.0


async def ask_phones(exchange: Exchange, on_back: Callable[[str], None]) -> None:
    """Ask each now and then, unless the operator wants none of it; to be cancelled.

    `on_back`: told the extension of a phone that had been away.
    """
    seconds = exchange.settings.sip_keepalive
    if not seconds:
        return
    keepalive = Keepalive(
        exchange.registrar,
        exchange.endpoint,
        exchange.dispatcher,
        exchange.token,
        time.monotonic,
        exchange.steady,
        Pace(seconds, 2 * seconds),
    )
    keepalive.on_back = on_back
    await keepalive.run()


async def expire_bindings(registrar: Registrar, now: Callable[[], float]) -> None:
    """Drop what has run out; to be cancelled."""
    while True:
        await asyncio.sleep(EXPIRY_LOOK)
        for binding in registrar.expire(now()):
            _log.info("registration expired", user=binding.extension, agent=binding.user_agent)
