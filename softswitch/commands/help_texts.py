"""The help of the commands in Polish.

The English texts stand where the commands are declared; here each has its translation: those of the
commands about an office file in this module, the others in `help_of_lists.py`. Which language it is
must be known before anything is parsed (`help_language`).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from typer import rich_utils

from softswitch.commands import help_of_lists
from softswitch.commands.speech import own_language
from softswitch.wording import ENGLISH, LANGUAGES

POLISH: Final = "pl"
# English, Polish.
_TEXTS: Final = (
    (
        "A complete office telephone system: one YAML file describes the office, and no caller is "
        "lost.",
        "Kompletna centrala telefoniczna biura: jeden plik YAML opisuje biuro i nikt, kto dzwoni, "
        "nie ginie.",
    ),
    ("Say which version this is, and exit.", "Podaj wersję i zakończ."),
    ("Show this message and exit.", "Pokaż tę pomoc i zakończ."),
    (
        "Prove that no path in an office's file loses a call, and run the file's own "
        "tests.\n\nEvery finding names file, line, column and what to write instead.",
        "Dowiedź, że żadna droga w pliku biura nie gubi połączenia, i wykonaj testy z tego "
        "pliku.\n\nKażda uwaga podaje plik, wiersz, kolumnę i to, co wpisać zamiast tego.",
    ),
    ("The office's YAML file.", "Plik YAML biura."),
    ("Print JSON, for other programs.", "Wypisz JSON dla innych programów."),
    ("Refuse warnings too.", "Odrzuć też plik z samymi uwagami."),
    (
        "The open hours of the next two weeks, as a table.",
        "Tabela godzin otwarcia na najbliższe dwa tygodnie.",
    ),
    (
        "pl or en; else the terminal's, else the office's.",
        "pl albo en; inaczej język terminala, a potem biura.",
    ),
    (
        "What would happen to a call: every step with its reason, by the engine that runs the "
        "office.\n\nbusy: talks already; away: no phone is connected; silent: it rings and nobody "
        "answers.",
        "Co stałoby się z połączeniem: każdy krok z powodem, na tym samym silniku, który prowadzi "
        "biuro.\n\nbusy: już rozmawia; away: żaden telefon nie jest podłączony; silent: dzwoni i "
        "nikt nie odbiera.",
    ),
    ("Who calls; else withheld.", "Kto dzwoni; inaczej numer zastrzeżony."),
    (
        "Number, person or route; else the first number. With --from an extension also what it "
        "dials outside.",
        "Numer, osoba albo trasa; inaczej pierwszy numer. Gdy --from to numer wewnętrzny, także "
        "to, co wybiera na zewnątrz.",
    ),
    ("Like 2026-12-24 17:05; else now.", "Np. 2026-12-24 17:05; inaczej teraz."),
    ("Keys pressed in turn; - presses none.", "Klawisze po kolei; - to żaden."),
    ("People: 101,102, a group, or all.", "Osoby: 101,102, grupa albo all."),
    ("Queues without a place.", "Kolejki bez wolnego miejsca."),
    ("Switches that are on.", "Włączone przełączniki."),
    ("What other systems answer.", "Co odpowiadają inne systemy."),
    ("Who looks after him, as a CRM would tell: 110.", "Kto się nim opiekuje według CRM: 110."),
    ("Who called him before: 110.", "Kto wcześniej do niego dzwonił: 110."),
    ("Says nothing.", "Nie zostawia wiadomości."),
    ("Explore so many calls.", "Zbadaj tyle losowych połączeń."),
    ("Another exploration.", "Inne losowanie."),
    (
        "Run the `tests:` of an office file: calls that must end as is written there.",
        "Wykonaj `tests:` z pliku biura: połączenia, które muszą się skończyć tak, jak tam "
        "napisano.",
    ),
    (
        "Which calls go otherwise: times, numbers and keys; says nothing when nothing "
        "changes.\n\nLooks at two years from now on. Exit code 1 when something changes.",
        "Które połączenia pójdą inaczej: godziny, numery i klawisze.\n\nSprawdza dwa lata od "
        "teraz. Kod wyjścia 1, gdy coś się zmienia.",
    ),
    ("The office file as it is.", "Plik biura, jaki jest."),
    ("The office file as it shall be.", "Plik biura, jaki ma być."),
    (
        "Draw the routes: what a caller meets, from the number to the end.",
        "Narysuj trasy: co spotyka dzwoniącego od numeru do końca.",
    ),
    ("File: .svg, .png or .mmd (Mermaid).", "Plik: .svg, .png albo .mmd (Mermaid)."),
    (
        "Ways that callers took lately are thicker.",
        "Drogi, którymi ostatnio szli dzwoniący, są grubsze.",
    ),
    ("How many days back, with --hot.", "Ile dni wstecz, z --hot."),
    ("Folder of the database and the messages.", "Folder bazy danych i wiadomości."),
    (
        "Let the running office read its file again; refused whole when the proof refuses "
        "it.\n\nA new version that makes things worse within ten minutes is taken back by itself.",
        "Niech działające biuro przeczyta swój plik na nowo; błędny plik jest odrzucany w "
        "całości.\n\nNowa wersja, z którą w ciągu dziesięciu minut jest gorzej, wycofa się sama.",
    ),
    (
        "Take the new version back after so long, like 10m, unless confirmed.",
        "Wycofaj nową wersję po takim czasie, np. 10m, jeśli nikt jej nie potwierdzi.",
    ),
    ("Why; it stands beside the version.", "Powód; stoi przy wersji."),
    ("Keep the version that is on trial.", "Zostaw wersję, która jest na próbie."),
    (
        "Every version of the office file that was ever accepted, with what it changed.",
        "Każda przyjęta wersja pliku biura i to, co zmieniła.",
    ),
    (
        "Write an accepted version over the office file and reload it.",
        "Przywróć przyjętą wersję pliku biura i wczytaj ją.",
    ),
    (
        "The beginning of a version's name; else the one before.",
        "Początek nazwy wersji; inaczej poprzednia.",
    ),
    (
        "Ask a few questions and write an office file that passes the check.",
        "Zadaj kilka pytań i zapisz plik biura, który przejdzie sprawdzenie.",
    ),
    ("The file to write.", "Plik do zapisania."),
    ("Of questions and prompts: pl or en.", "Język pytań i zapowiedzi: pl albo en."),
    ("Write over a file.", "Zapisz na istniejącym pliku."),
    (
        "The language of office files, for editors: JSON Schema with hints and examples.",
        "Język plików biura dla edytorów: JSON Schema z podpowiedziami i przykładami.",
    ),
    (
        "The manual in Markdown instead, in English.",
        "Zamiast tego podręcznik w formacie Markdown, po angielsku.",
    ),
    (
        "Start the telephone system and serve until Ctrl-C or SIGTERM.\n\nAddresses, ports, the "
        "mail server and logging come from `SOFTSWITCH_*` variables; they are\nlisted in "
        "`docs/operate.md`.",
        "Uruchom centralę; działa do Ctrl-C albo SIGTERM.\n\nAdresy, porty, serwer poczty i "
        "dziennik ustawiają zmienne `SOFTSWITCH_*`, opisane w `docs/operate.md`.",
    ),
    (
        "The demonstration office, with passwords made once.",
        "Biuro demonstracyjne z hasłami utworzonymi raz.",
    ),
    (
        "Set an extension's password; only its digests are written, never the password.",
        "Ustaw hasło numeru wewnętrznego; zapisywane są tylko skróty, nigdy hasło.",
    ),
    ("The extension, like 101.", "Numer wewnętrzny, np. 101."),
    ("Read the password from standard input.", "Czytaj hasło ze standardowego wejścia."),
)
HELP: Final[Mapping[str, str]] = {**dict(_TEXTS), **help_of_lists.TEXTS}
PANELS: Final[Mapping[str, str]] = {
    "ARGUMENTS_PANEL_TITLE": "Argumenty",
    "OPTIONS_PANEL_TITLE": "Opcje",
    "COMMANDS_PANEL_TITLE": "Polecenia",
    "ERRORS_PANEL_TITLE": "Błąd",
    "REQUIRED_LONG_STRING": "[wymagane]",
    "DEFAULT_STRING": "[domyślnie: {}]",
    "ABORTED_TEXT": "Przerwano.",
    "RICH_HELP": "Pomoc: [blue]{command_path} {help_option}[/]",
}
# Arguments as they stand in the line of usage, by their English names.
_ARGUMENTS: Final[Mapping[str, str]] = {
    "extension": "numer",
    "identifier": "id",
    "new": "nowy",
    "number": "numer",
    "office": "plik",
    "old": "stary",
    "source": "kopia",
    "target": "plik",
    "version": "wersja",
    "words": "tekst",
}
# What typer says of a value, and what people do: English, Polish.
_VALUES: Final = {
    "<bool>": ("", ""),
    "<datetime>": ("<time>", "<czas>"),
    "<path>": ("<path>", "<ścieżka>"),
    **dict.fromkeys(("<str>", "<list[str]>"), ("<text>", "<tekst>")),
    **dict.fromkeys(("<int>", "<float>", "<int range>", "<float range>"), ("<number>", "<liczba>")),
}
# Of the line of usage.
_USAGE: Final = (
    ("Usage: ", "Użycie: "),
    ("[OPTIONS]", "[OPCJE]"),
    ("COMMAND [ARGS]...", "POLECENIE [ARGUMENTY]..."),
)


def help_language(words: Sequence[str]) -> str:
    """Of the words of a command line: what is typed behind `--lang`, else the terminal's."""
    for number, word in enumerate(words):
        option, _, value = word.partition("=")
        if option in ("--lang", "--language"):
            typed = value or "".join(words[number + 1 : number + 2])
            if typed in LANGUAGES:
                return typed
    return own_language() or ENGLISH


def speak_polish(command: Any) -> None:
    """Have a command and those below it explain themselves in Polish."""
    for name, title in PANELS.items():
        setattr(rich_utils, name, title)
    _translate(command)
    usage = command.get_usage
    command.get_usage = lambda context: _of_usage(usage(context))
    for below in getattr(command, "commands", {}).values():
        speak_polish(below)


def name_values(command: Any, language: str) -> None:
    """Say what an option takes as people call it; what takes nothing is followed by nothing."""
    for parameter in (*command.params, _help_option(command)):
        shown = parameter.display_type_rich
        parameter.display_type_rich = partial(_value_named, shown, language == POLISH)
    for below in getattr(command, "commands", {}).values():
        name_values(below, language)


def _value_named(shown: Callable[..., str | None], is_polish: bool, **asked: Any) -> str | None:
    written = shown(**asked) or ""
    return _VALUES.get(written, (written, written))[is_polish] or None


def _of_usage(line: str) -> str:
    for english, polish in _USAGE:
        line = line.replace(english, polish, 1)
    return line


def _translate(command: Any) -> None:
    command.help = HELP.get(command.help or "", command.help)
    for parameter in (*command.params, _help_option(command)):
        text = str(getattr(parameter, "help", None))
        if text in HELP:
            parameter.help = HELP[text]
        if parameter.param_type_name == "argument":
            parameter.metavar = _ARGUMENTS.get(parameter.name, parameter.metavar)


def _help_option(command: Any) -> Any:
    return command.get_help_option(command.make_context("softswitch", [], None, **_EASY))


# Nothing is asked of the words of a command of which only the options are wanted.
_EASY: Final = {"resilient_parsing": True}
