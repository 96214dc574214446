"""`softswitch simulate` and `softswitch test`: what would happen, and whether it is what should."""

import json
import random
from collections import Counter
from datetime import timedelta
from typing import Any

from rich.console import Console

from softswitch.commands.offices import lengths, print_findings, spoken
from softswitch.office.loader import LoadedOffice
from softswitch.office.numbers import Dialled
from softswitch.routing.graph import Graph
from softswitch.routing.simulate import ChoosingCaller, Situation, Story, simulate, walk
from softswitch.routing.simulate.cases import Verdict, run_cases
from softswitch.routing.simulate.outgoing import simulate_outgoing
from softswitch.wording import ENGLISH, Said, say

# A random walk is spread over so long, so that every holiday and clock change is met.
_RANDOM_MINUTES = 2 * 365 * 24 * 60
# So many stories of lost callers are told.
_TOLD = 3


def show_story(
    loaded: LoadedOffice,
    called: str,
    situation: Situation,
    console: Console,
    *,
    as_json: bool,
    language: str = ENGLISH,
) -> bool:
    """Simulate one call and print its trace; False when the caller is lost. `KeyError`: no such."""
    story = simulate(loaded.graph, called, situation, lengths(loaded))
    if as_json:
        console.print_json(json.dumps(story_dict(story, language)))
    else:
        _print_story(story, console, language)
        waited = say("waited", time=spoken(story.waited))
        console.print(waited.in_language(language), highlight=False)
    return is_well(story)


def show_outgoing(
    loaded: LoadedOffice,
    digits: str,
    meant: Dialled,
    situation: Situation,
    console: Console,
    *,
    as_json: bool,
    language: str = ENGLISH,
) -> None:
    """Simulate what somebody dials outside, and print its trace. A refusal is no fault."""
    extension = situation.number or ""
    found = simulate_outgoing(loaded.office, extension, digits, meant, situation.at)
    if as_json:
        refused = None if found.refused is None else found.refused.value
        console.print_json(json.dumps({**_told(found.story, language), "refused": refused}))
    else:
        _print_story(found.story, console, language)


def _print_story(story: Story, console: Console, language: str) -> None:
    console.print(story.in_language(language), highlight=False, soft_wrap=True, markup=False)


def is_well(story: Story) -> bool:
    """Whether the caller was not lost; who gives up by himself is not lost by us."""
    return story.result is None or story.result.is_accepted


def story_dict(story: Story, language: str = ENGLISH) -> dict[str, Any]:
    """A story for other programs."""
    result = story.result
    return {
        **_told(story, language),
        "end": result.end.value if result is not None else "gave_up",
        "is_well": is_well(story),
        "waited": story.waited,
        "answered_by": story.answered_by,
        "mailbox": story.mailbox,
        "steps": [
            {"node": step.node, "verb": step.verb, "outcome": step.outcome}
            for step in (result.steps if result is not None else ())
        ],
    }


def _told(story: Story, language: str) -> dict[str, Any]:
    return {
        "called": story.called,
        "heard": list(story.heard),
        "trace": [
            {
                "at": line.at.isoformat(),
                "node": line.node,
                "text": line.text.in_language(language),
                "said": line.text.as_data(),
            }
            for line in story.lines
        ],
    }


def show_random(
    loaded: LoadedOffice,
    base: Situation,
    count: int,
    seed: int,
    console: Console,
    *,
    as_json: bool,
    language: str = ENGLISH,
) -> bool:
    """Explore: any number, any moment of two years, any outcome. False when a caller is lost."""
    ends: Counter[str] = Counter()
    lost = []
    for story in random_stories(loaded.graph, base, count, seed):
        ends[story.result.end.value if story.result is not None else "gave_up"] += 1
        if not is_well(story):
            lost.append(story)
    if as_json:
        told = [story_dict(story, language) for story in lost[:_TOLD]]
        console.print_json(json.dumps({"calls": count, "ends": ends, "lost": told}))
    else:
        found = say("explored", count=count, ends=_counted(ends))
        console.print(found.in_language(language), highlight=False, soft_wrap=True)
        for story in lost[:_TOLD]:
            head = say("is_lost").in_language(language)
            text = f"\n{head}:\n{story.in_language(language)}"
            console.print(text, style="red", highlight=False, markup=False)
    return not lost


def _counted(ends: Counter[str]) -> tuple[Said, ...]:
    return tuple(
        say("counted", number=number, end=say(f"ended_{end}")) for end, number in ends.most_common()
    )


def random_stories(graph: Graph, base: Situation, count: int, seed: int) -> list[Story]:
    """Walks in which chance decides all that people do."""
    chance = random.Random(seed)
    numbers = sorted(graph.entries) or [graph.safe]
    stories = []
    for _ in range(count):
        moment = base.at + timedelta(minutes=chance.randrange(_RANDOM_MINUTES))
        number = chance.choice(numbers)
        caller = ChoosingCaller(graph.office, number, Situation(moment), chance.choice)
        stories.append(walk(graph, number, caller))
    return stories


def show_tests(
    loaded: LoadedOffice,
    console: Console,
    errors: Console,
    *,
    as_json: bool,
    language: str = ENGLISH,
) -> bool:
    """Run the tests of the office file; False when one fails."""
    verdicts = run_cases(loaded)
    failed = [verdict for verdict in verdicts if not verdict.is_passed]
    if as_json:
        console.print_json(json.dumps([_verdict_dict(verdict, language) for verdict in verdicts]))
        return not failed
    for verdict in failed:
        print_findings(verdict.findings, errors, language)
        _print_story(verdict.story, errors, language)
    if not verdicts:
        console.print(say("no_tests").in_language(language), highlight=False)
    else:
        passed = len(verdicts) - len(failed)
        told = say("tests_passed", passed=passed, count=len(verdicts))
        console.print(told.in_language(language), highlight=False)
    return not failed


def _verdict_dict(verdict: Verdict, language: str) -> dict[str, Any]:
    findings = [finding.as_data(language) for finding in verdict.findings]
    story = story_dict(verdict.story, language)
    return {
        "test": verdict.name, "passed": verdict.is_passed, "findings": findings, "story": story,
    }  # fmt: skip
