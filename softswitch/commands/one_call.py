"""`softswitch call ID`: one call's story, its messages as a ladder, and the verdict on it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from softswitch.commands.calls_view import call_story, story_dict
from softswitch.commands.ladder import ladder_dict, ladder_view
from softswitch.commands.terminal import errors
from softswitch.commands.verdicts_view import verdicts_dict, verdicts_view
from softswitch.commands.words import Words, sentence
from softswitch.settings import Settings
from softswitch.store.database import open_for_reading
from softswitch.store.history import History, StoredCall
from softswitch.store.ports import Shelf, StoreError
from softswitch.store.steps import StepKind, steps
from softswitch.trace.drawing import svg
from softswitch.trace.ladder import Ladder, Note, build
from softswitch.trace.loading import Trace, known_from, load_trace
from softswitch.trace.verdicts import gather
from softswitch.wording import ENGLISH, say

_NO_NAMES: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown. `picture`: the file of the ladder as SVG; `zone`: of its moments."""

    sip: bool = False
    full: bool = False
    picture: Path | None = None
    as_json: bool = False
    zone: tzinfo | None = None
    language: str = ENGLISH


async def show_call(settings: Settings, identifier: str, console: Console, wanted: Wanted) -> bool:
    """Print it; False when there is no such call, or none of the messages that were asked for.

    Raises StoreError, and OSError when the picture cannot be written.
    """
    async with open_for_reading(settings.database_url) as shelf:
        story = await History(shelf).get_call(identifier)
        if story is None:
            missing = say("no_call", call=identifier).in_language(wanted.language)
            errors.print(missing, style="red", markup=False)
            return False
        trace = await _trace(shelf, story)
        names = await _names(History(shelf), trace.calls)
    ladder = ladder_of(story, trace, names, ENGLISH if wanted.as_json else wanted.language)
    if wanted.sip or wanted.picture is not None:
        return _show_messages(story, ladder, console, wanted)
    evidence = gather(story.events, ladder)
    if wanted.as_json:
        told = story_dict(story) | verdicts_dict(evidence, wanted.language)
        console.print_json(json.dumps(told))
    else:
        console.print(call_story(story, zone=wanted.zone, language=wanted.language))
        console.print(verdicts_view(evidence, wanted.language))
    return True


def ladder_of(
    story: StoredCall,
    trace: Trace,
    names: Mapping[str, str] = _NO_NAMES,
    language: str = ENGLISH,
) -> Ladder | None:
    """A call's messages with its steps between them."""
    known = known_from(story.events, names)
    words = Words(known.people)
    notes = [
        Note(step.at, sentence(step, words).in_language(language))
        for step in steps(story.events)
        if step.kind is not StepKind.STARTED
    ]
    return build(trace.messages, notes, known, trace.left_out, language)


def _show_messages(
    story: StoredCall, ladder: Ladder | None, console: Console, wanted: Wanted
) -> bool:
    if ladder is None:
        errors.print(say("no_messages_kept").in_language(wanted.language), style="yellow")
        return False
    if wanted.picture is not None:
        title = say("call_drawing", call=story.row.id).in_language(wanted.language)
        wanted.picture.write_text(svg(ladder, title), encoding="utf-8")
        drawn = say("messages_drawn", file=str(wanted.picture), count=len(ladder.arrows))
        console.print(drawn.in_language(wanted.language), soft_wrap=True)
    elif wanted.as_json:
        told: dict[str, Any] = {"id": story.row.id} | ladder_dict(ladder)
        console.print_json(json.dumps(told))
    else:
        view = partial(ladder_view, zone=wanted.zone, language=wanted.language)
        console.print(view(ladder, console.width, full=wanted.full))
    return True


async def _names(history: History, calls: Sequence[str]) -> dict[str, str]:
    """Who called, by number: a leg of another call is named by that call's row."""
    rows = [found.row for one in calls if (found := await history.get_call(one)) is not None]
    return {row.number: row.name for row in rows if row.number and row.name}


async def _trace(shelf: Shelf, story: StoredCall) -> Trace:
    """Nothing from a store that an older version made: its calls can still be read."""
    try:
        return await load_trace(shelf, story.row.id)
    except StoreError:
        return Trace((), (story.row.id,))
