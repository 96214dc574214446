"""Whoever types a command: about which office, in which language he is told, and what he may ask.

Commands of a group (`callbacks close`) also obey what is typed before them (`callbacks --lang pl`).
"""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, overload
from zoneinfo import ZoneInfo

import typer

from softswitch.commands.speech import language_for, written_of
from softswitch.commands.terminal import errors, out, process_settings
from softswitch.reload import STATE_FILE
from softswitch.settings import Settings
from softswitch.wording import Said, Slip, in_language, of_disk, say

if TYPE_CHECKING:
    from softswitch.store.numbers import Sought

T = TypeVar("T")


@dataclass(frozen=True)
class Asker:
    """`data`: the folder that was typed, None for the environment's."""

    # Without slots: what the office's file says is read once.

    data: Path | None
    language: str

    @property
    def settings(self) -> Settings:
        """Of the process; a bad one is named, and the program ends with 2."""
        return process_settings(self.data)

    @cached_property
    def zone(self) -> tzinfo | None:
        """On whose clock moments are shown, and meant: the office's; None, for the machine's, where
        no office is known.
        """
        office = office_of(self.settings.data)
        written = written_of(office, "timezone") if office is not None else None
        try:
            return ZoneInfo(written) if written is not None else None
        except (KeyError, ValueError, OSError):
            return None

    @overload
    def meant(self, typed: datetime) -> datetime: ...

    @overload
    def meant(self, typed: datetime | None) -> datetime | None: ...

    def meant(self, typed: datetime | None) -> datetime | None:
        """The moment that he typed: on the clock that he is shown."""
        if typed is None or typed.tzinfo is not None:
            return typed
        return typed.astimezone() if self.zone is None else typed.replace(tzinfo=self.zone)

    def ways_of_writing(self, number: str) -> tuple[str, ...]:
        """A number as the office's rows may have it; nothing of what is no whole number there."""
        from softswitch.office.fields import DEFAULT_COUNTRY
        from softswitch.office.numbers import ways_of_writing

        office = office_of(self.settings.data)
        country = written_of(office, "country") if office is not None else None
        return ways_of_writing(number, country or DEFAULT_COUNTRY)

    def sought(self, number: str | None) -> "Sought | None":
        """A number that he typed, as the store is asked for it."""
        from softswitch.store.numbers import Sought, as_typed

        if number is None:
            return None
        ways = self.ways_of_writing(number)
        return Sought(ways) if ways else as_typed(number)

    def ask(self, verb: str, **what: Any) -> dict[str, Any]:
        """Have the running office do something; what it cannot is said, and the end is 1."""
        from softswitch.control import ControlError, ask

        try:
            return ask(self.settings.data, verb, **what)
        except ControlError as error:
            raise self.give_up(error) from None

    def read(self, work: Coroutine[Any, Any, T]) -> T:
        """What reading the store brings; a store that cannot be read is said, and the end is 1."""
        # Its libraries are read in by the commands that need them.
        from softswitch.store.ports import StoreError

        try:
            return asyncio.run(work)
        except StoreError as error:
            raise self.give_up(error) from None

    def tell(self, *sentences: str, style: str | None = None) -> None:
        """Print them, a line each, in his language."""
        for one in sentences:
            text = in_language(one, self.language)
            out.print(text, style=style, highlight=False, markup=False, soft_wrap=True)

    def refuse(self, sentence: str) -> typer.Exit:
        """Say why not; raise what this returns."""
        text = in_language(sentence, self.language)
        errors.print(text, style="red", highlight=False, markup=False, soft_wrap=True)
        return typer.Exit(1)

    def give_up(self, error: Exception) -> typer.Exit:
        """Say in plain words what went wrong; raise what this returns."""
        return self.refuse(self._told(error))

    def wrong(self, sentence: Said) -> typer.BadParameter:
        """Wrong use, in words; raise what this returns."""
        return typer.BadParameter(sentence.in_language(self.language))

    def _told(self, error: Exception) -> str:
        if isinstance(error, Slip):
            return error.in_language(self.language)
        if isinstance(error, OSError) and error.filename is not None:
            return say("told_of_file", file=str(error.filename), why=of_disk(error))
        said = error.args[0] if error.args else ""
        return said if isinstance(said, Said) else str(error)


@dataclass(frozen=True, slots=True)
class _Typed:
    """What stands before a command of a group."""

    data: Path | None
    lang: str | None


def is_below(context: typer.Context, data: Path | None, lang: str | None) -> bool:
    """Whether a command of the group follows, which then finds what was typed before it."""
    if context.invoked_subcommand is None:
        return False
    context.obj = _Typed(data, lang)
    return True


def asker(data: Path | None, lang: str | None, context: typer.Context | None = None) -> Asker:
    """Who asks, by what he typed; `context`: of a command of a group."""
    above = context.obj if context is not None else None
    if isinstance(above, _Typed):
        data, lang = data or above.data, lang or above.lang
    return Asker(data, language_for(lang, office_of(process_settings(data).data)))


def office_of(data: Path) -> Path | None:
    """The file of the office that runs, or ran last, with this data folder."""
    try:
        return Path(json.loads((data / STATE_FILE).read_text(encoding="utf-8"))["office"])
    except (OSError, ValueError, KeyError):
        return None
