"""Structured logs (structlog): one line an event, in the console's or in JSON form.

Numbers of callers are masked (`+48 600 *** 200`): full ones stand only in the store (RODO).
"""

import logging
import re
import sys
from typing import Any, cast

import structlog

from softswitch.settings import LogFormat

Logger = structlog.stdlib.BoundLogger

_LONG_NUMBER = re.compile(r"(?<![\w.])(\+?\d{3,6})\d{3}(\d{3})(?![\w.])")
# Fields that may hold a telephone number; everything else is left as it is.
_NUMBER_FIELDS = frozenset({"caller", "called", "number", "dialled", "user"})


def mask_number(text: str) -> str:
    """Hide the middle of a telephone number of nine digits or more."""
    return _LONG_NUMBER.sub(r"\1***\2", text)


def _mask(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for field in _NUMBER_FIELDS & event.keys():
        if isinstance(event[field], str):
            event[field] = mask_number(event[field])
    return event


def configure(level: str, form: LogFormat) -> None:
    """Set the process's logging up once, from `cli.py`. Lines go to standard error."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        # Each room's logger is put together once: half of what a line costs, all of a silent one.
        cache_logger_on_first_use=True,
    )


def get_logger(room: str) -> Logger:
    """A logger that names the room it speaks from."""
    return cast(Logger, structlog.get_logger(room=room))
