"""An office's lists in both languages, on a screen of 100 columns; all commands speak both."""

import re
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import typer
from msgspec import structs
from rich.console import Console, RenderableType
from typer.testing import CliRunner

from softswitch.cli import app
from softswitch.commands.callbacks import callbacks_table, sums_text
from softswitch.commands.calls_view import call_story, calls_table
from softswitch.commands.demo import dial_table
from softswitch.commands.demo import phones_table as phones_table_of_demo
from softswitch.commands.limits import limits_table, refusals
from softswitch.commands.messages import messages_table
from softswitch.commands.people import people_table, stands
from softswitch.commands.person import _lines
from softswitch.commands.phones_view import phones_table
from softswitch.commands.queues import queues_view
from softswitch.commands.recordings import audit_table, recordings_table
from softswitch.commands.statistics import statistics_view
from softswitch.commands.trunks import trunks_table
from softswitch.office.loader import load_office
from softswitch.resources import shipped
from softswitch.store.audit import AuditEntry
from softswitch.store.callbacks import Item
from softswitch.store.fold import Result, fold
from softswitch.store.history import StoredCall
from softswitch.store.messages import Message
from softswitch.store.reconcile import Sums
from softswitch.store.recordings import RecordingRow
from softswitch.store.statistics import Statistics
from tests.softswitch.commands.test_phones_view import DESK, NOW
from tests.softswitch.commands.test_queues import QUEUE
from tests.softswitch.store.stories import answered_in_queue, event

WARSAW = ZoneInfo("Europe/Warsaw")
WIDTH = 100
DEMO = load_office(shipped("config") / "office.yaml").office
AT = datetime(2026, 11, 4, 9, 30, tzinfo=UTC)
ID = "20261104-093000-1a2b3c4d"
NUMBER = "+48600100200"
ROW = structs.replace(fold(answered_in_queue()), id=ID)
ANNA: dict[str, Any] = {
    "extension": "101", "name": "Anna Zielińska", "devices": ["Yealink SIP-T46S", "Linphone"],
    "calls": 1, "is_talking": True, "calls_at_once": 1, "is_agent": False,
    "left_queues": ["clients"], "pause": {"until": None, "reason": "1"},
    "dnd": {"until": "2026-12-20T17:00+01:00"}, "absent": {"until": None, "deputy": "102"},
    "forwards": [
        {"setting": "forward_no_answer", "target": "102", "seconds": 20.0, "until": None},
        {"setting": "forward_all", "target": "mobile …200", "seconds": None, "until": None},
    ],
}  # fmt: skip
USED = {"calls": 3, "now": 1, "seconds": 3723, "abroad": 60, "money": 1.5,
        "limits": {"now": 2, "seconds": 7200, "abroad": 600, "money": 20.0}}  # fmt: skip
LIMITS: dict[str, Any] = {
    "people": [{"extension": "101", "name": "Anna Zielińska", "is_stopped": True, **USED}],
    "office": USED,
    "refused": [{"at": AT.isoformat(), "extension": "101", "number": "+33123456789",
                 "why": "abroad", "words": "of another version"}],
}  # fmt: skip
ITEM = Item(ID, NUMBER, "Jan Kowalski", None, True, 2, AT, AT, None, None, "m", AT, None, AT)
TRUNK: dict[str, Any] = {
    "trunk": "operator", "server": "sip.operator.pl", "transport": "tls", "state": "unregistered",
    "since": AT.isoformat(), "calls": 2, "limit": 10, "error": "403 Forbidden",
    "next_try": AT.isoformat(),
}  # fmt: skip


def made(kind: Any, **fields: Any) -> Any:
    """A record of which only some fields are of interest."""
    return kind(**{**dict.fromkeys(one.name for one in dataclass_fields(kind)), **fields})


MESSAGE = made(Message, id=ID, mailbox="reception", seconds=34.0, at=AT)
RECORDING = made(RecordingRow, id=f"{ID}-1", started=AT, number=NUMBER, person="101", seconds=190.0,
                 policy="clients", keep_until=AT + timedelta(days=90))  # fmt: skip


def figures() -> Statistics:
    found = Statistics()
    found.add(ROW, WARSAW)
    return found


def lists(language: str) -> dict[str, RenderableType]:
    erased = replace(RECORDING, erased=AT, erased_why="its time is over")
    rows = [ROW, structs.replace(ROW, number=None, name=None, result=Result.ABANDONED, talk=0.0)]
    closed = replace(ITEM, closed=AT, reason="wrong_number", closed_by="anna")
    heard = [MESSAGE, replace(MESSAGE, heard_at=AT), replace(MESSAGE, handled_at=AT)]
    kept = [RECORDING, erased, replace(RECORDING, hold="proces")]
    entry = made(AuditEntry, number=1, at=AT, by="anna", action="erase person", subject=ID,
                 reason="RODO")  # fmt: skip
    return {
        "calls": calls_table(rows, zone=WARSAW, language=language),
        "people": people_table([ANNA], language),
        "queues": queues_view([QUEUE], language),
        "limits": limits_table(LIMITS, language),
        "callbacks": callbacks_table([ITEM, closed], AT, zone=WARSAW, language=language),
        "messages": messages_table(heard, zone=WARSAW, language=language),
        "recordings": recordings_table(kept, zone=WARSAW, language=language),
        "audit": audit_table([entry], zone=WARSAW, language=language),
        "phones": phones_table([DESK, structs.replace(DESK, away=True)], NOW, language=language),
        "trunks": trunks_table([TRUNK], language=language),
        "statistics": statistics_view(figures(), language),
        "to dial": dial_table(DEMO, language),
        "passwords": phones_table_of_demo(DEMO, {"101": "2345678923"}, language),
    }


def shown(what: RenderableType, width: int = WIDTH) -> str:
    console = Console(width=width, no_color=True)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


NAMES = tuple(lists("pl"))
TITLED = ("phones", "to dial", "passwords")


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_cut_on_a_screen_of_100_columns(name: str, language: str) -> None:
    """No word of a heading is broken, no number cut, and every letter is there."""
    found = lists(language)[name]
    wide, narrow = shown(found, 400), shown(found)
    head = wide.splitlines()[1 if name in TITLED else 0].split()
    for word in head:
        assert re.search(rf"(^|\s){re.escape(word)}(\s|$)", narrow), (word, narrow)
    assert NUMBER not in wide or NUMBER in narrow, narrow
    assert sorted("".join(wide.split())) == sorted("".join(narrow.split())), narrow


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("calls", ("wybrany numer", "numer zastrzeżony", "rezygnacja", "rozmowa")),
        ("people", ("nie przeszkadzać", "nieodebrane po 20 s na 102; wszystkie na", "zastępuje")),
        ("queues", ("2 + 1 obiecane", "zwrotne 1", "przerwa (obiad)", "po rozmowie")),
        ("limits", ("1:02:03 z 2:00:00", "zagranica wstrzymana", "biuro")),
        ("callbacks", ("2, obiecane, wiadomość", "eskalacja", "pomyłka (anna)", "wszyscy")),
        ("messages", ("nowa", "odsłuchane 2026-11-04 10:30, ktoś", "załatwione")),
        ("recordings", ("usunięte 2026-11-04 10:30: minął jego czas", "zatrzymane: proces")),
        ("audit", ("usunięcie osoby",)),
        ("phones", ("2 podłączone, 1 bez odpowiedzi", "ważne")),
        ("trunks", ("bez rejestracji", "2 z 10")),
        ("to dial", ("Wybierz", "dzwoni telefon: Anna Zielińska", "#26 to kończy")),
        ("passwords", ("nazwa użytkownika", "2345678923")),
        ("statistics", ("2026-11-04 śr.", "wychodzące: 0, wewnętrzne: 0")),
    ],
)
def test_lists_in_polish(name: str, words: tuple[str, ...]) -> None:
    found = shown(lists("pl")[name], 400)
    for word in words:
        assert word in " ".join(found.split()), found


def test_a_story_in_polish() -> None:
    more = [
        event("outside.refused", 50, who="101", number="+3312345", why="abroad"),
        event("transfer", 50, by="101", to="102", how="blind"),
        event("recording.denied", 50, who=["101"], ground="person"),
        event("recording.denied", 50, who=["101"], ground="help"),
    ]
    story = answered_in_queue()
    talk = [one.kind for one in story].index("bridge.started")
    events = [*story[:talk], *more, *story[talk:]]
    call = StoredCall(fold(events), tuple(events))
    names = {"101": "Anna Zielińska", "102": "Piotr Wójcik"}
    text = shown(call_story(call, names=names, zone=WARSAW, language="pl"))
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[0].startswith("środa, 4 listopada 2026, 10:30:00 CET")
    for line in (
        "0:00 +48600100200 (Jan Kowalski) dzwoni: +48221234567, łącze operator",
        "0:00 zapowiedź „welcome”",
        "0:05 godziny otwarcia: otwarte",
        "0:08 oczekiwanie 0:42 w kolejce clients, miejsce 2",
        "0:10 dzwonek 20 s: 101 Anna Zielińska, nie odebrano",
        "0:50 rozmowa 3:10: 102 Piotr Wójcik",
        "0:50 101 Anna Zielińska nie może dzwonić na +3312345 (zagranica)",
        "0:50 101 Anna Zielińska przekazuje: 102 Piotr Wójcik",
        "0:50 bez nagrywania, bo nigdy nie nagrywamy: 101 Anna Zielińska",
        "0:50 bez nagrywania: połączenie alarmowe",
        "4:00 rozłącza się dzwoniący",
        "Wynik: rozmowa 3:10, 102 Piotr Wójcik, oczekiwanie 0:50",
    ):
        assert line in lines, text


def test_plurals_of_what_goes() -> None:
    counts = dict(messages=2, mails=5, callbacks=1, calls=22, events=112, traces=3, erased_before=0)
    told = {**counts, "recordings": ["r1"], "kept": [{"id": "r2", "why": "held: proces"}],
            "overwritten": True, "contacts": False, "pseudonym": "erased-1",
            "forwards": ["101", "102"], "files": ["versions/1.yaml"]}  # fmt: skip
    assert [line.in_language("pl").strip() for line in _lines(told)] == [
        "nagranie r1", "2 wiadomości głosowe", "5 maili o nim",
        "1 pozycja listy oddzwonień, pseudonim", "22 wiersze historii, pseudonim",
        "112 linii przebiegów, pseudonim", "3 fragmenty zapisu SIP", "NIE r2: zatrzymane: proces",
        "NIE ustawienia 101, 102: jest lub było tam przekierowanie na ten numer",
        "NIE versions/1.yaml: usuń go tam albo usuń plik", "jego pseudonim: erased-1",
    ]  # fmt: skip


def test_what_is_said_of_a_person_and_a_day() -> None:
    assert stands(ANNA).in_language("pl") == (
        "101 Anna Zielińska: nie przeszkadzać: tak do 2026-12-20 17:00; przekierowania: "
        "nieodebrane po 20 s na 102; wszystkie na mobile …200; nieobecność: tak, zastępuje 102; "
        "jedna rozmowa naraz; poza kolejkami; poza kolejkami clients; przerwa"
    )
    (line,) = refusals(LIMITS, WARSAW)
    assert line.in_language("pl").startswith("10:30  101 → +33123456789: 101 nie może dzwonić")
    of_another = {**LIMITS, "refused": [{**LIMITS["refused"][0], "why": "of tomorrow"}]}
    assert refusals(of_another)[0].endswith(": of another version")
    text = sums_text(Sums(12, 7, 2, 1, 2, 0, ("c1",)), "pl")
    assert text == (
        "12 przychodzących = 7 rozmów + 2 do oddzwonienia + 1 oddzwonione lub zamknięte + 2 spam, "
        "a 1 nigdzie:\nc1"
    )


def commands(group: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    below = getattr(group, "commands", {})
    if not below or getattr(group, "invoke_without_command", False):
        yield name, group
    for word, command in below.items():
        yield from commands(command, f"{name} {word}".strip())


def test_every_command_speaks_both_languages() -> None:
    """But for the start, which speaks as `check` does, and what is written for editors."""
    silent = {"run", "schema"}
    for name, command in commands(typer.main.get_command(app)):
        options = {option for one in command.params for option in one.opts}
        assert options & {"--lang", "--language"} or name in silent, name


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("calls",), "nie ma bazy"),
        (("callbacks", "--lang", "pl"), "nie ma bazy"),
        (("people", "--lang", "pl"), "nie działa żadne biuro"),
        (("callbacks", "--lang", "pl", "close", "x", "--reason", "spam"), "nie działa żadne biuro"),
        (("dnd", "101", "perhaps", "--lang", "pl"), "`perhaps` to ani on, ani off"),
        (("forward", "101", "--lang", "pl"), "podaj numer po --all"),
        (("recording", "info", "x", "--lang", "pl"), "nie ma bazy"),
        (("backup", "x.tar.gz", "--lang", "pl"), "kopia w folderze danych zginęłaby"),
        (("trunks", "--call", "1", "--lang", "pl"), "--call działa razem z --test"),
    ],
)
def test_refusals_in_polish(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "pl_PL.UTF-8")
    monkeypatch.setenv("SOFTSWITCH_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(app, words)
    assert found.exit_code in (1, 2)
    assert told in " ".join(found.output.replace("│", " ").split())
