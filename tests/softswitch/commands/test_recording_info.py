"""`recording info`, in both languages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from softswitch.commands.recording_info import info_lines
from softswitch.store.recordings import GapRow
from tests.softswitch.apps.recording.test_commands import ROW

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
FULL = replace(
    ROW, policy="person 120 calls internal", ended=NOON + timedelta(seconds=90), seconds=90.0,
    how="interrupted", hold="proces", held_by="root", queue=None,
    gaps=(GapRow("paused", 12.0, 5.0), GapRow("of tomorrow", 60.0, None)),
)  # fmt: skip


def told(row=FULL, language: str = "pl") -> list[str]:  # type: ignore[no-untyped-def]
    return [line.in_language(language) for line in info_lines(row, UTC)]


def test_in_polish() -> None:
    assert told() == [
        "Nagranie: c1-1",
        "Połączenie: c1",
        "Początek: 2026-11-29 12:00",
        "Koniec: 2026-11-29 12:01",
        "Długość: 1:30",
        "Jak się skończyło: przerwała awaria centrali",
        "Kierunek: przychodzące",
        "Klient: +48600100200",
        "Wybrany numer: +48221234567",
        "Osoba: 101",
        "Zasada: osoba 120, połączenia wewnętrzne",
        "Cel: ustalenia",
        "Zapowiedź: notice_recorded@0123",
        "Mogą słuchać: 110, payroll",
        "Czego w nim nie ma: 0:05 po 0:12: wstrzymane",
        "Czego w nim nie ma: wszystko po 1:00: of tomorrow",
        "Plik: recordings/c1-1.sealed",
        "Przechowywane do: 2027-02-27 12:00",
        "Zatrzymane: proces (root)",
    ]


def test_of_an_erased_one_in_english() -> None:
    erased = replace(FULL, erased=NOON, erased_by="root", erased_why="asked for", how="of tomorrow")
    lines = told(erased, "en")
    assert lines[-2:] == ["Erased: 2026-11-29 12:00", "Why: asked for (root)"]
    assert "How it ended: of tomorrow" in lines and "Policy: person 120 calls internal" in lines
    by_itself = replace(erased, erased_by="retention", erased_why="its time is over")
    assert told(by_itself)[-1] != told(by_itself, "en")[-1]
