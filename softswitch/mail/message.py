"""The mail about a voicemail message: its words, and its form on the wire.

Words are chosen when the message is left (`compose`) and kept in the outbox; the wire form is made
anew at every try (`to_email`), because the attachment is read then. RFC 5322, MIME in UTF-8 by the
standard library, RFC 3834 for Auto-Submitted. Knows no server.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import PurePath
from zoneinfo import ZoneInfo

import phonenumbers

from softswitch.mail.phrases import phrases, spoken_date
from softswitch.mail.templates import told
from softswitch.office.durations import minutes_and_seconds
from softswitch.store.messages import Message
from softswitch.store.outbox import Mail

# RFC 5322 2.1.1 allows 998 characters a line; a display name beyond this is no name.
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class VoicemailNotice:
    """What the mail tells. `zone`: the office's; `country`: its two letters."""

    message: Message
    mailbox: str  # as people call it
    office: str
    language: str
    zone: ZoneInfo
    country: str
    template: str | None = None  # the office's own words: a subject, an empty line, the text
    sound: str = "wav"


def compose(notice: VoicemailNotice, recipients: Sequence[str]) -> Mail:
    """The mail for the outbox."""
    message, words = notice.message, phrases(notice.language)
    local = message.at.astimezone(notice.zone)
    caller = _caller(message, words.hidden)
    length = minutes_and_seconds(max(message.seconds, 1.0))  # a message is of some length
    date = spoken_date(words, local)
    is_hidden = not (message.number or message.name)
    usual = words.subject_hidden if is_hidden else words.subject
    subject, body = told(
        notice.template,
        (usual, words.body),
        mailbox=one_line(notice.mailbox),
        caller=caller,
        number=one_line(message.number or words.hidden),
        name=one_line(message.name or "")[:LONGEST_NAME],
        date=date,
        length=length,
        office=one_line(notice.office),
    )
    return Mail(
        recipients=tuple(recipients),
        subject=subject,
        body=body,
        missing=words.missing.format(file=PurePath(message.path).name),
        attachment=message.path,
        attachment_name=_file_name(words.file, message, f"{local:%Y-%m-%d-%H%M}", notice.sound),
        created=message.at,
    )


def to_email(mail: Mail, sender: str, attachment: bytes | None) -> EmailMessage:
    """The mail as it is sent. `attachment`: its content, or None if it could not be read.

    Its Message-ID is the same at every try, so that a server that has it already can tell. Raises
    ValueError for an address that cannot stand in a header.
    """
    email = EmailMessage(policy=SMTP)
    email["From"] = sender
    email["To"] = ", ".join(mail.recipients)
    email["Subject"] = one_line(mail.subject)
    email["Date"] = format_datetime(mail.created)
    email["Message-ID"] = f"<{mail.id}@{_domain(sender)}>"
    email["Auto-Submitted"] = "auto-generated"
    is_missing = mail.attachment is not None and attachment is None
    body = f"{mail.missing}\n{mail.body}" if is_missing else mail.body
    email.set_content(body, charset="utf-8", cte="quoted-printable")
    if mail.html is not None:
        email.add_alternative(mail.html, "html", charset="utf-8", cte="quoted-printable")
    if mail.attachment is not None and attachment is not None:
        name = mail.attachment_name or PurePath(mail.attachment).name
        email.add_attachment(attachment, maintype="audio", subtype=_subtype(name), filename=name)
    return email


def public_number(number: str) -> str:
    """`+48600100200` → `+48 600 100 200`, as mail programs make it dialable; others unchanged."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def one_line(text: str) -> str:
    """Fit for a header or a line of text: a caller's name is a stranger's input."""
    # Other: control characters, lone surrogates, marks that turn the direction of writing.
    kept = (
        "" if unicodedata.category(sign)[0] == "C" and not sign.isspace() else sign for sign in text
    )
    return " ".join("".join(kept).split())


def _caller(message: Message, hidden: str) -> str:
    number = one_line(public_number(message.number)) if message.number else hidden
    name = one_line(message.name or "")[:LONGEST_NAME]
    return f"{number} ({name})" if name and name != message.number else number


def _file_name(word: str, message: Message, when: str, sound: str) -> str:
    digits = re.sub(r"\D", "", message.number or "", flags=re.ASCII)
    return "-".join(part for part in (word, when, digits) if part) + f".{sound}"


def _subtype(name: str) -> str:
    return {".wav": "wav", ".mp3": "mpeg"}.get(PurePath(name).suffix.lower(), "x-unknown")


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"
