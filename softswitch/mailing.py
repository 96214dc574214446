"""Who sends the office's mails, as the settings of the process say."""

from softswitch.log import get_logger
from softswitch.mail.sender import MailSender, SmtpSettings
from softswitch.settings import Settings
from softswitch.store.outbox import Outbox

_log = get_logger("server")


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
    await MailSender(outbox, smtp).run()
