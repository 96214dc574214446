"""The voicemail mail as a mail program reads it."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import pytest

from softswitch.mail.message import VoicemailNotice, compose, one_line, to_email
from softswitch.mail.phrases import LANGUAGES, phrases, spoken_date
from softswitch.store.messages import Message
from softswitch.store.outbox import Mail

WARSAW = ZoneInfo("Europe/Warsaw")
MESSAGE = Message(
    id="m1",
    mailbox="reception",
    call="c1",
    number="+48600100200",
    name="Jan Kowalski",
    at=datetime(2026, 11, 4, 7, 5, tzinfo=UTC),
    seconds=33.6,
    path="/data/messages/reception/20261104-080500-abcd.wav",
)
NOTICE = VoicemailNotice(MESSAGE, "Recepcja", "Kancelaria Nowak i Wspólnicy", "pl", WARSAW, "PL")
RECIPIENTS = ["biuro@kancelaria.example", "anna@kancelaria.example"]
SENDER = "Centrala <centrala@kancelaria.example>"
WAV = b"RIFF....WAVE"


def sent(mail: Mail, attachment: bytes | None = WAV) -> EmailMessage:
    """Through bytes and back, as a mail program gets it."""
    data = to_email(mail, SENDER, attachment).as_bytes(policy=policy.SMTP)
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    parsed = message_from_bytes(data, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    return parsed


def body_of(email: EmailMessage) -> str:
    body = email.get_body()
    assert body is not None
    text = body.get_content()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


def test_the_polish_mail() -> None:
    email = sent(compose(NOTICE, RECIPIENTS))
    assert email["Subject"] == "Nowa wiadomość głosowa od +48 600 100 200 (Jan Kowalski) — 0:34"
    assert email["To"] == "biuro@kancelaria.example, anna@kancelaria.example"
    assert email["From"] == SENDER
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["Date"].datetime == MESSAGE.at
    assert (
        body_of(email)
        == """\
Nowa wiadomość głosowa w skrzynce: Recepcja

Od:       +48 600 100 200 (Jan Kowalski)
Kiedy:    środa, 4 listopada 2026, 8:05 (CET, UTC+01:00)
Długość:  0:34 (min:s)

--\x20
Kancelaria Nowak i Wspólnicy
"""
    )
    (attached,) = email.iter_attachments()
    assert attached.get_filename() == "wiadomosc-2026-11-04-0805-48600100200.wav"
    assert attached.get_content_type() == "audio/wav"
    assert attached.get_content() == WAV


def test_the_english_mail() -> None:
    email = sent(compose(replace(NOTICE, language="en"), RECIPIENTS))
    assert email["Subject"] == "New voice message from +48 600 100 200 (Jan Kowalski) — 0:34"
    assert "When:     Wednesday, 4 November 2026, 8:05 (CET, UTC+01:00)" in body_of(email)


def test_a_language_that_is_not_here_is_english() -> None:
    assert phrases("uk") is LANGUAGES["en"]
    assert phrases("pl-PL") is LANGUAGES["pl"]


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_missing_attachment_is_said_first(language: str) -> None:
    email = sent(compose(replace(NOTICE, language=language), RECIPIENTS), None)
    assert list(email.iter_attachments()) == []
    first = body_of(email).splitlines()[0]
    assert first.startswith(("UWAGA", "NOTE"))
    assert "20261104-080500-abcd.wav" in body_of(email)
    assert "+48 600 100 200" in body_of(email)


def test_a_withheld_number() -> None:
    mail = compose(replace(NOTICE, message=replace(MESSAGE, number=None, name=None)), RECIPIENTS)
    assert mail.subject == "Nowa wiadomość głosowa z numeru zastrzeżonego — 0:34"
    assert mail.attachment_name == "wiadomosc-2026-11-04-0805.wav"


def test_an_extension_leaves_a_message() -> None:
    message = replace(MESSAGE, number="101", name="101")
    assert "od 101 — " in compose(replace(NOTICE, message=message), RECIPIENTS).subject


def test_a_caller_cannot_write_headers_or_commands() -> None:
    name = "Zły\r\nBcc: all@example.org\n\n\x1b[2J\u202e\udc80\0" + "x" * 5000
    mail = compose(
        replace(NOTICE, message=replace(MESSAGE, name=name, number="7\r\n8")), RECIPIENTS
    )
    email = sent(mail)
    assert email["Bcc"] is None
    assert "Bcc: all@example.org" in email["Subject"]
    assert len(email["Subject"]) < 200
    assert "\x1b" not in body_of(email)


def test_every_try_has_the_same_message_id() -> None:
    mail = compose(NOTICE, RECIPIENTS)
    later = replace(mail, tries=3)
    assert sent(mail)["Message-ID"] == sent(later)["Message-ID"]
    assert sent(mail)["Message-ID"].endswith("@kancelaria.example>")


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.2, "0:01"), (59.6, "1:00"), (61, "1:01"), (754, "12:34")]
)
def test_lengths(seconds: float, said: str) -> None:
    notice = replace(NOTICE, message=replace(NOTICE.message, seconds=seconds))
    assert f" {said}" in compose(notice, RECIPIENTS).body


def test_summer_time_is_told() -> None:
    july = datetime(2026, 7, 1, 15, 30, tzinfo=UTC).astimezone(WARSAW)
    assert spoken_date(phrases("pl"), july) == "środa, 1 lipca 2026, 17:30 (CEST, UTC+02:00)"


def test_one_line_keeps_letters() -> None:
    assert one_line("  Zażółć\tgęślą\n jaźń\x07 ") == "Zażółć gęślą jaźń"
