"""Who sends the office's mails, as the settings of the process say."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.mail.sender import MailSender, SmtpSettings
from softswitch.settings import Settings
from softswitch.store.outbox import Outbox
from softswitch.store.ports import StoreError

_log = get_logger("server")

# A mail server that is restarted is back before; a message that lies longer is late for a client.
LATE = timedelta(minutes=15)
LOOK = 60.0


async def send_mails(settings: Settings, outbox: Outbox) -> None:
    """Send what lies in the outbox, until cancelled; without a mail server it stays there."""
    if settings.smtp_host is None:
        _log.warning("no mail server is set: messages are kept, mails wait (SOFTSWITCH_SMTP_HOST)")
        return
    password = settings.smtp_password
    smtp = SmtpSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_security.value,
        username=settings.smtp_username,
        password=password.get_secret_value() if password else None,
        sender=settings.smtp_sender,
    )
    async with asyncio.TaskGroup() as both:
        both.create_task(MailSender(outbox, smtp).run())
        both.create_task(LateMails(outbox).run())


class LateMails:
    """The alarm of the outbox: one line when mails are late, one when they are sent again.

    By log and metric alone: what cannot be sent cannot tell that it cannot be sent.
    """

    def __init__(
        self, outbox: Outbox, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._outbox, self._clock = outbox, clock
        self._is_told = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except StoreError as error:
                _log.warning("the outbox cannot be looked at", error=str(error))

    async def look(self) -> None:
        """Once. Raises StoreError."""
        oldest = await self._outbox.oldest_waiting()
        late = timedelta(0) if oldest is None else self._clock() - oldest
        metrics.mail_late.set(max(late.total_seconds(), 0.0))
        is_late = late >= LATE
        if is_late and not self._is_told:
            since = oldest.isoformat(timespec="seconds") if oldest is not None else None
            _log.error("mails are late: the mail server does not take them", since=since)
        elif self._is_told and not is_late:
            _log.info("mails are sent again")
        self._is_told = is_late
