"""Can it be heard: every prompt and piece of music exists, can be decoded, and is not silent."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path as FilePath

from softswitch import resources
from softswitch.office.findings import Findings, suggest
from softswitch.office.loader import LoadedOffice
from softswitch.office.mailbox import Situation
from softswitch.office.prepared import REMEDY
from softswitch.office.prompts import OTHER_SUFFIXES, SUFFIXES, PromptError, PromptLibrary
from softswitch.office.recording import NOT_RECORDED, RecordedDirection, RecordingPolicy
from softswitch.office.sounds import MOST_SECONDS, SoundFileError, length, listen
from softswitch.office.source import Path
from softswitch.routing.graph import Graph, Node
from softswitch.routing.verbs.base import Need, Options
from softswitch.wording import Said, say


def check_prompts(graph: Graph, library: PromptLibrary, findings: Findings) -> None:
    """Every prompt that a route, a mailbox or a recording policy names has its audio."""
    named = list(_prompts(graph))
    missing = set(library.missing(word for word, _ in named))
    known = sorted(library.names()) if missing else []
    wrong: dict[str, Said | None] = {}
    for word, path in named:
        if word in missing:
            remedy = suggest(word, known, say("put_sound"))
            findings.error(path, say("no_prompt", word=word), remedy)
            continue
        if word not in wrong:
            wrong[word] = _fault(library, word)
        fault = wrong[word]
        if fault is not None:
            findings.error(path, say("prompt_fault", word=word, fault=fault), REMEDY)


def _fault(library: PromptLibrary, name: str) -> Said | None:
    """Why the caller would not hear it."""
    try:
        return _fault_of(library.path(name))
    except PromptError:
        return None  # a library may know of a prompt without having its file


def _check_own_sounds(loaded: LoadedOffice, library: PromptLibrary, findings: Findings) -> None:
    """What else lies in the prompt folder is heard too: it takes the place of shipped prompts."""
    office = loaded.office
    if office.prompts is None:
        return
    own = loaded.folder / office.prompts
    if not own.is_dir():
        message = say("no_prompt_folder", folder=office.prompts)
        findings.warning(("prompts",), message, say("make_prompt_folder"))
        return
    looked_at = {word for word, _ in _prompts(loaded.graph)}
    for path in sorted(own.rglob("*")):
        if path.stem in looked_at and path.absolute() == library.path(path.stem):
            continue
        if path.suffix.lower() in SUFFIXES and (fault := _fault_of(path)) is not None:
            findings.warning(
                ("prompts",), say("sound_fault", file=path.relative_to(own), fault=fault), REMEDY
            )
        elif path.suffix.lower() in OTHER_SUFFIXES:
            message = say("not_looked_for", file=path.relative_to(own))
            remedy = say("ends_in", suffixes=", ".join(SUFFIXES), remedy=REMEDY)
            findings.warning(("prompts",), message, remedy)


def _fault_of(path: FilePath) -> Said | None:
    try:
        if path.is_relative_to(resources.shipped("prompts")):
            length(path)  # that it is heard has been proved before it was shipped
            return None
        sound = listen(path)
    except SoundFileError as error:
        return say("sound_broken", file=path.name, why=error.args[0] if error.args else "")
    if sound.seconds > MOST_SECONDS:
        return say("sound_too_long", file=path.name, minutes=MOST_SECONDS // 60)
    return say("sound_silent", file=path.name) if sound.is_silent else None


def _prompts(graph: Graph, names: Collection[str] | None = None) -> Iterator[tuple[str, Path]]:
    """Prompts with their places; with `names`, only those of these nodes."""
    for node in graph.nodes.values():
        if names is not None and node.name not in names:
            continue
        for reference in node.verb.references(node.options):
            if reference.need is Need.PROMPT:
                index = () if reference.index is None else (reference.index,)
                yield reference.word, (*node.where, reference.key, *index)
    if names is not None:
        return
    for name, mailbox in graph.office.mailboxes.items():
        yield mailbox.greeting, ("mailboxes", name, "greeting")
        for situation in Situation:
            prompt = mailbox.greetings.prompt(situation)
            if prompt is not None:
                yield prompt, ("mailboxes", name, "greetings", situation.value)
    for name, queue in graph.office.queues.items():
        for key in ("greeting", "whisper"):
            if getattr(queue, key) is not None:
                yield getattr(queue, key), ("queues", name, key)
    for number, policy in enumerate(graph.office.recording):
        # Where it cannot be played, nothing is recorded.
        for word in policy.spoken:
            key = "notice" if word == policy.notice else "opt_out_key"
            yield word, ("recording", number, key)
        if policy.opt_out_key is not None:
            yield NOT_RECORDED, ("recording", number, "opt_out_key")


def check_languages(loaded: LoadedOffice, findings: Findings) -> None:
    """After `language:`, every prompt on the way is there in that language."""
    graph, folder = loaded.graph, loaded.folder
    own = [folder / loaded.office.prompts] if loaded.office.prompts else []
    for node in graph.nodes.values():
        language = str(getattr(node.options, "language", ""))
        if node.verb.name != "language":
            continue
        places = [each / language for each in (*own, resources.shipped("prompts"))]
        if not any(place.is_dir() for place in places):
            message = say("no_language", language=language)
            remedy = say("put_into_folder", language=language)
            findings.error((*node.where, "language"), message, remedy)
            continue
        named = sorted({word for word, _ in _prompts(graph, _after(graph, node.name))})
        missing = [word for word in named if not _is_in(places, word)]
        _check_notices(graph, node, language, places, findings)
        if missing:
            message = say("heard_in_other", language=language, words=", ".join(missing[:3]))
            remedy = say("record_too", language=language)
            findings.warning((*node.where, "language"), message, remedy)


def _check_notices(
    graph: Graph, node: Node, language: str, places: Sequence[FilePath], findings: Findings
) -> None:
    """A notice in a language that the caller has not chosen is none."""
    after = [graph.nodes[name].options for name in _after(graph, node.name)]
    for policy in graph.office.recording:
        untold = [word for word in policy.spoken if not _is_in(places, word)]
        if untold and _is_met(graph, policy, node, after):
            facts = {"language": language, "policy": policy.title, "word": untold[0]}
            message, remedy = say("notice_in_other", **facts), say("record_too", language=language)
            findings.error((*node.where, "language"), message, remedy)


def _is_met(graph: Graph, policy: RecordingPolicy, node: Node, after: Sequence[Options]) -> bool:
    """Whether a caller who has been at this node may fall under the policy."""
    if policy.direction in (RecordedDirection.OUT, RecordedDirection.INTERNAL):
        return False
    if policy.number is not None:
        start = graph.entries.get(policy.number)
        return start is not None and start in graph.nodes and node.name in _after(graph, start)
    for key in ("queue", "conference"):
        if (named := getattr(policy, key)) is not None:
            return any(getattr(one, key, None) == named for one in after)
    return True


def _is_in(places: Sequence[FilePath], word: str) -> bool:
    return any((place / f"{word}{suffix}").is_file() for place in places for suffix in SUFFIXES)


def _after(graph: Graph, start: str) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        edges = graph.nodes[waiting.pop()].edges.values()
        fresh = {edge.target for edge in edges if edge.target} - found
        found |= fresh
        waiting.extend(fresh)
    return found


def check_music(loaded: LoadedOffice, library: PromptLibrary, findings: Findings) -> None:
    """Music of queues, conferences and the parking exists and is heard, and so is whatever else
    the office has put into its folder.
    """
    _check_own_sounds(loaded, library, findings)
    office = loaded.office
    for name, file in office.music.items():
        if not (loaded.folder / file).is_file():
            message = say("no_music_file", file=file)
            findings.error(("music", name), message, say("write_music_path"))
            continue
        fault = _fault_of(loaded.folder / file)
        if fault is not None:
            findings.error(("music", name), say("music_fault", name=name, fault=fault), REMEDY)
    named: list[tuple[Path, str]] = [
        (("queues", name, "music"), queue.music) for name, queue in office.queues.items()
    ]
    named += [(("conferences", n, "music"), room.music) for n, room in office.conferences.items()]
    if office.parking is not None:
        named.append((("parking", "music"), office.parking.music))
    for path, music in named:
        if music in office.music:
            continue
        try:
            library.music(music)
        except PromptError:
            remedy = suggest(music, ["calm", "bright", *office.music])
            findings.error(path, say("no_music", music=music), remedy)
