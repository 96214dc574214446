"""The commands about an office file: simulate, test, diff, schema, init; `drawing.py` has graph.

`add_commands` puts them into the command line.

Exit codes as everywhere: 0 fine, 1 refused (a caller lost, a test failed, a file that cannot be
read), 2 wrong use.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypedDict

import typer
from rich.console import Console

from softswitch.commands.beginning import QUESTIONS, ask, beginning
from softswitch.commands.comparing import show_changes
from softswitch.commands.offices import (
    print_findings,
    print_hours,
    read_office,
    typed_moment,
    typed_people,
    unknown_word,
)
from softswitch.commands.simulating import (
    show_outgoing,
    show_random,
    show_story,
    show_tests,
)
from softswitch.commands.speech import LangOption, language_for, wrong
from softswitch.office.loader import LoadedOffice
from softswitch.office.models import Office
from softswitch.office.numbers import normalize
from softswitch.routing.check import check
from softswitch.routing.manual import pages
from softswitch.routing.manual.schema import schema as office_schema
from softswitch.routing.simulate import Situation
from softswitch.routing.simulate.cases import called
from softswitch.routing.simulate.outgoing import dialled_outside
from softswitch.wording import of_disk, say

_out = Console()
_err = Console(stderr=True)


class _How(TypedDict):
    as_json: bool
    language: str


OfficeArgument = Annotated[Path, typer.Argument(help="The office's YAML file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]
PeopleOption = Annotated[list[str] | None, typer.Option(help="People: 101,102, a group, or all.")]


FromOption = Annotated[str | None, typer.Option("--from", help="Who calls; else withheld.")]
ToOption = Annotated[
    str | None,
    typer.Option(
        "--to",
        help="Number, person or route; else the first number. With --from an extension also what "
        "it dials outside.",
    ),
]
AtOption = Annotated[str | None, typer.Option(help="Like 2026-12-24 17:05; else now.")]
_KEYS = frozenset("0123456789*#-")
KeysOption = Annotated[str, typer.Option(help="Keys pressed in turn; - presses none.")]
FullOption = Annotated[list[str] | None, typer.Option(help="Queues without a place.")]
OnOption = Annotated[list[str] | None, typer.Option(help="Switches that are on.")]
AnswerOption = Annotated[str | None, typer.Option(help="What other systems answer.")]
ClientOption = Annotated[
    str | None, typer.Option(help="Who looks after him, as a CRM would tell: 110.")
]
RecentOption = Annotated[str | None, typer.Option(help="Who called him before: 110.")]
SilentCallerOption = Annotated[bool, typer.Option("--no-message", help="Says nothing.")]
RandomOption = Annotated[int, typer.Option("--random", min=0, help="Explore so many calls.")]
SeedOption = Annotated[int, typer.Option(help="Another exploration.")]


def simulate(
    office: OfficeArgument,
    from_: FromOption = None,
    to: ToOption = None,
    at: AtOption = None,
    keys: KeysOption = "",
    busy: PeopleOption = None,
    away: PeopleOption = None,
    silent: PeopleOption = None,
    full: FullOption = None,
    on: OnOption = None,
    answer: AnswerOption = None,
    client: ClientOption = None,
    recent: RecentOption = None,
    no_message: SilentCallerOption = False,
    count: RandomOption = 0,
    seed: SeedOption = 1,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """What would happen to a call: every step with its reason, by the engine that runs the office.

    busy: talks already; away: no phone is connected; silent: it rings and nobody answers.
    """
    typed = _Typed.of(office, lang)
    situation = Situation(
        at=typed_moment(typed.office, at, typed.language),
        number=typed.number(from_),
        keys=typed.keys(keys),
        busy=typed_people(typed.office, busy or (), typed.language),
        away=typed_people(typed.office, away or (), typed.language),
        silent=typed_people(typed.office, silent or (), typed.language),
        full=typed.named("no_such_queue", typed.office.queues, full or ()),
        on=typed.named("no_such_switch", typed.office.switches, on or ()),
        answer=answer,
        client=typed.person(client),
        recent=typed.person(recent),
        leaves_message=not no_message,
    )
    _show(typed, to, situation, (count, seed), as_json)


@dataclass(frozen=True, slots=True)
class _Typed:
    """Words that somebody typed about an office, in his language; each exits when it is unknown."""

    loaded: LoadedOffice
    language: str

    @classmethod
    def of(cls, path: Path, lang: str | None) -> "_Typed":
        language = language_for(lang, path)
        return cls(read_office(path, _err, language), language)

    @property
    def office(self) -> Office:
        return self.loaded.office

    def person(self, word: str | None) -> str | None:
        if word is not None and word not in self.office.people:
            raise unknown_word("no_such_person", word, self.office.people, self.language)
        return word

    def keys(self, text: str) -> str:
        """Those of a telephone; - presses none."""
        if not _KEYS.issuperset(text):
            raise wrong(say("no_keys", text=text), self.language)
        return text

    def number(self, text: str | None) -> str | None:
        """Who calls, as providers say it: E.164, or a person of the office."""
        if text is None or text in self.office.people:
            return text
        number = normalize(text, self.office.country)
        if number is None:
            raise wrong(say("typed_no_number", text=text), self.language)
        return number

    def named(self, code: str, known: Mapping[str, object], words: Sequence[str]) -> frozenset[str]:
        for word in words:
            if word not in known:
                raise unknown_word(code, word, known, self.language)
        return frozenset(words)

    def called(self, to: str | None) -> str:
        """What is called: a number, a person, a queue, a route."""
        word = called(self.loaded.graph, to)
        if self.loaded.graph.start(word) is None:
            known = [*self.loaded.graph.entries, *self.office.routes]
            raise unknown_word("nobody_is_called", word, known, self.language)
        return word


def _show(
    typed: _Typed, to: str | None, situation: Situation, walk: tuple[int, int], as_json: bool
) -> None:
    """One call, or with a count so many that chance makes of a seed; exits when one is lost."""
    (count, seed), loaded = walk, typed.loaded
    how: _How = {"as_json": as_json, "language": typed.language}
    is_well = True
    outside = None
    if to is not None and situation.number in loaded.office.people:
        outside = dialled_outside(loaded.graph, to)
    if count:
        is_well = show_random(loaded, situation, count, seed, _out, **how)
    elif outside is not None and to is not None:
        show_outgoing(loaded, to, outside, situation, _out, **how)
    else:
        is_well = show_story(loaded, typed.called(to), situation, _out, **how)
    if not is_well:
        raise typer.Exit(1)


def test(office: OfficeArgument, as_json: JsonOption = False, lang: LangOption = None) -> None:
    """Run the `tests:` of an office file: calls that must end as is written there."""
    language = language_for(lang, office)
    loaded = read_office(office, _err, language)
    if not show_tests(loaded, _out, _err, as_json=as_json, language=language):
        raise typer.Exit(1)


def diff(
    old: Annotated[Path, typer.Argument(help="The office file as it is.")],
    new: Annotated[Path, typer.Argument(help="The office file as it shall be.")],
    at: AtOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
) -> None:
    """Which calls go otherwise: times, numbers and keys; says nothing when nothing changes.

    Looks at two years from now on. Exit code 1 when something changes.
    """
    language = language_for(lang, new)
    before, after = (read_office(one, _err, language) for one in (old, new))
    moment = typed_moment(after.office, at, language)
    if not show_changes(before, after, moment, _out, as_json=as_json, language=language):
        raise typer.Exit(1)


ManualOption = Annotated[
    bool, typer.Option("--manual", help="The manual in Markdown instead, in English.")
]


def schema(manual: ManualOption = False, lang: LangOption = None) -> None:
    """The language of office files, for editors: JSON Schema with hints and examples."""
    if manual:
        typer.echo(pages.manual(), nl=False)
        return
    told = office_schema(language_for(lang))
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False))


def init(
    office: Annotated[Path, typer.Argument(help="The file to write.")] = Path("office.yaml"),
    language: Annotated[
        str, typer.Option("--language", "--lang", help="Of questions and prompts: pl or en.")
    ] = "pl",
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
) -> None:
    """Ask a few questions and write an office file that passes the check."""
    if language not in QUESTIONS:
        raise typer.BadParameter(say("languages_are", known=", ".join(QUESTIONS)))
    if office.exists() and not force:
        raise typer.BadParameter(say("file_exists", file=str(office)))
    text = beginning(ask(language), datetime.now(UTC).date())
    try:
        office.write_text(text, encoding="utf-8")
    except OSError as error:
        told = say("cannot_write", file=str(office), why=of_disk(error)).in_language(language)
        _err.print(told, style="red", highlight=False)
        raise typer.Exit(2) from None
    loaded = read_office(office, _err, language)
    print_findings(check(loaded), _err, language)
    print_hours(loaded.office, loaded.at, _out, full=False, language=language)
    written = say("office_written", file=str(office))
    _out.print(written.in_language(language), highlight=False, soft_wrap=True)


_COMMANDS: dict[str, Callable[..., None]] = {
    "simulate": simulate,
    "test": test,
    "diff": diff,
    "schema": schema,
    "init": init,
}


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    for name, command in _COMMANDS.items():
        app.command(name)(command)
