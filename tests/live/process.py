"""A child process of a test: its output goes to a file, it never outlives the test run."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

# The kernel ends the child when the test run is killed (prctl PR_SET_PDEATHSIG).
_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")


def until(
    check: Callable[[], object], what: str, timeout: float = 20.0, every: float = 0.02
) -> object:
    """Poll until `check()` is true and return its value; TimeoutError names `what`."""
    end = time.monotonic() + timeout
    while not (value := check()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {timeout:.0f} s: {what}")
        time.sleep(every)
    return value


class Process:
    """One child. `end()` asks with SIGTERM and insists with SIGKILL."""

    def __init__(
        self,
        argv: list[str],
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        with_pipes: bool = False,
    ) -> None:
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        prefix = list(_DIES_WITH_US) if shutil.which(_DIES_WITH_US[0]) else []
        pipe = subprocess.PIPE if with_pipes else None
        with log.open("ab") as sink:
            self.child = subprocess.Popen(
                prefix + argv,
                stdin=pipe or subprocess.DEVNULL,
                stdout=pipe or sink,
                stderr=sink,
                env=None if env is None else {**os.environ, **env},
                cwd=cwd,
            )

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def is_alive(self) -> bool:
        return self.child.poll() is None

    @property
    def text(self) -> str:
        """Everything it wrote so far."""
        return self.log.read_text(errors="replace")

    def wait(self, timeout: float) -> int:
        """Exit code, once it ended by itself; subprocess.TimeoutExpired when it does not."""
        code = self.child.wait(timeout)
        self._close_pipes()
        return code

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self.child.kill()
        self.wait(10)

    def end(self, grace: float = 5.0) -> int:
        """Exit code; SIGKILL follows when SIGTERM was not obeyed within `grace` seconds."""
        if self.is_alive:
            self.child.send_signal(signal.SIGTERM)
        try:
            return self.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.child.returncode

    def end_all(self, grace: float = 10.0) -> None:
        """`end`, and its children too: of one that had to be killed they go on for ever."""
        children = children_of(self.pid)
        self.end(grace)
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        until(lambda: not any(map(is_running, children)), f"the children of {self.pid} end")

    def _close_pipes(self) -> None:
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe:
                pipe.close()


def children_of(pid: int) -> set[int]:
    """Direct children of a process, from /proc."""
    found: set[int] = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.update(int(child) for child in task.read_text().split())
        except OSError:
            continue  # the thread ended while we looked
    return found


def is_running(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be reaped."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
