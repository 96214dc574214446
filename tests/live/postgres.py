"""A PostgreSQL of the test's own, from Debian's package: a folder of its own, reached by a socket.

It refuses to run as root, so then it runs as `postgres`. Nothing listens on the network.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.live.process import until

USER = "postgres"
# Debian keeps the server's programs out of the path, by version.
HOMES = Path("/usr/lib/postgresql")
# Nothing of a test's database is worth a wait for the disk.
OPTIONS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=50"


class Postgres:
    """`start` and `stop` at will between entering and leaving."""

    def __init__(self) -> None:
        self._bin = max(HOMES.iterdir(), key=lambda home: float(home.name)) / "bin"
        # A socket's path has at most 107 characters: a test's own folder may be longer.
        self._folder = Path(tempfile.mkdtemp(prefix="pg"))
        self._data = self._folder / "data"

    def __enter__(self) -> "Postgres":
        if os.geteuid() == 0:
            account = pwd.getpwnam(USER)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "-N")
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        log = str(self._folder / "log")
        options = f"{OPTIONS} -k {self._folder}"
        self._run("pg_ctl", "-D", str(self._data), "-l", log, "-w", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """As after a power cut, if not asked otherwise."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")
        until(lambda: not (self._data / "postmaster.pid").exists(), "PostgreSQL has stopped")

    @property
    def pid(self) -> int:
        """Of the process that all others of the server are children of."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    @property
    def server(self) -> str:
        """The URL of its databases, without the name of one."""
        return f"postgresql+asyncpg://{USER}@/{{name}}?host={self._folder}"

    def new(self, name: str) -> str:
        """The URL of a new database."""
        self._run("createdb", "-h", str(self._folder), "-U", USER, name)
        return self.server.format(name=name)

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._bin / program), *words]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", *command]
        # Whatever language the tests speak: `initdb` refuses one that this machine has not got.
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(
            command, cwd=self._folder, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
