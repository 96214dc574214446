"""The alarm of mails that are late: once when it begins, once when it is over."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from softswitch.mailing import LATE, LateMails

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


class _Outbox:
    oldest: datetime | None = None

    async def oldest_waiting(self) -> datetime | None:
        return self.oldest


async def test_late_mails_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    outbox = _Outbox()
    alarm = LateMails(outbox, lambda: NOW)  # type: ignore[arg-type]
    told = []
    for age in (None, LATE / 2, LATE, LATE * 2, None, timedelta(seconds=1), LATE):
        outbox.oldest = None if age is None else NOW - age
        await alarm.look()
        out = capsys.readouterr().out
        told.append("late" if "late" in out else "again" if "again" in out else "")
    assert told == ["", "", "late", "", "again", "", "late"]
    assert REGISTRY.get_sample_value("softswitch_mail_late_seconds") == LATE.total_seconds()
