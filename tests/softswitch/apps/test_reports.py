"""Reports of a running office: sent once, whatever happens."""

from collections.abc import Sequence
from datetime import time, timedelta

from msgspec.structs import replace

from softswitch.apps.reports import ReportClerk
from softswitch.office.reports import Period, Report
from softswitch.store.history import History
from softswitch.store.outbox import Mail
from softswitch.wiring import Server
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.softswitch.store.stories import ended, event, started

DAILY = Report(every=Period.DAY, at=time(0), mail=("biuro@kancelaria.example",))


async def test_each_report_is_sent_once(line: Line, office: OfficeInProcess) -> None:
    async def thrice(server: Server) -> Sequence[Mail]:
        desk, log = server.desk, server.desk.exchange.events
        yesterday = desk.exchange.clock() - timedelta(days=1)
        for one in (started("y1"), event("bridge.started", 1, "y1", who="102"), ended(5, "y1")):
            log.append(replace(one, at=yesterday))
        await log.flush()
        first, after_a_restart = (ReportClerk(desk, History(log._disk)) for _ in range(2))  # type: ignore[arg-type]
        await first.see_to(DAILY)
        await first.see_to(DAILY)
        await after_a_restart.see_to(DAILY)
        await log.flush()
        return await desk.outbox.list_mails()

    (mail,) = await office.run(thrice)
    assert mail.recipients == DAILY.mail
    assert "1" in mail.subject and mail.html


async def test_a_day_without_calls_has_none(line: Line, office: OfficeInProcess) -> None:
    async def see(server: Server) -> Sequence[Mail]:
        log = server.desk.exchange.events
        clerk = ReportClerk(server.desk, History(log._disk))  # type: ignore[arg-type]
        await clerk.see_to(DAILY.model_copy(update={"every": Period.WEEK, "mail": ("a@b.pl",)}))
        return await server.desk.outbox.list_mails()

    found = await office.run(see)
    assert [mail for mail in found if mail.recipients == ("a@b.pl",)] == []
