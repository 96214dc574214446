"""Sends the reports of days and weeks when they are due, each once, over any number of restarts."""

import asyncio
from datetime import date, datetime, time, timedelta
from hashlib import sha256

from softswitch.apps.desk import FrontDesk
from softswitch.log import get_logger
from softswitch.mail.report import Figures, compose
from softswitch.office.reports import Report, Span, last_span
from softswitch.store.history import History
from softswitch.store.ports import StoreError
from softswitch.store.statistics import Statistics

_log = get_logger("apps.reports")

LOOK = 60.0


class ReportClerk:
    """One task of the server."""

    def __init__(self, desk: FrontDesk, history: History) -> None:
        self._desk, self._history = desk, history
        self._done: set[str] = set()  # since the start; a few a week

    async def run(self) -> None:
        """Look every minute, until cancelled."""
        while True:
            for report in self._desk.office.office.reports:
                try:
                    await self.see_to(report)
                except StoreError as error:
                    _log.error("a report cannot be made now", error=str(error))
                except Exception:  # one odd row must not end the reports for ever
                    _log.exception("a report stumbled")
            await asyncio.sleep(LOOK)

    async def see_to(self, report: Report) -> None:
        """Send what was due last, unless that was done. Raises StoreError."""
        now = self._desk.exchange.clock()
        span = last_span(report, self._desk.local_time(now))
        identifier = _identifier(report, span)
        if identifier in self._done:
            return
        if not await self._desk.outbox.is_known(identifier):
            figures = await self._figures(report, span)
            inside = figures.statistics
            if inside.inbound.offered or inside.outbound or inside.internal:
                self._desk.outbox.add(compose(figures, report.mail, identifier, now))
                _log.info("a report is sent", every=report.every.value, last=str(span.last))
        self._done.add(identifier)

    async def _figures(self, report: Report, span: Span) -> Figures:
        office = self._desk.office.office
        found = Statistics()
        since, until = self._midnight(span.first), self._midnight(span.last + timedelta(days=1))
        async for row in self._history.between(since, until):
            found.add(row, office.zone)
        names = {key: person.name for key, person in office.people.items()}
        names |= {key: queue.name for key, queue in office.queues.items() if queue.name}
        waiting = sum(item.is_open for item in self._desk.callbacks.items())
        language = report.language or office.office.language
        return Figures(found, span.first, span.last, office.office.name, language, waiting, names)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self._desk.office.office.zone)


def _identifier(report: Report, span: Span) -> str:
    """The same for the same report of the same days to the same people."""
    to = sha256(",".join(sorted(report.mail)).encode()).hexdigest()[:12]
    return f"report-{report.every.value}-{span.first}-{to}"
