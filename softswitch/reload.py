"""A new office file while calls are up: proved first, taken whole or not at all, kept, taken back.

A reload is asked for by SIGHUP, by `softswitch reload`, or by saving the file. What the proof or a
test refuses changes nothing. What is accepted counts for calls that begin from now on; a call in
progress keeps the version it began with, and registrations, waiting callers and agents are no part
of any version. Every accepted text is kept in `versions/`, and `softswitch rollback` brings one
back. How the last try went stands in `reload.json`, for the command that asked.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml.error import YAMLError

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.office.findings import Finding, OfficeErrors, Severity
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office.reading import INCLUDE, included_files
from softswitch.office.source import SourceError, compose
from softswitch.routing.check import check
from softswitch.routing.simulate.cases import run_cases
from softswitch.versions import VERSIONS, bundle, keep_version, write_atomically
from softswitch.wording import say

_log = get_logger("reload")

# The file is looked at this often; it is read when it has been left alone for one look.
LOOK = 1.0

STATE_FILE, PID_FILE = "reload.json", "softswitch.pid"

# The sections that name other files.
CONTACTS = "contacts"
_NAMING = (INCLUDE, CONTACTS)

Apply = Callable[[LoadedOffice], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reload went. `serial` rises with every try, so that who asked knows his answer."""

    serial: int
    at: str
    is_accepted: bool
    version: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where an office is read from. `secrets` overrides the file that the office names."""

    path: Path
    realm: str
    secrets: Path | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of a file: an office and its text, unless something refuses it."""

    office: LoadedOffice | None
    text: str
    findings: list[Finding]


def prove(source: Source) -> Proof:
    """Load, check and test. Never raises for a bad file."""
    try:
        loaded = load_office(source.path, secrets=source.secrets, realm=source.realm)
    except OfficeErrors as errors:
        return Proof(None, "", errors.findings)
    text = bundle(loaded.text, loaded.source.files)
    findings = check(loaded)
    if not is_refused(findings):
        findings += [found for verdict in run_cases(loaded) for found in verdict.findings]
    return Proof(None if is_refused(findings) else loaded, text, findings)


def is_refused(findings: Sequence[Finding]) -> bool:
    """Whether one of them is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)


class Reloader:
    """Watches one office file for one running server."""

    def __init__(self, source: Source, data: Path, apply: Apply) -> None:
        self._source = source
        self._data = data
        self._apply = apply
        self._serial = 0
        self._one_at_a_time = asyncio.Lock()
        self._beside: tuple[int, tuple[object, list[str]]] = (0, ([], []))
        self._seen = self._stamp()

    def begin(self, office: LoadedOffice) -> None:
        """The server runs with it: keep it as a version, and say where commands find us."""
        keep_version(self._data / VERSIONS, bundle(office.text, office.source.files))
        (self._data / PID_FILE).write_text(str(os.getpid()))
        self._write(self._outcome(True, None, []))

    def end(self) -> None:
        """The server stops."""
        (self._data / PID_FILE).unlink(missing_ok=True)

    async def reload(self, why: str) -> Outcome:
        """Read the file and take it over if nothing refuses it. Never raises."""
        async with self._one_at_a_time:
            self._seen = self._stamp()
            try:
                version, findings = await self._take()
            except Exception as error:
                # A full disk or a fault of ours refuses this file; the next one is read again.
                _log.exception("a reload broke", because=why)
                version, findings = None, [self._broken(error)]
            outcome = self._outcome(version is not None, version, findings)
            self._tell(outcome)
        metrics.reloads.labels("accepted" if outcome.is_accepted else "refused").inc()
        tell = _log.info if outcome.is_accepted else _log.warning
        errors = [str(one) for one in outcome.findings if one.severity is Severity.ERROR]
        what = "office reloaded" if outcome.is_accepted else "reload refused"
        tell(what, because=why, version=version, errors=errors)
        return outcome

    async def _take(self) -> tuple[str | None, list[Finding]]:
        """The version that is in force now, None when the file is refused; what was found."""
        # In a thread: decoding every prompt takes longer than a call may wait.
        proof = await asyncio.to_thread(prove, self._source)
        if proof.office is None:
            return None, proof.findings
        # Kept first: what could not be brought back by a rollback is not taken over.
        version = keep_version(self._data / VERSIONS, proof.text)
        await self._apply(proof.office)
        return version, proof.findings

    def _broken(self, error: Exception) -> Finding:
        what = say("cannot_take_over", why=str(error) or type(error).__name__)
        return Finding(str(self._source.path), 1, 1, Severity.ERROR, what, say("log_says_more"))

    def _tell(self, outcome: Outcome) -> None:
        """For the command that asked; on a full disk it waits in vain."""
        try:
            self._write(outcome)
        except OSError as error:
            _log.error("the outcome of a reload cannot be written", error=str(error))

    async def watch(self) -> None:
        """Reload when the file has been saved and left alone for a moment."""
        changed: object = None
        while True:
            await asyncio.sleep(LOOK)
            stamp = self._stamp()
            if stamp == self._seen or stamp is None:
                changed = None
            elif stamp == changed:
                changed = None
                await self.reload("the file was saved")
            else:
                changed = stamp

    def _stamp(self) -> tuple[tuple[str, int, int], ...] | None:
        """Size and time of the files; None while an editor replaces one of them."""
        folder = self._source.path.parent
        secrets = self._source.secrets or folder / "secrets.yaml"
        try:
            stats = [(self._source.path, self._source.path.stat())]
            patterns, contacts = self._named(stats[0][1].st_mtime_ns)
            stats += [(path, path.stat()) for path in included_files(patterns, folder)]
            beside = [secrets, *(folder / name for name in contacts)]
            stats += [(path, path.stat()) for path in beside if path.exists()]
        except OSError:
            return None
        return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)

    def _named(self, changed: int) -> tuple[object, list[str]]:
        """The files that the office file names, read once for each time that it changed."""
        if self._beside[0] != changed:
            try:
                text = self._source.path.read_text(encoding="utf-8")
                # Most files name none, and are not read once more for it.
                data = compose("", text).data if any(one in text for one in _NAMING) else {}
            except (YAMLError, SourceError, UnicodeDecodeError):
                return self._beside[1]
            sections = data if isinstance(data, dict) else {}
            files = _files_in(sections.get(CONTACTS))
            self._beside = changed, (sections.get(INCLUDE, []), files)
        return self._beside[1]

    def _outcome(self, is_accepted: bool, version: str | None, found: list[Finding]) -> Outcome:
        self._serial += 1
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Outcome(self._serial, now, is_accepted, version, tuple(found))

    def _write(self, outcome: Outcome) -> None:
        findings = [finding.as_data() for finding in outcome.findings]
        office = str(self._source.path.absolute())
        state = {**asdict(outcome), "findings": findings, "office": office}
        write_atomically(self._data / STATE_FILE, json.dumps(state))


def _files_in(contacts: object) -> list[str]:
    """The files among the sources of contacts, as the office file has them, right or wrong."""
    sources = contacts if isinstance(contacts, list) else [contacts]
    named = [one.get("file") if isinstance(one, dict) else one for one in sources]
    return [one for one in named if isinstance(one, str)]
