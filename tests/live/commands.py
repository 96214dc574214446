"""The product's commands as processes of their own, each forked from one that has them imported.

A test asks for the history many times. What a command does is what it does for an administrator;
spared is the second of CPU that its imports cost each time, several minutes of a whole run.
"""

import multiprocessing
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

from softswitch import cli

TIMEOUT = 120.0
# Commands would speak as the offices do; what tests ask for stands in English.
ENGLISH = "en_GB.UTF-8"

_FORKING = multiprocessing.get_context("forkserver")
# `pytest` is the main module of a test run, which a new process imports before anything else.
_IMPORTED = ["pytest", "softswitch.cli", "softswitch.commands.look", "softswitch.commands.one_call"]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it wrote."""

    code: int
    output: str
    errors: str


def prepare() -> None:
    """Start the process from which commands are forked; it ends with the test run."""
    _FORKING.set_forkserver_preload(_IMPORTED)
    forkserver.ensure_running()


def run_command(words: list[str], environment: Mapping[str, str]) -> Done:
    """`softswitch WORDS`, with these variables set. TimeoutError when it does not end."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder) / "output", Path(folder) / "errors"
        child = _FORKING.Process(target=_run, args=(words, dict(environment), output, errors))
        child.start()
        child.join(TIMEOUT)
        code = child.exitcode
        if code is None:
            child.kill()
            child.join()
        child.close()
        if code is None:
            raise TimeoutError(f"softswitch {' '.join(words)}: no end after {TIMEOUT:.0f} s")
        return Done(code, output.read_text(), errors.read_text())


def _run(words: list[str], environment: Mapping[str, str], output: Path, errors: Path) -> None:
    """In the new process."""
    os.environ.update({"LANG": ENGLISH, **environment})
    for path, number in ((output, 1), (errors, 2)):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(handle, number)
        os.close(handle)
    sys.argv = ["softswitch", *words]
    cli.program()()
