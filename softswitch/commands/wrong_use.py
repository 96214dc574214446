"""Wrong use of a command in plain words, Polish or English: what is wrong, what to type instead.

Typer and pydantic tell it in English alone; of what they found, the same sentences are made as of a
wrong value in an office file (`office/translate`).
"""

import re
from typing import Any

from pydantic import ValidationError
from typer import rich_utils

from softswitch.office.findings import suggest
from softswitch.office.translate import wrong_value
from softswitch.wording import SILENT, Said, in_language, say

_COMMAND = re.compile(r"No such command '(.*)'\.", re.DOTALL)
_TOO_MUCH = re.compile(r"Got unexpected extra argument\(?s?\)? \((.*)\)", re.DOTALL)


def tell_wrong_use(language: str) -> None:
    """From now on what is wrong with a command line is told in this language."""
    show = _shown_by_typer

    def told(error: Any) -> None:
        text = in_language(sentence_of(error), language)
        error.format_message = lambda: text
        show(error)

    setattr(rich_utils, "rich_format_error", told)  # noqa: B010 - typer's own has another type


_shown_by_typer = rich_utils.rich_format_error


def sentence_of(error: Any) -> str:
    """What is wrong; typer's own text where it is none of what people do."""
    match type(error).__name__:
        case "NoSuchOption":
            known = [name for one in error.ctx.command.params for name in one.opts if "-" in name]
            return _advised(say("no_option", word=error.option_name), error.option_name, known)
        case "MissingParameter":
            return say("parameter_missing", name=_named(error))
        case "BadParameter":
            return _of_value(error)
        case "BadOptionUsage":
            takes_none = "not take" in error.message
            return say("option_alone" if takes_none else "option_bare", word=error.option_name)
    return _of_words(error)


def _of_value(error: Any) -> str:
    """A value that is wrong: by its type, or by what the command itself says."""
    found = error.__cause__
    if not isinstance(found, ValidationError):
        said: str = error.message
        return said
    message, remedy = wrong_value(found.errors(include_url=False)[0], _named(error))
    return say("told_and_advised", told=message, advised=remedy) if remedy else message


def _of_words(error: Any) -> str:
    """Words too many, or one that is no command."""
    command = _COMMAND.match(error.message)
    if command is not None:
        known = list(error.ctx.command.commands)
        return _advised(say("no_command", word=command[1]), command[1], known)
    too_much = _TOO_MUCH.match(error.message)
    if too_much is not None:
        return say("words_too_many", words=too_much[1])
    said: str = error.message
    return said


def _advised(told: Said, word: str, known: list[str]) -> Said:
    advised = suggest(word, known, SILENT)
    return say("told_and_advised", told=told, advised=advised) if advised else told


def _named(error: Any) -> str:
    """An option as it is typed; an argument as it stands in the line of usage."""
    parameter = error.param
    options = [name for name in parameter.opts if name.startswith("--")]
    return options[0] if options else str(parameter.metavar or parameter.name)
