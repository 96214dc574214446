"""The commands about an office file: simulate, test, diff, schema, init; `drawing.py` has graph.

`add_commands` puts them into the command line.

Exit codes as everywhere: 0 fine, 1 refused (a caller lost, a test failed, a file that cannot be
read), 2 wrong use.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

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
)
from softswitch.commands.simulating import (
    show_outgoing,
    show_random,
    show_story,
    show_tests,
)
from softswitch.office.findings import suggest
from softswitch.office.loader import LoadedOffice
from softswitch.office.models import Office
from softswitch.office.numbers import normalize
from softswitch.routing.check import check
from softswitch.routing.manual import pages
from softswitch.routing.manual.schema import schema as office_schema
from softswitch.routing.simulate import Situation
from softswitch.routing.simulate.cases import called
from softswitch.routing.simulate.outgoing import dialled_outside

_out = Console()
_err = Console(stderr=True)

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
) -> None:
    """What would happen to a call: every step with its reason, by the engine that runs the office.

    busy: talks already; away: no phone is connected; silent: it rings and nobody answers.
    """
    made = (loaded := read_office(office, _err)).office
    situation = Situation(
        at=typed_moment(made, at),
        number=_number(made, from_),
        keys=keys,
        busy=typed_people(made, busy or ()),
        away=typed_people(made, away or ()),
        silent=typed_people(made, silent or ()),
        full=_named("queue", made.queues, full or ()),
        on=_named("switch", made.switches, on or ()),
        answer=answer,
        client=_person(made, client),
        recent=_person(made, recent),
        leaves_message=not no_message,
    )
    if not _shown(loaded, to, situation, (count, seed), as_json):
        raise typer.Exit(1)


def _shown(
    loaded: LoadedOffice, to: str | None, situation: Situation, walk: tuple[int, int], as_json: bool
) -> bool:
    """One call, or with a count so many that chance makes of a seed."""
    count, seed = walk
    if count:
        return show_random(loaded, situation, count, seed, _out, as_json=as_json)
    if to is not None and situation.number in loaded.office.people:
        outside = dialled_outside(loaded.graph, to)
        if outside is not None:
            show_outgoing(loaded, to, outside, situation, _out, as_json=as_json)
            return True
    return show_story(loaded, _known(loaded, to), situation, _out, as_json=as_json)


def _person(office: Office, word: str | None) -> str | None:
    if word is not None and word not in office.people:
        raise typer.BadParameter(f"there is no person {word}. {suggest(word, office.people)}")
    return word


def _number(office: Office, text: str | None) -> str | None:
    """Who calls, as providers say it: E.164, or a person of the office."""
    if text is None or text in office.people:
        return text
    number = normalize(text, office.country)
    if number is None:
        raise typer.BadParameter(f"{text} is no telephone number. Write it like +48 600 100 200")
    return number


def _named(what: str, known: Mapping[str, object], words: Sequence[str]) -> frozenset[str]:
    for word in words:
        if word not in known:
            raise typer.BadParameter(f"there is no {what} {word}. {suggest(word, known)}")
    return frozenset(words)


def _known(loaded: LoadedOffice, to: str | None) -> str:
    word = called(loaded.graph, to)
    if loaded.graph.start(word) is None:
        known = [*loaded.graph.entries, *loaded.office.routes]
        raise typer.BadParameter(f"nobody is called {word}. {suggest(word, known)}")
    return word


def test(office: OfficeArgument, as_json: JsonOption = False) -> None:
    """Run the `tests:` of an office file: calls that must end as is written there."""
    loaded = read_office(office, _err)
    if not show_tests(loaded, _out, _err, as_json=as_json):
        raise typer.Exit(1)


def diff(
    old: Annotated[Path, typer.Argument(help="The office file as it is.")],
    new: Annotated[Path, typer.Argument(help="The office file as it shall be.")],
    at: AtOption = None,
    as_json: JsonOption = False,
) -> None:
    """Which calls go otherwise: times, numbers and keys; says nothing when nothing changes.

    Looks at two years from now on. Exit code 1 when something changes.
    """
    before, after = read_office(old, _err), read_office(new, _err)
    moment = typed_moment(after.office, at)
    if not show_changes(before, after, moment, _out, as_json=as_json):
        raise typer.Exit(1)


ManualOption = Annotated[bool, typer.Option("--manual", help="The manual in Markdown instead.")]


def schema(manual: ManualOption = False) -> None:
    """The language of office files, for editors: JSON Schema with hints and examples."""
    text = pages.manual() if manual else json.dumps(office_schema(), indent=2, ensure_ascii=False)
    typer.echo(text, nl=not manual)


def init(
    office: Annotated[Path, typer.Argument(help="The file to write.")] = Path("office.yaml"),
    language: Annotated[str, typer.Option(help="Of questions and prompts: pl or en.")] = "pl",
    force: Annotated[bool, typer.Option("--force", help="Write over a file.")] = False,
) -> None:
    """Ask a few questions and write an office file that passes the check."""
    if language not in QUESTIONS:
        raise typer.BadParameter("the languages are pl and en")
    if office.exists() and not force:
        raise typer.BadParameter(f"{office} exists; name another file, or say --force")
    text = beginning(ask(language), datetime.now(UTC).date())
    try:
        office.write_text(text, encoding="utf-8")
    except OSError as error:
        _err.print(f"{office} cannot be written: {error.strerror}", style="red", highlight=False)
        raise typer.Exit(2) from None
    loaded = read_office(office, _err)
    print_findings(check(loaded), _err)
    print_hours(loaded.office, loaded.at, _out, full=False)
    _out.print(f"{office} written; next: softswitch passwd 101 --office {office}", highlight=False)


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
