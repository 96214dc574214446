"""The mails of the callback list: whom nobody has called back, and sums that are not right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from softswitch.mail.message import LONGEST_NAME, one_line, public_number
from softswitch.store.callbacks import Item
from softswitch.store.outbox import Mail

# More lines nobody reads; the list has them all.
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class EscalationNotice:
    """Items that are late. `names`: extension → person."""

    items: tuple[Item, ...]
    office: str
    language: str
    zone: ZoneInfo
    at: datetime
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MissingNotice:
    """Calls that the nightly check found nowhere."""

    calls: tuple[str, ...]
    office: str
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    subject_one: str
    head: str
    line: str
    more: str
    hidden: str
    message: str
    everybody: str
    tail: str
    missing_subject: str
    missing: str


_POLISH = _Words(
    subject="Nikt nie oddzwonił, liczba oczekujących: {count}",
    subject_one="Nikt nie oddzwonił: {who}",
    head="Nikt jeszcze nie oddzwonił, choć minął na to czas:",
    line="{who} — prób: {attempts}, czeka od {since}, ostatnio {last}, do: {owner}{message}",
    more="… oraz {count} dalszych: softswitch callbacks",
    hidden="numer zastrzeżony",
    message=", zostawiono wiadomość",
    everybody="wszyscy",
    tail="Kod {code} na telefonie łączy z następną osobą.",
    missing_subject="Kontrola oddzwonień: połączenia spoza listy ({count})",
    missing="""\
Nocna kontrola nie znalazła tych połączeń ani wśród rozmów, ani na liście oddzwonień. Zostały teraz
dopisane, jeśli było to możliwe; proszę o tym powiedzieć administratorowi.
""",
)
_ENGLISH = _Words(
    subject="Nobody has called back: {count} are waiting",
    subject_one="Nobody has called back: {who}",
    head="Nobody has called back, and the time for it is over:",
    line="{who} — attempts: {attempts}, waiting since {since}, last {last}, for: {owner}{message}",
    more="… and {count} more: softswitch callbacks",
    hidden="number withheld",
    message=", a message was left",
    everybody="everybody",
    tail="The code {code} on a phone calls the next one.",
    missing_subject="Check of the callbacks: {count} calls are not on the list",
    missing="""\
The nightly check found these calls neither among the talks nor on the list of callbacks. They have
been put there now if that was possible; please tell your administrator.
""",
)
_LANGUAGES = {"pl": _POLISH, "en": _ENGLISH}


def compose(notice: EscalationNotice, recipients: Sequence[str], code: str | None = None) -> Mail:
    """The mail for the outbox. `code`: the star code that dials the next one."""
    words = _words(notice.language)
    shown = [_line(item, notice, words) for item in notice.items[:MOST_LINES]]
    rest = len(notice.items) - len(shown)
    lines = [words.head, "", *shown, *([words.more.format(count=rest)] if rest else [])]
    lines += ["", words.tail.format(code=code)] if code else []
    is_one = len(notice.items) == 1
    subject = words.subject_one if is_one else words.subject
    return Mail(
        recipients=tuple(recipients),
        subject=subject.format(count=len(notice.items), who=_who(notice.items[0], words)),
        body="\n".join([*lines, "", "-- ", one_line(notice.office), ""]),
        created=notice.at,
    )


def compose_missing(notice: MissingNotice, recipients: Sequence[str]) -> Mail:
    """The mail about calls that are nowhere."""
    words = _words(notice.language)
    lines = [words.missing, *notice.calls[:MOST_LINES], "", "-- ", one_line(notice.office), ""]
    return Mail(
        recipients=tuple(recipients),
        subject=words.missing_subject.format(count=len(notice.calls)),
        body="\n".join(lines),
        created=notice.at,
    )


def _words(language: str) -> _Words:
    return _LANGUAGES.get(language[:2].lower(), _ENGLISH)


def _line(item: Item, notice: EscalationNotice, words: _Words) -> str:
    owner = item.owner or words.everybody
    name = notice.names.get(owner)
    return words.line.format(
        who=_who(item, words),
        attempts=item.attempts,
        since=f"{item.first.astimezone(notice.zone):%Y-%m-%d %H:%M}",
        last=f"{item.last.astimezone(notice.zone):%Y-%m-%d %H:%M}",
        owner=one_line(f"{owner} {name}" if name else owner),
        message=words.message if item.message else "",
    )


def _who(item: Item, words: _Words) -> str:
    number = one_line(public_number(item.number)) if item.number else words.hidden
    name = one_line(item.name or "")[:LONGEST_NAME]
    return f"{number} ({name})" if name and name != item.number else number
