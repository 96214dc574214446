"""Ctrl-C before a command has begun ends the program without a word, with a shell's exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

# As a module is sought, somebody presses Ctrl-C: a true signal, in the same moment on any machine.
PRESSED = """
import os, signal, sys
from importlib.abc import MetaPathFinder

where, handler = sys.argv.pop(1), sys.argv.pop(1)

class Presses(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == where:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, getattr(signal, handler))
sys.meta_path.insert(0, Presses())
from softswitch.__main__ import main
main()
"""
HEARD, IGNORED = "default_int_handler", "SIG_IGN"


def pressed(where: str, handler: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PRESSED, where, handler, *words], capture_output=True, text=True
    )


@pytest.mark.parametrize("where", ["softswitch.cli", "pydantic", "softswitch.commands.versions"])
def test_while_the_program_is_read_in(where: str) -> None:
    done = pressed(where, HEARD, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_when_a_command_has_begun(tmp_path: Path) -> None:
    done = pressed("softswitch.server", HEARD, "run", "--demo", "--data", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_what_is_started_in_the_background_goes_on() -> None:
    done = pressed("softswitch.cli", IGNORED, "--version")
    assert done.returncode == 0 and done.stdout.startswith("softswitch ")
