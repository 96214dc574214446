"""The real server as a process of its own, with an office of tones, on free loopback ports.

`with OfficeUnderTest(...) as office` starts it, gives phones that are registered, reads the history
by the product's own commands, and at the end proves that it stopped cleanly: exit code 0 on
SIGTERM, no line of level `error` in its log, no process left.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.live import office_files
from tests.live.baresip import Baresip
from tests.live.certificates import Certificates, make_certificates
from tests.live.commands import run_command
from tests.live.linphone import Linphone
from tests.live.mailserver import MailServer
from tests.live.namespace import Namespace
from tests.live.ports import free_block, free_port
from tests.live.process import Process, children_of, is_running, until
from tests.live.pyvoip_phone import PyVoipPhone
from tests.live.rtp_peer import ScriptedPhone
from tests.live.twinkle import Twinkle

HOST, TRUNK_HOST = "127.0.0.1", "127.0.0.2"
RTP_PORTS = 80  # twenty legs and some that drain
# On a machine that others use as well it has taken thirty.
STARTS_WITHIN = 90.0
# A disk that others use as well may keep a commit longer than the switch waits for it: then the
# journal takes it, and nothing is lost.
_SLOW = ("the database cannot be written: TimeoutError",)


class OfficeUnderTest:
    """One server, its office and the phones that a test asked for."""

    rtp_ports = RTP_PORTS
    network: Namespace | None = None  # where it runs, with its phones, if not here

    def __init__(self, folder: Path, mail: MailServer | None = None) -> None:
        self.folder, self.data = folder, folder / "data"
        self.udp_port, self.tcp_port, self.tls_port = free_port(), free_port(), free_port()
        self.trunk_port, self.metrics_port = free_port(TRUNK_HOST), free_port()
        self.rtp_low = free_block(self.rtp_ports)
        self.certificates: Certificates = make_certificates(folder / "tls")
        self.trunk_place = f"{TRUNK_HOST}:{self.trunk_port}"
        self.office_file = office_files.write_office(folder / "office", self.trunk_place)
        self.mail = mail
        self.environment = self._environment(mail)
        self.expected_errors: tuple[str, ...] = ()  # log lines of level error that belong here
        self._process: Process | None = None
        self._phones = ExitStack()
        self._workers: set[int] = set()
        self.began, self._log_from = datetime.min.replace(tzinfo=UTC), 0

    def __enter__(self) -> "OfficeUnderTest":
        try:
            self.start()
        except BaseException:
            self.abandon()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._phones.close()
        if kind is not None:
            print(self.log[-6000:])  # noqa: T201  (pytest shows it with the failure)
            self.abandon()
            return
        self.stop()
        self.check_log()

    # --- the process ---

    @property
    def address(self) -> tuple[str, int]:
        return HOST, self.udp_port

    @property
    def process(self) -> Process:
        assert self._process is not None, "the server is not running"
        return self._process

    @property
    def log(self) -> str:
        """What the server wrote since the test began."""
        path = self.folder / "server.log"
        return path.read_bytes()[self._log_from :].decode(errors="replace") if path.exists() else ""

    def start(self) -> None:
        """Start it and wait until it answers OPTIONS."""
        argv = [sys.executable, "-m", "softswitch", "run"]
        argv += ["--office", str(self.office_file), "--data", str(self.data)]
        argv = argv if self.network is None else self.network.argv(argv)
        self._process = Process(argv, self.folder / "server.log", self.environment)
        with self._inside(lambda: ScriptedPhone("probe", self.address)) as probe:
            until(lambda: self._answers(probe), f"the server starts\n{self.log}", STARTS_WITHIN)
        self._workers = children_of(self.process.pid)

    def stop(self) -> None:
        """SIGTERM: it must end by itself, with code 0, and leave no process."""
        if self._process is None:
            return
        code = self.process.end(grace=20.0)
        self._process = None
        assert code == 0, f"exit code {code}\n{self.log[-4000:]}"
        self._wait_for_workers()

    def kill(self) -> None:
        """SIGKILL: the worker must notice and go too."""
        self.process.kill()
        self._process = None
        self._wait_for_workers()

    def abandon(self) -> None:
        """Gone at once, as after a failure."""
        self._phones.close()
        if self._process is not None:
            self._process.kill()
            self._process = None

    def begin_anew(self) -> None:
        """The history, the log and the mails so far were of a test before this one."""
        self.began, self._log_from = datetime.now(UTC), (self.folder / "server.log").stat().st_size
        self.expected_errors = ()
        if self.mail is not None:
            self.mail.mails.clear()

    def check_log(self) -> None:
        """No line of level error or critical, but the expected ones; no traceback."""
        bad = [line for line in self.log.splitlines() if self._is_bad(line)]
        assert not bad, "\n".join(bad)

    @property
    def mailbox(self) -> MailServer:
        """Where its mails come."""
        assert self.mail is not None, "this office sends no mails"
        return self.mail

    @contextmanager
    def changed(self, text: str) -> Iterator[None]:
        """For a while it runs with another office file, and then with its own again."""
        usual = self.office_file.read_text(encoding="utf-8")
        try:
            self.office_file.write_text(text, encoding="utf-8")
            self.command("reload")
            yield
        finally:
            self.office_file.write_text(usual, encoding="utf-8")
        self.command("reload")

    # --- phones ---

    def phone(self, extension: str, **settings: Any) -> ScriptedPhone:
        """A scripted phone that is registered."""
        password = office_files.PASSWORD.format(extension)
        phone = self._inside(lambda: ScriptedPhone(extension, self.address, password, **settings))
        self._owned(phone)
        phone.register()
        return phone

    def baresip(
        self,
        extension: str,
        transport: str = "udp",
        network: Namespace | None = None,
        port: int | None = None,
        **more: Any,
    ) -> Baresip:
        """A baresip that is registered; `port`: of a proxy before the switch."""
        ports = {"udp": self.udp_port, "tcp": self.tcp_port, "tls": self.tls_port}
        phone = Baresip(
            extension,
            f"{HOST}:{port or ports[transport]}",
            self.folder,
            password=office_files.PASSWORD.format(extension),
            transport=transport,
            ca_file=self.certificates.authority,
            network=network,
            **more,
        )
        self._phones.enter_context(phone)
        phone.wait_registered()
        return phone

    def linphone(
        self, extension: str, transport: str = "udp", port: int | None = None, **more: Any
    ) -> Linphone:
        """A linphone that is registered; `port`: of a proxy before the switch."""
        ports = {"udp": self.udp_port, "tcp": self.tcp_port, "tls": self.tls_port}
        phone = Linphone(
            extension,
            f"{HOST}:{port or ports[transport]}",
            self.folder,
            password=office_files.PASSWORD.format(extension),
            transport=transport,
            ca_file=self.certificates.authority if transport == "tls" else None,
            **more,
        )
        self._phones.enter_context(phone)
        phone.wait_registered()
        return phone

    def softphone(self, kind: str, extension: str, **more: Any) -> Baresip | Linphone:
        """A `baresip` or a `linphone`, for what both do in the same words."""
        make: dict[str, Callable[..., Baresip | Linphone]]
        make = {"baresip": self.baresip, "linphone": self.linphone}
        return make[kind](extension, **more)

    def pyvoip(self, extension: str, **more: Any) -> PyVoipPhone:
        """A pyVoIP phone that is registered."""
        password = office_files.PASSWORD.format(extension)
        phone = PyVoipPhone(extension, self.address, self.folder, password, **more)
        self._phones.enter_context(phone)
        phone.wait_registered()
        return phone

    def twinkle(self, extension: str, **more: Any) -> Twinkle:
        """A Twinkle that is registered."""
        password = office_files.PASSWORD.format(extension)
        server = f"{HOST}:{self.udp_port}"
        phone = Twinkle(extension, server, self.folder, password=password, **more)
        self._phones.enter_context(phone)
        phone.wait_registered()
        return phone

    def put_phones_down(self) -> None:
        """Every phone un-registers and ends."""
        self._phones.close()

    def provider(self, **settings: Any) -> ScriptedPhone:
        """The provider's end of the trunk; several callers may come through it."""
        return self._owned(
            ScriptedPhone(
                "provider", self.address, host=TRUNK_HOST, port=self.trunk_port, **settings
            )
        )

    def _owned(self, phone: ScriptedPhone) -> ScriptedPhone:
        self._phones.enter_context(phone)
        self._phones.callback(phone.hang_up_everything)
        return phone

    # --- commands, history ---

    def command(self, *words: str, status: int = 0) -> str:
        """What `softswitch WORDS` prints, good and bad, when it ends so."""
        done = run_command([*words, "--data", str(self.data)], self.environment)
        assert done.code == status, f"{' '.join(words)}: {done.output}\n{done.errors}"
        return done.output + done.errors

    def calls(self) -> list[dict[str, Any]]:
        """The history since the test began, newest first."""
        rows = self._ask("calls")
        return [row for row in rows if datetime.fromisoformat(row["started"]) >= self.began]

    def story(self, call: str) -> dict[str, Any]:
        """One call with its events."""
        return self._ask("call", call)

    def phones(self) -> list[dict[str, Any]]:
        """Who is registered."""
        return self._ask("phones")

    def trunks(self) -> list[dict[str, Any]]:
        """How each link to a provider stands."""
        return self._ask("trunks")

    def events(self, call: str) -> list[str]:
        """The kinds of a call's events, in order."""
        return [event["kind"] for event in self.story(call)["events"]]

    def steps(self, call: str) -> list[dict[str, str]]:
        """The nodes that a caller went through, each with its verb and how he left it."""
        left = [e["data"] for e in self.story(call)["events"] if e["kind"] == "route.left"]
        return [{key: one[key] for key in ("node", "verb", "outcome")} for one in left]

    def simulated_steps(self, *words: str) -> list[dict[str, str]]:
        """The same of a call that `softswitch simulate` makes of the office's file."""
        done = run_command(["simulate", str(self.office_file), *words, "--json"], {})
        steps: list[dict[str, str]] = json.loads(done.output)["steps"]
        return steps

    def wait_row(self, **wanted: object) -> dict[str, Any]:
        """The newest call that is over and has these values, once there is one."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            rows = self.calls()
            found[:] = [row for row in rows if row["result"] and _fits(row, wanted)]
            return bool(found)

        try:
            until(look, "", 20.0)
        except TimeoutError:
            raise AssertionError(f"no call {wanted}; the history is {self.calls()}") from None
        return found[0]

    # --- inside ---

    def _inside(self, make: Callable[[], ScriptedPhone]) -> ScriptedPhone:
        return make() if self.network is None else self.network.inside(make)

    def _environment(self, mail: MailServer | None) -> dict[str, str]:
        values = {
            "SIP_HOST": HOST,
            "SIP_UDP_PORT": str(self.udp_port),
            "SIP_TCP_PORT": str(self.tcp_port),
            "SIP_TLS_PORT": str(self.tls_port),
            "TLS_CERTIFICATE": str(self.certificates.chain),
            "TLS_KEY": str(self.certificates.key),
            "RTP_LOW": str(self.rtp_low),
            "RTP_HIGH": str(self.rtp_low + self.rtp_ports - 1),
            "REALM": office_files.REALM,
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "info",
            # A second of CPU at each start, for a death that few tests are about.
            "MEDIA_SPARE": "false",
            "METRICS_PORT": str(self.metrics_port),
            # What a test breaks on purpose is no reason to take its office file back.
            "RELOAD_TRIAL": "0",
        }
        if mail is not None:
            values |= {"SMTP_HOST": mail.host, "SMTP_PORT": str(mail.port)}
            values |= {"SMTP_SECURITY": "none", "SMTP_SENDER": "centrala@kancelaria.example"}
        ours = {f"SOFTSWITCH_{name}": value for name, value in values.items()}
        # Compiled once, not at each start: a third of it.
        return {**ours, "PYTHONDONTWRITEBYTECODE": ""}

    def _answers(self, probe: ScriptedPhone) -> bool:
        assert self.process.is_alive, f"the server ended:\n{self.log[-6000:]}"
        try:
            return probe.options(timeout=1.0).status < 500
        except TimeoutError:
            return False

    def _wait_for_workers(self) -> None:
        until(
            lambda: not any(is_running(pid) for pid in self._workers),
            f"the server's own processes end: {self._workers}",
        )

    def _is_bad(self, line: str) -> bool:
        if line.startswith("Traceback"):
            return True
        try:
            level = json.loads(line).get("level")
        except (ValueError, AttributeError):
            return False
        is_expected = any(text in line for text in (*self.expected_errors, *_SLOW))
        return level in ("error", "critical") and not is_expected

    def _ask(self, *words: str) -> Any:
        return json.loads(self.command(*words, "--json"))


def _fits(row: dict[str, Any], wanted: dict[str, object]) -> bool:
    return all(row.get(key) == value for key, value in wanted.items())
