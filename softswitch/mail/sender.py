"""The task that empties the outbox over SMTP (RFC 5321), for as long as it takes.

A server that is down, refuses the login or refuses a recipient costs a try, never a mail. One task
a process: two would send the same mail twice.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path

import aiosmtplib

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.mail.message import to_email
from softswitch.settings import SmtpSecurity
from softswitch.store.outbox import Mail, Outbox
from softswitch.store.ports import StoreError

_log = get_logger("mail")

# One word of the protocol. RFC 5321 4.5.3.2 allows servers minutes; who takes that long is down.
SMTP_SECONDS = 30.0
# The outbox is looked through so often even if nothing seems due: clocks are set, rows are edited.
LONGEST_PAUSE = 300.0
# After the store could not be read.
STORE_PAUSE = 10.0


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The mail server. `sender`: an address, or `Name <address>`."""

    host: str
    port: int = 587
    security: str = SmtpSecurity.STARTTLS  # "none", "starttls" (refused without), "tls"
    username: str | None = None
    password: str | None = None
    sender: str = "softswitch@localhost"
    tls: ssl.SSLContext | None = None  # None: the system's certificates


class MailSender:
    """Sends what is due, sleeps until the next is."""

    def __init__(
        self,
        outbox: Outbox,
        settings: SmtpSettings,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._outbox = outbox
        self._settings = settings
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.send_due()
                pause = await self._until_next()
            except StoreError as error:
                _log.error("the outbox cannot be read", error=str(error))
                pause = STORE_PAUSE
            if _is_called_off():
                raise asyncio.CancelledError
            await self._outbox.wait(pause)

    async def send_due(self) -> int:
        """Try all mails whose time has come; how many were sent. Raises StoreError."""
        sent = 0
        while not _is_called_off() and (mails := await self._outbox.due(self._clock())):
            sent += await self._send_batch(mails)
        return sent

    async def _until_next(self) -> float:
        due = await self._outbox.next_due()
        if due is None:
            return LONGEST_PAUSE
        return min(max((due - self._clock()).total_seconds(), 0.0), LONGEST_PAUSE)

    async def _send_batch(self, mails: Sequence[Mail]) -> int:
        """All over one connection. A server that is not there is not there for any of them."""
        client = self._client()
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            _log.warning("the mail server is away; mails wait", error=_plain(error))
            for mail in mails:
                await self._failed(mail, _plain(error))
            return 0
        sent = 0
        try:
            for mail in mails:
                sent += await self._send(client, mail)
                if _is_called_off() or not client.is_connected:
                    break  # the rest is still due
        finally:
            client.close()
        return sent

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username,
            password=settings.password,
            use_tls=settings.security == SmtpSecurity.TLS,
            start_tls=settings.security == SmtpSecurity.STARTTLS,
            tls_context=settings.tls,
            timeout=SMTP_SECONDS,
        )

    async def _send(self, client: aiosmtplib.SMTP, mail: Mail) -> bool:
        """One mail. Whatever is wrong with it is wrong with it alone."""
        try:
            mail, content = await asyncio.to_thread(_with_content, mail)
            email = to_email(mail, self._settings.sender, content)
            sender = parseaddr(self._settings.sender)[1]
            refused, _ = await client.send_message(
                email, sender=sender, recipients=list(mail.recipients)
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            await self._failed(mail, "; ".join(_plain(one) for one in error.recipients))
            return False
        except (aiosmtplib.SMTPException, OSError, ValueError, LookupError) as error:
            await self._failed(mail, _plain(error))
            return False
        if refused:
            reasons = "; ".join(f"{who}: {reply.code}" for who, reply in refused.items())
            await self._failed(mail, f"refused for {reasons}", left=list(refused))
            return False
        await self._outbox.sent(mail, self._clock())
        metrics.mails.labels("sent").inc()
        _log.info("mail sent", mail=mail.id, recipients=len(mail.recipients), tries=mail.tries + 1)
        return True

    async def _failed(self, mail: Mail, error: str, left: list[str] | None = None) -> None:
        metrics.mails.labels("failed").inc()
        _log.warning("mail not sent; it will be tried again", mail=mail.id, error=error)
        await self._outbox.failed(mail, self._clock(), error, left)


def _is_called_off() -> bool:
    """The SMTP client waits by `asyncio.wait_for`, which before Python 3.12 forgets a cancellation
    that comes with the answer (cpython#86296): a switch that stops would wait for ever.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _with_content(mail: Mail) -> tuple[Mail, bytes | None]:
    """What is attached, in the form that its name promises; else as it lies on the disk."""
    if mail.attachment is not None and (mail.attachment_name or "").endswith(".mp3"):
        # PyAV is 20 MB and 0.06 s of a start: for an office that wants MP3, and when it does.
        from softswitch.mail.sound import to_mp3

        try:
            return mail, to_mp3(Path(mail.attachment))
        except (OSError, ValueError, IndexError) as error:
            _log.error("no MP3 could be made", mail=mail.id, error=str(error))
        suffix = Path(mail.attachment).suffix
        name = str(Path(mail.attachment_name or "").with_suffix(suffix))
        mail = replace(mail, attachment_name=name)
    return mail, _content(mail)


def _content(mail: Mail) -> bytes | None:
    """What is attached; None, and a line in the log, if it cannot be read."""
    if mail.attachment is None:
        return None
    try:
        return Path(mail.attachment).read_bytes()
    except OSError as error:
        _log.error("an attachment cannot be read", mail=mail.id, error=str(error))
        return None


def _plain(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
