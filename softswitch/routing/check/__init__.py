"""`check`: is this office safe to switch on? Errors refuse it, warnings do not.

The proof that every path ends well stands in `proof.py`. Beside it, one file a question: `ways`
(how long, how many menus), `hours` (open when), `rosters` (who is on duty), `absences` (who is left
of a team), `outside` (legs out of the office), `prompts` (can it be heard), `things` (each thing
alone: queues with agents, menus that can be remembered, what is unused).
"""

from collections.abc import Iterator
from datetime import datetime

from softswitch.office.findings import Finding, Findings
from softswitch.office.loader import LoadedOffice
from softswitch.office.prompts import PromptLibrary
from softswitch.routing.check.absences import check_absences
from softswitch.routing.check.hours import check_hours
from softswitch.routing.check.outgoing import check_outgoing
from softswitch.routing.check.outside import check_outside
from softswitch.routing.check.prompts import (
    check_languages,
    check_music,
    check_prompts,
)
from softswitch.routing.check.recording import check_recording
from softswitch.routing.check.rosters import check_rosters
from softswitch.routing.check.things import (
    check_idle,
    check_menu,
    check_office,
    check_people,
    check_usage,
    check_variables,
)
from softswitch.routing.check.ways import check_depth, check_longest
from softswitch.routing.exploring import explore
from softswitch.routing.graph import Graph
from softswitch.routing.lengths import library_of, prompt_lengths
from softswitch.routing.proof import check_ends, check_loops
from softswitch.routing.verbs.base import Measure
from softswitch.wording import say


def check(
    loaded: LoadedOffice, library: PromptLibrary | None = None, at: datetime | None = None
) -> list[Finding]:
    """All findings about a loaded office, in the order of the file, those of loading included.

    `library`: where prompts are looked for, by default the office's own folder and the shipped
    ones. `at`: from when on the hours are looked at for two years, by default when it was loaded.
    """
    office, graph = loaded.office, loaded.graph
    findings = Findings(loaded.source)
    at = at or loaded.at
    # The safe place last: a story that begins with a number called says more.
    by_failure = explore(graph, [(say("failure"), graph.safe)])
    reached = by_failure | explore(graph, _starts(graph))
    check_ends(graph, reached, findings, at)
    check_loops(graph, reached, findings, at)
    library, starts = library or prompt_library(loaded), list(_starts(graph))
    if not findings.has_errors:
        measure = Measure(office, prompt_lengths(library))
        outside = [start for start in starts if start[0].startswith("+")]
        check_longest(graph, outside or starts, measure, findings)
        check_depth(graph, outside, findings)
        # After an error, what no call comes to is probably one of its consequences.
        check_usage(graph, {state.node for state in reached}, findings)
    for node in graph.nodes.values():
        check_menu(node, findings)
    check_hours(office, at, findings)
    check_rosters(office, at, findings)
    check_people(loaded, findings)
    check_absences(office, at, findings)
    check_outside(graph, findings)
    check_idle(office, graph, findings)
    check_variables(graph, findings)
    check_recording(graph, findings)
    check_prompts(graph, library, findings)
    check_languages(loaded, findings)
    check_music(loaded, library, findings)
    check_office(office, findings)
    check_outgoing(office, findings)
    return sorted([*loaded.findings, *findings.sorted()], key=lambda f: (f.file, f.line, f.column))


def prompt_library(loaded: LoadedOffice) -> PromptLibrary:
    """The prompts as this office hears them: its own folder before the shipped ones."""
    return library_of(loaded.office, loaded.folder)


def _starts(graph: Graph) -> Iterator[tuple[str, str]]:
    """Public numbers first, so that stories begin with them; then what can be dialled inside."""
    numbers = sorted(graph.entries, key=lambda number: (not number.startswith("+"), number))
    return ((number, graph.entries[number]) for number in numbers)
