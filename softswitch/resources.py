"""Where the files are that come with softswitch: prompts, music, the demo office."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """A shipped folder: in the installed package, or at the root of a source tree."""
    installed = _PACKAGE / "data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name
