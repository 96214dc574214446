"""sippy's B2BUA (PyPI, 2.5.0) as a mobile network: another switch, with transactions of its own.

    the office ──INVITE──► sippy ──INVITE──► a mobile
    a mobile ──INVITE──► sippy ──INVITE──► the office

It ends each dialog and begins another, and passes the descriptions of sound through. One process
has one way out (`next_hop`). Its modules are installed by pip into a folder of the run.
"""

import subprocess
import sys
from pathlib import Path

from tests.live.ports import is_free
from tests.live.process import Process, until

HERE = Path(__file__).parent / "sippy"
INSTALL_SECONDS = 180.0


def install(folder: Path) -> Path:
    """A folder with the modules. Raises when pip cannot get them."""
    argv = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    argv += ["--no-deps", "--target", str(folder), "-r", str(HERE / "requirements.txt")]
    done = subprocess.run(
        argv, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"pip failed:\n{done.stdout}\n{done.stderr}")
    return folder


class SippyNetwork:
    """One process. `place`: where it speaks; `next_hop`: where each of its calls goes."""

    def __init__(
        self, home: Path, folder: Path, place: tuple[str, int], next_hop: tuple[str, int]
    ) -> None:
        self.place, self.folder = place, folder
        argv = [sys.executable, "-m", "sippy.b2bua_simple", "-f", "-l", place[0]]
        argv += ["-p", str(place[1]), "-n", f"{next_hop[0]}:{next_hop[1]}"]
        env = {"PYTHONPATH": str(home), "SIPLOG_BEND": "stderr", "SIPLOG_LVL": "DBUG"}
        self.process = Process(argv, folder / "log", env=env, cwd=_made(folder))

    def __enter__(self) -> "SippyNetwork":
        until(self._listens, "sippy listens", 30.0)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()

    @property
    def log(self) -> str:
        """Every message in and out."""
        return self.process.text

    def _listens(self) -> bool:
        assert self.process.is_alive, self.log[-3000:]
        return not is_free(*self.place)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
