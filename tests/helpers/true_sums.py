"""The sums of an office: what the history, the statistics, the queues and the list say must agree.

All of it is compared with the events that the running switch appended, which were kept aside.
"""

from datetime import UTC, datetime
from typing import Any

from softswitch.apps.queue.report import queues
from softswitch.store.fold import CallRow, fold
from softswitch.store.history import CallFilter, History
from softswitch.store.reconcile import Sums, reconcile
from softswitch.store.statistics import statistics
from softswitch.wiring import Server
from tests.helpers.office_in_process import OfficeInProcess

BEGINNING, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)


async def true_sums(office: OfficeInProcess, calls: int) -> Sums:
    """Of so many calls, all over; what the list has of them. Raises AssertionError."""
    told = sorted((fold(office.story(call)) for call in office.calls()), key=_id)
    assert len(told) == calls

    async def read(server: Server) -> tuple[list[CallRow], Sums, list[dict[str, Any]]]:
        database = server.desk.outbox._store
        await database.flush()
        rows = await History(database).list_calls(CallFilter(limit=10 * calls))
        return rows, await reconcile(database, BEGINNING, END), queues(server.desk)

    rows, sums, lines = await office.run(read)
    rows.sort(key=_id)
    assert rows == told, "the history is what the log says"
    zone = office.ask(lambda server: server.desk.office.office.zone)
    found = statistics(rows, zone)
    assert found == statistics(told, zone)
    assert sum(hour.offered for hour in found.by_hour) == found.inbound.offered
    assert sum(day.offered for day in found.by_day.values()) == found.inbound.offered
    assert sums.is_whole, sums
    assert sums.inbound == found.inbound.offered and sums.talked == found.inbound.answered
    today = office.ask(lambda server: server.desk.exchange.clock()).astimezone(zone).date()
    left = [
        e.data
        for e in office.events
        if e.kind == "queue.left" and e.at.astimezone(zone).date() == today
    ]
    for line in lines:
        mine = [one["outcome"] for one in left if one["queue"] == line["queue"]]
        assert line["today"]["offered"] == len(mine)
        assert line["today"]["answered"] == mine.count("answered")
    return sums


def _id(row: CallRow) -> str:
    return row.id
