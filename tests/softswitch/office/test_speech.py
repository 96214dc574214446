"""What is said, word by word: the names are turned into their texts and read as a sentence."""

from datetime import datetime

import pytest

from softswitch.office.prompts import PromptLibrary
from softswitch.office.speech import (
    Gender,
    Unit,
    counted_prompts,
    digit_prompts,
    minutes_prompts,
    number_prompts,
    position_prompts,
    time_prompts,
    until_prompts,
    waiting_prompts,
)


def said(names: list[str], language: str) -> str:
    library = PromptLibrary(language=language)
    assert library.missing(names) == []
    return " ".join(library.text(name) or f"<{name}>" for name in names)


@pytest.mark.parametrize(
    ("number", "masculine", "feminine"),
    [
        (0, "zero", "zero"),
        (1, "jeden", "jedna"),
        (2, "dwa", "dwie"),
        (3, "trzy", "trzy"),
        (5, "pięć", "pięć"),
        (10, "dziesięć", "dziesięć"),
        (12, "dwanaście", "dwanaście"),
        (14, "czternaście", "czternaście"),
        (20, "dwadzieścia", "dwadzieścia"),
        (21, "dwadzieścia jeden", "dwadzieścia jeden"),
        (22, "dwadzieścia dwa", "dwadzieścia dwie"),
        (25, "dwadzieścia pięć", "dwadzieścia pięć"),
        (90, "dziewięćdziesiąt", "dziewięćdziesiąt"),
        (99, "dziewięćdziesiąt dziewięć", "dziewięćdziesiąt dziewięć"),
        (100, "sto", "sto"),
        (101, "sto jeden", "sto jeden"),
        (102, "sto dwa", "sto dwie"),
        (112, "sto dwanaście", "sto dwanaście"),
        (222, "dwieście dwadzieścia dwa", "dwieście dwadzieścia dwie"),
        (999, "dziewięćset dziewięćdziesiąt dziewięć", "dziewięćset dziewięćdziesiąt dziewięć"),
        (1002, "jeden zero zero dwa", "jeden zero zero dwa"),
    ],
)
def test_polish_numbers(number: int, masculine: str, feminine: str) -> None:
    assert said(number_prompts(number, "pl"), "pl") == masculine
    assert said(number_prompts(number, "pl", Gender.FEMININE), "pl") == feminine


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "zero"),
        (1, "one"),
        (2, "two"),
        (12, "twelve"),
        (20, "twenty"),
        (22, "twenty two"),
        (100, "one hundred"),
        (105, "one hundred five"),
        (342, "three hundred forty two"),
        (1000, "one zero zero zero"),
    ],
)
def test_english_numbers(number: int, text: str) -> None:
    assert said(number_prompts(number, "en"), "en") == text
    assert number_prompts(number, "en", Gender.FEMININE) == number_prompts(number, "en")


def test_every_number_can_be_said() -> None:
    for language in ("pl", "en"):
        names = [name for number in range(1000) for name in number_prompts(number, language)]
        assert PromptLibrary(language=language).missing(names) == []


def test_negative_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        number_prompts(-1)


@pytest.mark.parametrize(
    ("number", "unit", "polish", "english"),
    [
        (0, Unit.MINUTE, "zero minut", "zero minutes"),
        (1, Unit.MINUTE, "jedna minuta", "one minute"),
        (2, Unit.MINUTE, "dwie minuty", "two minutes"),
        (4, Unit.MINUTE, "cztery minuty", "four minutes"),
        (5, Unit.MINUTE, "pięć minut", "five minutes"),
        (11, Unit.MINUTE, "jedenaście minut", "eleven minutes"),
        (12, Unit.MINUTE, "dwanaście minut", "twelve minutes"),
        (13, Unit.SECOND, "trzynaście sekund", "thirteen seconds"),
        (21, Unit.MINUTE, "dwadzieścia jeden minut", "twenty one minutes"),
        (22, Unit.MINUTE, "dwadzieścia dwie minuty", "twenty two minutes"),
        (24, Unit.SECOND, "dwadzieścia cztery sekundy", "twenty four seconds"),
        (25, Unit.SECOND, "dwadzieścia pięć sekund", "twenty five seconds"),
        (100, Unit.MINUTE, "sto minut", "one hundred minutes"),
        (112, Unit.MINUTE, "sto dwanaście minut", "one hundred twelve minutes"),
        (122, Unit.HOUR, "sto dwadzieścia dwie godziny", "one hundred twenty two hours"),
        (1, Unit.HOUR, "jedna godzina", "one hour"),
        (1, Unit.DAY, "jeden dzień", "one day"),
        (2, Unit.DAY, "dwa dni", "two days"),
        (1, Unit.MESSAGE, "jedna nowa wiadomość", "one new message"),
        (3, Unit.MESSAGE, "trzy nowe wiadomości", "three new messages"),
        (5, Unit.MESSAGE, "pięć nowych wiadomości", "five new messages"),
        (2, Unit.CALLER, "dwie osoby", "two callers"),
        (15, Unit.CALLER, "piętnaście osób", "fifteen callers"),
    ],
)
def test_counted(number: int, unit: Unit, polish: str, english: str) -> None:
    assert said(counted_prompts(number, unit, "pl"), "pl") == polish
    assert said(counted_prompts(number, unit, "en"), "en") == english


def test_position() -> None:
    assert position_prompts(1) == position_prompts(0) == ["queue_next"]
    assert said(position_prompts(3), "pl") == "Pozycja w kolejce: trzy"
    assert said(position_prompts(22), "pl") == "Pozycja w kolejce: dwadzieścia dwa"
    assert said(position_prompts(2, "en"), "en") == "Your position in the queue is: two"


@pytest.mark.parametrize(
    ("seconds", "polish"),
    [
        (0, "Przewidywany czas oczekiwania: mniej niż minuta."),
        (59.9, "Przewidywany czas oczekiwania: mniej niż minuta."),
        (60, "Przewidywany czas oczekiwania: jedna minuta"),
        (61, "Przewidywany czas oczekiwania: dwie minuty"),
        (119.5, "Przewidywany czas oczekiwania: dwie minuty"),
        (300, "Przewidywany czas oczekiwania: pięć minut"),
        (6120, "Przewidywany czas oczekiwania: jedna godzina czterdzieści dwie minuty"),
        (7200, "Przewidywany czas oczekiwania: dwie godziny"),
    ],
)
def test_waiting(seconds: float, polish: str) -> None:
    assert said(waiting_prompts(seconds), "pl") == polish


def test_minutes() -> None:
    assert said(minutes_prompts(99), "pl") == "dziewięćdziesiąt dziewięć minut"
    assert said(minutes_prompts(120, "en"), "en") == "two hours"


@pytest.mark.parametrize(
    ("hour", "minute", "polish", "english"),
    [
        (0, 0, "godzina zerowa", "twelve A M"),
        (8, 0, "godzina ósma", "eight A M"),
        (9, 5, "godzina dziewiąta zero pięć", "nine oh five A M"),
        (12, 30, "godzina dwunasta trzydzieści", "twelve thirty P M"),
        (16, 22, "godzina szesnasta dwadzieścia dwa", "four twenty two P M"),
        (23, 59, "godzina dwudziesta trzecia pięćdziesiąt dziewięć", "eleven fifty nine P M"),
    ],
)
def test_time(hour: int, minute: int, polish: str, english: str) -> None:
    assert said(time_prompts(hour, minute), "pl") == polish
    assert said(time_prompts(hour, minute, "en"), "en") == english


@pytest.mark.parametrize(("hour", "minute"), [(24, 0), (-1, 0), (3, 60)])
def test_no_such_time(hour: int, minute: int) -> None:
    with pytest.raises(ValueError, match="no time"):
        time_prompts(hour, minute)


def test_digits() -> None:
    assert said(digit_prompts("101"), "pl") == "jeden zero jeden"
    assert said(digit_prompts("+48 22*#"), "pl") == "cztery osiem dwa dwa gwiazdka krzyżyk"
    assert digit_prompts("") == []


def test_unknown_language_is_english() -> None:
    assert counted_prompts(2, Unit.MINUTE, "uk") == counted_prompts(2, Unit.MINUTE, "en")
    assert time_prompts(16, 30, "uk") == time_prompts(16, 30, "en")


@pytest.mark.parametrize(
    ("until", "polish", "english"),
    [
        ("2026-11-25 17:00", "godzina siedemnasta", "five P M"),
        ("2026-11-26 00:00", "godzina zerowa", "twelve A M"),
        ("2026-12-01 00:00", "pierwszego grudnia", "December first"),
        (
            "2026-12-25 17:30",
            "dwudziestego piątego grudnia godzina siedemnasta trzydzieści",
            "December twenty fifth five thirty P M",
        ),
        ("2027-01-20 00:00", "dwudziestego stycznia", "January twentieth"),
        ("2027-01-31 00:00", "trzydziestego pierwszego stycznia", "January thirty first"),
    ],
)
def test_until(until: str, polish: str, english: str) -> None:
    now, end = datetime(2026, 11, 25, 12), datetime.fromisoformat(until)
    assert said(until_prompts(end, now, "pl"), "pl") == f"Obowiązuje do: {polish}"
    assert said(until_prompts(end, now, "en"), "en") == f"This lasts until: {english}"
