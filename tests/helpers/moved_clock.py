"""The wall clock of the whole server, which a test moves: an hour passes, or the clock is set back.

Only what tells the time of day moves; timers go on as they do. `shift` counts from now on.
"""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from softswitch import mailing
from softswitch.calls import exchange
from softswitch.mail import sender

_SHOWING = (exchange, mailing, sender)


class MovedClock:
    """See the module's docstring."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.shift = timedelta()
        clock = self

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> "Moved":
                return cls.fromtimestamp((datetime.now(UTC) + clock.shift).timestamp(), tz or UTC)

        for module in _SHOWING:
            patch.setattr(module, "datetime", Moved)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def set(self, moment: datetime) -> None:
        """It is that moment now."""
        self.shift = moment - datetime.now(UTC)

    def pass_time(self, **length: float) -> None:
        """As `timedelta` takes it."""
        self.shift += timedelta(**length)
