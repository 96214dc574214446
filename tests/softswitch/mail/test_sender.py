"""The outbox against a real SMTP server on loopback, up and down."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from aiosmtplib.protocol import SMTPProtocol
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from softswitch.mail.message import compose
from softswitch.mail.sender import MailSender, SmtpSettings
from softswitch.settings import SmtpSecurity
from softswitch.store.database import Database
from softswitch.store.outbox import Mail
from tests.softswitch.mail.test_message import MESSAGE, NOTICE, SENDER

NOW = datetime(2026, 11, 4, 8, 0, tzinfo=UTC)


class Mailbox:
    """What the server took; refuses recipients that are told to it."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.refused: set[str] = set()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 OK"

    @property
    def recipients(self) -> list[list[str]]:
        return [envelope.rcpt_tos for envelope in self.taken]

    def email(self, index: int = 0) -> EmailMessage:
        content = self.taken[index].content
        assert isinstance(content, bytes)
        parsed = message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@asynccontextmanager
async def server(mailbox: Mailbox, port: int = 0, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    tls: ssl.SSLContext | None = options.pop("tls", None)
    listening = await loop.create_server(
        lambda: SMTP(mailbox, loop=loop, **options), "127.0.0.1", port, ssl=tls
    )
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    store = Database(f"sqlite+aiosqlite:///{tmp_path / 's.db'}", tmp_path)
    await store.start()
    yield store
    await store.close()


@pytest.fixture
def mail(tmp_path: Path) -> Mail:
    recording = tmp_path / "m1.wav"
    recording.write_bytes(b"RIFF" + bytes(range(256)) * 200)
    notice = replace(NOTICE, message=replace(MESSAGE, path=str(recording)))
    return replace(compose(notice, ["a@example.org", "b@example.org"]), created=NOW)


def settings(port: int, security: str = "none", **more: object) -> SmtpSettings:
    known = SmtpSettings(host="127.0.0.1", port=port, security=security, sender=SENDER)
    return replace(known, **more)  # type: ignore[arg-type]


async def test_a_mail_arrives_whole(database: Database, mail: Mail, tmp_path: Path) -> None:
    mailbox = Mailbox()
    async with server(mailbox) as port:
        database.outbox.add(mail)
        assert await MailSender(database.outbox, settings(port), lambda: NOW).send_due() == 1
    assert mailbox.recipients == [["a@example.org", "b@example.org"]]
    assert mailbox.taken[0].mail_from == "centrala@kancelaria.example"
    email = mailbox.email()
    assert email["Subject"] == mail.subject
    (attached,) = email.iter_attachments()
    assert attached.get_content() == (tmp_path / "m1.wav").read_bytes()
    (kept,) = await database.outbox.list_mails()
    assert (kept.sent_at, kept.tries) == (NOW, 1)


async def test_a_server_that_is_down_delays_and_loses_nothing(
    database: Database, mail: Mail
) -> None:
    now, port, mailbox = [NOW], free_port(), Mailbox()
    sender = MailSender(database.outbox, settings(port), lambda: now[0])
    database.outbox.add(mail)
    database.outbox.add(replace(mail, id="second"))
    for _ in range(3):
        assert await sender.send_due() == 0
        now[0] += timedelta(hours=1)
    waiting = await database.outbox.list_mails(only_waiting=True)
    assert [one.tries for one in waiting] == [3, 3]
    assert "Connect" in (waiting[0].last_error or "")
    async with server(mailbox, port):
        assert await sender.send_due() == 2
    assert len(mailbox.taken) == 2
    assert len({mailbox.email(index)["Message-ID"] for index in (0, 1)}) == 2


async def test_the_task_sends_what_is_added_at_once(database: Database, mail: Mail) -> None:
    mailbox = Mailbox()
    async with server(mailbox) as port:
        task = asyncio.create_task(MailSender(database.outbox, settings(port)).run())
        await asyncio.sleep(0.1)
        database.outbox.add(mail)
        async with asyncio.timeout(60):
            while not mailbox.taken:  # noqa: ASYNC110  (the server's side has no signal)
                await asyncio.sleep(0.02)
        task.cancel()
        await asyncio.wait([task])


@pytest.mark.parametrize("answer", range(1, 8))
async def test_the_task_ends_when_it_is_called_off_with_an_answer(
    database: Database, mail: Mail, monkeypatch: pytest.MonkeyPatch, answer: int
) -> None:
    """Of the moments to stop it the worst: the server's answer is there and not yet read."""
    mailbox, answers = Mailbox(), 0
    take = SMTPProtocol.data_received

    def taken(self: SMTPProtocol, data: bytes) -> None:
        nonlocal answers
        take(self, data)
        answers += 1
        if answers == answer:
            task.cancel()

    monkeypatch.setattr(SMTPProtocol, "data_received", taken)
    database.outbox.add(mail)
    async with server(mailbox) as port:
        task = asyncio.create_task(MailSender(database.outbox, settings(port)).run())
        done, _ = await asyncio.wait([task], timeout=30)
        assert done and task.cancelled() and answers >= answer


async def test_a_refused_recipient_is_tried_again_and_the_others_only_once(
    database: Database, mail: Mail
) -> None:
    now, mailbox = [NOW], Mailbox()
    mailbox.refused = {"a@example.org"}
    async with server(mailbox) as port:
        sender = MailSender(database.outbox, settings(port), lambda: now[0])
        database.outbox.add(mail)
        assert await sender.send_due() == 0
        now[0] += timedelta(hours=1)
        assert await sender.send_due() == 0
        (waiting,) = await database.outbox.list_mails(only_waiting=True)
        assert (waiting.recipients, waiting.tries) == (("a@example.org",), 2)
        assert "550" in (waiting.last_error or "")
        mailbox.refused.clear()
        now[0] += timedelta(hours=1)
        assert await sender.send_due() == 1
    assert mailbox.recipients == [["b@example.org"], ["a@example.org"]]


async def test_a_recording_that_is_gone_is_said(
    database: Database, mail: Mail, tmp_path: Path
) -> None:
    (tmp_path / "m1.wav").unlink()
    mailbox = Mailbox()
    async with server(mailbox) as port:
        database.outbox.add(mail)
        assert await MailSender(database.outbox, settings(port), lambda: NOW).send_due() == 1
    body = mailbox.email().get_body()
    assert body is not None
    assert body.get_content().startswith("UWAGA: nie udało się dołączyć nagrania")


async def test_one_impossible_mail_does_not_hold_the_others(database: Database, mail: Mail) -> None:
    mailbox = Mailbox()
    async with server(mailbox) as port:
        database.outbox.add(replace(mail, id="0", recipients=("x@y\r\nBcc: z@example.org",)))
        database.outbox.add(mail)
        assert await MailSender(database.outbox, settings(port), lambda: NOW).send_due() == 1
    assert len(mailbox.taken) == 1


def authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    is_right = data == LoginPassword(b"office", "zażółć".encode())
    return AuthResult(success=is_right, handled=is_right)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context with a certificate of its own making, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "server.pem").write_bytes(pem + secret)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(folder / "server.pem")
    return serving, ssl.create_default_context(cadata=pem.decode())


@pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
async def test_encrypted_and_with_a_login(
    database: Database, mail: Mail, tmp_path: Path, security: SmtpSecurity
) -> None:
    serving, trusting = certificate(tmp_path)
    is_tls = security is SmtpSecurity.TLS
    options: dict[str, Any] = {"authenticator": authenticate, "auth_required": True}
    options |= {"tls": serving} if is_tls else {"tls_context": serving, "require_starttls": True}
    # aiosmtpd does not see that the whole connection is encrypted.
    options |= {"auth_require_tls": False} if is_tls else {}
    mailbox = Mailbox()
    async with server(mailbox, **options) as port:
        database.outbox.add(mail)
        right = settings(port, security.value, username="office", password="zażółć", tls=trusting)
        wrong = replace(right, password="wrong")
        distrusting = replace(right, tls=None)
        now = [NOW]
        for refused in (wrong, distrusting):
            assert await MailSender(database.outbox, refused, lambda: now[0]).send_due() == 0
            now[0] += timedelta(hours=1)
        assert await MailSender(database.outbox, right, lambda: now[0]).send_due() == 1
    assert len(mailbox.taken) == 1


async def test_a_server_without_starttls_gets_no_mail_in_clear(
    database: Database, mail: Mail
) -> None:
    mailbox = Mailbox()
    async with server(mailbox) as port:
        database.outbox.add(mail)
        sender = MailSender(database.outbox, settings(port, "starttls"), lambda: NOW)
        assert await sender.send_due() == 0
    assert mailbox.taken == []


async def test_a_server_that_hangs_up_in_the_middle(database: Database, mail: Mail) -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.close()

    listening = await asyncio.start_server(rude, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    database.outbox.add(mail)
    sender = MailSender(database.outbox, settings(port), lambda: NOW)
    assert await sender.send_due() == 0
    listening.close()
    (waiting,) = await database.outbox.list_mails(only_waiting=True)
    assert waiting.tries == 1
