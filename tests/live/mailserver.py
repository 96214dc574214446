"""A mail server (aiosmtpd) that keeps what it gets, can be stopped and started, and can refuse."""

from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import numpy as np
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.helpers import audio
from tests.live.ports import free_port
from tests.live.process import until


@dataclass(frozen=True, slots=True)
class Mail:
    """One delivery."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""

    def sound(self, folder: Path) -> np.ndarray:
        """The attached WAV, first channel, brought to `(n,) int16` at 8,000 Hz."""
        parts = [p for p in self.message.iter_attachments() if p.get_content_maintype() == "audio"]
        assert len(parts) == 1, f"{len(parts)} sounds attached to {self.subject!r}"
        path = folder / "attached.wav"
        path.write_bytes(parts[0].get_payload(decode=True))
        return audio.read_mono(path)


class MailServer:
    """A server on a port that stays the same over `stop` and `start`."""

    def __init__(self) -> None:
        self.host, self.port = "127.0.0.1", free_port()
        self.mails: list[Mail] = []
        self.refused = 0
        self.refusal: str | None = None  # "451 try later" refuses every message
        self._controller: Controller | None = None

    def __enter__(self) -> "MailServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        if self._controller is None:
            self._controller = Controller(self, hostname=self.host, port=self.port)
            self._controller.start()

    def stop(self) -> None:
        """Nobody listens on the port until `start`."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook: one message."""
        if self.refusal:
            self.refused += 1
            return self.refusal
        content = envelope.content
        data = content if isinstance(content, bytes) else (content or "").encode()
        message = message_from_bytes(data, policy=policy.default)
        assert isinstance(message, EmailMessage)
        recipients = tuple(envelope.rcpt_tos)
        self.mails.append(Mail(str(envelope.mail_from), recipients, message))
        return "250 kept"

    def wait(
        self, check: Callable[[Mail], bool] = lambda mail: True, timeout: float = 60.0
    ) -> Mail:
        """Wait for a mail that satisfies `check`."""
        until(lambda: any(check(mail) for mail in self.mails), "a mail", timeout)
        return next(mail for mail in self.mails if check(mail))
