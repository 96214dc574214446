"""How long an office's prompts are, for the check and the simulator: one clock for both."""

from collections.abc import Callable
from pathlib import Path

from softswitch.office.models import Office
from softswitch.office.prompts import PromptError, PromptLibrary
from softswitch.office.sounds import SoundFileError, length


def library_of(office: Office, folder: Path) -> PromptLibrary:
    """The prompts as this office hears them: its own, beside its file, before the shipped ones."""
    own = [folder / office.prompts] if office.prompts else []
    return PromptLibrary(own, office.office.language)


def prompt_lengths(library: PromptLibrary) -> Callable[[str], float]:
    """Seconds of a prompt, by its name; 0 for one that cannot be read, which is told elsewhere."""
    known: dict[str, float] = {}

    def seconds(name: str) -> float:
        if name not in known:
            try:
                known[name] = length(library.path(name))
            except (PromptError, SoundFileError):
                known[name] = 0.0
        return known[name]

    return seconds
