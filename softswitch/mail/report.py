"""The mail with the figures of a day or a week: as text, and as HTML with bars.

The bars are cells of a table: every mail program shows them, and none has to fetch a picture.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape

from softswitch.mail.message import one_line
from softswitch.mail.phrases import phrases
from softswitch.office.durations import minutes_and_seconds
from softswitch.store.outbox import Mail
from softswitch.store.statistics import Inbound, PersonFigures, Statistics

# The longest bar, in pixels of a mail, and in characters of a text.
WIDTH, SIGNS = 320, 30
_COLOURS = {"answered": "#2f7d4f", "messages": "#d9a441", "missed": "#b3372f", "others": "#9aa3ab"}


@dataclass(frozen=True, slots=True)
class Figures:
    """What a report tells. `names`: of people and queues; `open`: callbacks that wait now."""

    statistics: Statistics
    first: date
    last: date
    office: str
    language: str
    open: int
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Words:
    subject: str
    offered: str
    answered: str
    missed: str
    messages: str
    others: str
    average: str
    ninety: str
    outbound: str
    internal: str
    open: str
    hours: str
    days: str
    queues: str
    people: str
    taken: str
    placed: str
    talk: str


_WORDS = {
    "pl": _Words(
        subject="Telefony {when}: {offered} przychodzących, odebrane {answered}, "
        "nieodebrane {missed}",
        offered="przychodzące",
        answered="odebrane",
        missed="nieodebrane",
        messages="zostawiły wiadomość",
        others="zapowiedź lub usługa",
        average="średnie oczekiwanie na rozmowę",
        ninety="dziewięciu na dziesięciu czekało najwyżej",
        outbound="wychodzące",
        internal="wewnętrzne",
        open="osoby czekające na oddzwonienie",
        hours="Godziny",
        days="Dni",
        queues="Kolejki",
        people="Osoby",
        taken="odebrane",
        placed="wykonane",
        talk="rozmowy",
    ),
    "en": _Words(
        subject="Calls {when}: {offered} in, {answered} answered, {missed} missed",
        offered="calls in",
        answered="answered",
        missed="missed",
        messages="left a message",
        others="announcement or service",
        average="average wait for a talk",
        ninety="nine of ten waited at most",
        outbound="calls out",
        internal="calls inside",
        open="people who wait to be called back",
        hours="Hours",
        days="Days",
        queues="Queues",
        people="People",
        taken="taken",
        placed="placed",
        talk="talk",
    ),
}


def compose(
    figures: Figures, recipients: Sequence[str], identifier: str, created: datetime
) -> Mail:
    """The mail for the outbox; of one identifier only one is ever sent."""
    words = _words(figures)
    inbound = figures.statistics.inbound
    subject = words.subject.format(
        when=_when(figures),
        offered=inbound.offered,
        answered=inbound.answered,
        missed=inbound.missed,
    )
    return Mail(
        recipients=tuple(recipients),
        subject=subject,
        body=_text(figures, words),
        html=_html(figures, words, subject),
        created=created,
        id=identifier,
    )


def _words(figures: Figures) -> _Words:
    return _WORDS.get(figures.language[:2].lower(), _WORDS["en"])


def _when(figures: Figures) -> str:
    if figures.first == figures.last:
        return f"{figures.first:%Y-%m-%d}"
    return f"{figures.first:%Y-%m-%d} – {figures.last:%Y-%m-%d}"


def _totals(figures: Figures, words: _Words) -> Iterator[tuple[str, str]]:
    inbound = figures.statistics.inbound
    yield words.offered, str(inbound.offered)
    for title, count in (
        (words.answered, inbound.answered),
        (words.missed, inbound.missed),
        (words.messages, inbound.messages),
        (words.others, inbound.others),
    ):
        share = f" ({count / inbound.offered:.0%})" if inbound.offered else ""
        yield title, f"{count}{share}"
    if inbound.average_wait is not None and inbound.wait_90 is not None:
        yield words.average, minutes_and_seconds(inbound.average_wait)
        yield words.ninety, minutes_and_seconds(inbound.wait_90)
    yield words.outbound, str(figures.statistics.outbound)
    yield words.internal, str(figures.statistics.internal)
    yield words.open, str(figures.open)


def _tables(figures: Figures, words: _Words) -> Iterator[tuple[str, list[tuple[str, Inbound]]]]:
    """Those with bars; hours from the first with a call to the last."""
    found = figures.statistics
    busy = [hour for hour, one in enumerate(found.by_hour) if one.offered]
    if busy:
        hours = range(busy[0], busy[-1] + 1)
        yield words.hours, [(f"{hour:02}:00", found.by_hour[hour]) for hour in hours]
    if figures.first != figures.last and found.by_day:
        weekdays = phrases(figures.language).days
        days = sorted(found.by_day.items())
        yield words.days, [(f"{weekdays[day.weekday()]} {day:%d.%m}", one) for day, one in days]
    if found.by_queue:
        yield words.queues, [(_name(figures, k), one) for k, one in sorted(found.by_queue.items())]


def _people(figures: Figures) -> list[tuple[str, PersonFigures]]:
    return [(_name(figures, who), one) for who, one in sorted(figures.statistics.people.items())]


def _name(figures: Figures, key: str) -> str:
    name = figures.names.get(key)
    return one_line(f"{key} {name}" if name and name != key else key)


# --- as text ---


def _text(figures: Figures, words: _Words) -> str:
    lines = [f"{title}: {value}" for title, value in _totals(figures, words)]
    for title, rows in _tables(figures, words):
        most = max(one.offered for _, one in rows) or 1
        wide = max(len(name) for name, _ in rows)
        lines += ["", title]
        lines += [
            f"{name:{wide}}  {_signs(one, most)} {_counts(one)}".rstrip() for name, one in rows
        ]
    people = _people(figures)
    if people:
        lines += ["", f"{words.people} ({words.taken} / {words.placed} / {words.talk})"]
        lines += [
            f"{who}: {one.taken} / {one.placed} / {minutes_and_seconds(one.talk)}"
            for who, one in people
        ]
    return "\n".join([*lines, "", "-- ", one_line(figures.office), ""])


def _signs(one: Inbound, most: int) -> str:
    return "█" * round(one.answered / most * SIGNS) + "░" * round(
        (one.offered - one.answered) / most * SIGNS
    )


def _counts(one: Inbound) -> str:
    return f"{one.answered}/{one.offered}" if one.offered else ""


# --- as HTML ---


def _html(figures: Figures, words: _Words, subject: str) -> str:
    parts = [
        '<!DOCTYPE html><html><head><meta charset="utf-8"></head>',
        '<body style="font:15px/1.5 sans-serif;color:#222;max-width:640px">',
        f'<h2 style="font-weight:600">{escape(one_line(figures.office))}</h2>',
        f"<p>{escape(subject)}</p>",
        _grid(
            (escape(title), f"<b>{escape(value)}</b>") for title, value in _totals(figures, words)
        ),
    ]
    for title, groups in _tables(figures, words):
        most = max(one.offered for _, one in groups) or 1
        parts.append(f"<h3>{escape(title)}</h3>")
        parts.append(_grid((escape(name), _bar(one, most)) for name, one in groups))
    parts.append(_legend(words))
    people = _people(figures)
    if people:
        rows = [_row("th", (words.people, words.taken, words.placed, words.talk))]
        for who, one in people:
            rows.append(
                _row("td", (who, str(one.taken), str(one.placed), minutes_and_seconds(one.talk)))
            )
        parts.append(f"<table>{''.join(rows)}</table>")
    return "\n".join([*parts, "</body></html>"])


def _grid(rows: Iterator[tuple[str, str]]) -> str:
    """Two columns of HTML."""
    style = "padding:1px 16px 1px 0;white-space:nowrap"
    cells = (f'<tr><td style="{style}">{left}</td><td>{right}</td></tr>' for left, right in rows)
    return f"<table>{''.join(cells)}</table>"


def _row(kind: str, cells: Sequence[str]) -> str:
    style = "text-align:left;padding:1px 16px 1px 0"
    inner = "".join(f'<{kind} style="{style}">{escape(cell)}</{kind}>' for cell in cells)
    return f"<tr>{inner}</tr>"


def _bar(one: Inbound, most: int) -> str:
    parts = []
    for kind, colour in _COLOURS.items():
        width = round(getattr(one, kind) / most * WIDTH)
        if width:
            parts.append(f'<td style="background:{colour};width:{width}px;height:14px"></td>')
    label = f'<td style="padding-left:6px">{_counts(one)}</td>'
    return f'<table style="border-spacing:0"><tr>{"".join(parts)}{label}</tr></table>'


def _legend(words: _Words) -> str:
    parts = (
        f'<span style="color:{colour}">■</span> {escape(getattr(words, kind))}'
        for kind, colour in _COLOURS.items()
    )
    return f"<p>{' &nbsp; '.join(parts)}</p>"
