"""`check`: is this office safe to switch on? Errors refuse it, warnings do not.

The proof about paths stands in `proof.py`; here is what can be said of each thing alone: prompts
that exist, hours that change, queues with agents, menus that can be remembered, things unused.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from softswitch.office.directory import group_by_number
from softswitch.office.findings import Finding, Findings, suggest
from softswitch.office.hours import is_meant_always, never_changes
from softswitch.office.loader import LoadedOffice
from softswitch.office.models import Office
from softswitch.office.numbers import pretty
from softswitch.office.prompts import PromptError, PromptLibrary
from softswitch.office.source import Path
from softswitch.routing.graph import Graph, Node
from softswitch.routing.proof import check_ends, check_loops, explore
from softswitch.routing.verbs.base import Need

# More options than this are not remembered by somebody who listens.
MAX_MENU_KEYS = 5

# Sections that are read and do nothing in this version.
_LATER_SECTIONS = {
    "recording": "nothing is recorded yet",
    "rosters": "duty rosters are not followed yet",
    "contacts": "contacts are not looked up yet",
}


def check(
    loaded: LoadedOffice, library: PromptLibrary | None = None, at: datetime | None = None
) -> list[Finding]:
    """All findings about a loaded office, in the order of the file, those of loading included.

    `library`: where prompts are looked for, by default the office's own folder and the shipped
    ones. `at`: from when on the hours are looked at for two years, by default when it was loaded.
    """
    office, graph = loaded.office, loaded.graph
    findings = Findings(loaded.source)
    # The safe place last: a story that begins with a number called says more.
    by_failure = explore(graph, [("a failure of the switch", graph.safe)])
    reached = by_failure | explore(graph, _starts(graph))
    check_ends(graph, reached, findings)
    check_loops(graph, reached, findings)
    nodes = {state.node for state in reached}
    _check_usage(graph, nodes, findings)
    for node in graph.nodes.values():
        _check_menu(node, findings)
    _check_hours(office, at or loaded.at, findings)
    _check_people(loaded, findings)
    library = library or prompt_library(loaded)
    _check_prompts(graph, library, findings)
    _check_music(loaded, library, findings)
    _check_office(office, findings)
    return sorted([*loaded.findings, *findings.sorted()], key=lambda f: (f.file, f.line, f.column))


def prompt_library(loaded: LoadedOffice) -> PromptLibrary:
    """The prompts as this office hears them: its own folder before the shipped ones."""
    own = [loaded.folder / loaded.office.prompts] if loaded.office.prompts else []
    return PromptLibrary(own, loaded.office.office.language)


def _starts(graph: Graph) -> Iterator[tuple[str, str]]:
    """Public numbers first, so that stories begin with them; then what can be dialled inside."""
    numbers = sorted(graph.entries, key=lambda number: (not number.startswith("+"), number))
    return ((number, graph.entries[number]) for number in numbers)


def _check_usage(graph: Graph, reached: set[str], findings: Findings) -> None:
    """What no call ever comes to."""
    for name, node in graph.nodes.items():
        if not node.is_implied and name not in reached:
            message = f"no call ever comes to the route {name}"
            findings.warning(node.where, message, "Point to it, or remove it", at_key=True)
    used = {
        (reference.need, reference.word)
        for name, node in graph.nodes.items()
        if name in reached
        for reference in node.verb.references(node.options)
    }
    office = graph.office
    used |= {(Need.PEOPLE, group_by_number(office, word) or word) for _, word in used}
    # People and groups that a route rings are used, though nobody goes through their own node.
    sections: list[tuple[str, Need, Iterable[str]]] = [
        ("queues", Need.QUEUE, office.queues),
        ("mailboxes", Need.MAILBOX, office.mailboxes),
        ("groups", Need.PEOPLE, office.groups),
        ("hours", Need.HOURS, office.hours),
    ]
    for section, need, names in sections:
        for name in names:
            if (need, name) not in used:
                message = f"`{name}` in `{section}` is never used"
                findings.warning((section, name), message, "Point to it, or remove it", at_key=True)


def _check_menu(node: Node, findings: Findings) -> None:
    if node.verb.name != "menu":
        return
    keys = [name for name, edge in node.edges.items() if edge.outcome.is_chosen]
    if len(keys) > MAX_MENU_KEYS:
        message = f"the menu {node.name} has {len(keys)} keys, and callers remember {MAX_MENU_KEYS}"
        findings.warning(node.where, message, "Put some into a second menu", at_key=True)


def _check_hours(office: Office, at: datetime, findings: Findings) -> None:
    for name, rule in office.hours.items():
        state = never_changes(rule, at, office.country, office.zone)
        if state is None or is_meant_always(rule):
            continue
        word, meant = ("open", "24/7") if state else ("closed", "24/7 off")
        message = f"the hours `{name}` are always {word}, for the next two years"
        findings.error(("hours", name), message, f"Write `{meant}` if that is meant")


def _check_people(loaded: LoadedOffice, findings: Findings) -> None:
    office = loaded.office
    for name, queue in office.queues.items():
        if not queue.agents:
            message = f"nobody answers the queue {name}"
            remedy = "Name its people, like `agents: [101, 102]`"
            findings.error(("queues", name, "agents"), message, remedy)
    for name, mailbox in office.mailboxes.items():
        if not mailbox.mail:
            message = f"nobody is told of messages in the mailbox {name}"
            remedy = "Write `mail:` and an address"
            findings.warning(("mailboxes", name), message, remedy, at_key=True)
    without = [extension for extension in office.people if extension not in loaded.secrets]
    if without:
        few = ", ".join(without[:5]) + (" and others" if len(without) > 5 else "")
        message = f"no phone can register for {few}: no password is set"
        findings.warning(("people",), message, f"Run `softswitch passwd {without[0]}`", at_key=True)


def _check_prompts(graph: Graph, library: PromptLibrary, findings: Findings) -> None:
    """Every prompt that a route, a mailbox or a recording policy names has its audio."""
    named = list(_prompts(graph))
    missing = set(library.missing(word for word, _ in named))
    if not missing:
        return
    known = sorted(library.names())
    for word, path in named:
        if word in missing:
            remedy = suggest(word, known, "Put a sound file of this name into the prompt folder")
            findings.error(path, f"there is no prompt `{word}`", remedy)


def _prompts(graph: Graph) -> Iterator[tuple[str, Path]]:
    for node in graph.nodes.values():
        for reference in node.verb.references(node.options):
            if reference.need is Need.PROMPT:
                index = () if reference.index is None else (reference.index,)
                yield reference.word, (*node.where, reference.key, *index)
    for name, mailbox in graph.office.mailboxes.items():
        yield mailbox.greeting, ("mailboxes", name, "greeting")
    for number, policy in enumerate(graph.office.recording):
        yield policy.notice, ("recording", number, "notice")


def _check_music(loaded: LoadedOffice, library: PromptLibrary, findings: Findings) -> None:
    office = loaded.office
    for name, file in office.music.items():
        if not (loaded.folder / file).is_file():
            message = f"there is no music file {file}"
            findings.error(("music", name), message, "Write its path from the office file's folder")
    for name, queue in office.queues.items():
        if queue.music in office.music:
            continue
        try:
            library.music(queue.music)
        except PromptError:
            remedy = suggest(queue.music, ["calm", "bright", *office.music])
            findings.error(("queues", name, "music"), f"there is no music `{queue.music}`", remedy)


def _check_office(office: Office, findings: Findings) -> None:
    if not office.numbers:
        message = "no number leads anywhere: no call from outside is answered"
        findings.warning((), message, 'Write `numbers:` and `"+48 22 123 45 67": welcome`')
    own = {number for trunk in office.trunks.values() for number in trunk.numbers}
    shown = office.office.number
    if shown is not None and own and shown not in own:
        message = f"{pretty(shown, office.country)} is shown to the called, and is on no trunk"
        remedy = "Operators block such calls: show a number of yours"
        findings.warning(("office", "number"), message, remedy)
    for section, message in _LATER_SECTIONS.items():
        if getattr(office, section):
            remedy = "The section is kept for a later version"
            findings.warning((section,), message, remedy, at_key=True)
