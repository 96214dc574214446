"""A new office file while calls are up: proved first, taken whole or not at all, kept, taken back.

A reload is asked for by SIGHUP, by `softswitch reload`, or by saving the file. What the proof or a
test refuses changes nothing. What is accepted counts for calls that begin from now on; a call in
progress keeps the version it began with, and registrations, waiting callers and agents are no part
of any version. Every accepted text is kept in `versions/`, and `softswitch rollback` brings one
back. How the last try went stands in `reload.json`, for the command that asked.

A text that was never in force before is on trial for some minutes (`trial.py`): if need be, the
switch goes back to the version before by itself, in force and on the disk. A trial that somebody
has to confirm goes on after a restart.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from softswitch import metrics
from softswitch.log import get_logger
from softswitch.office.findings import Finding, OfficeErrors, Severity
from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office_files import OfficeFiles, Source
from softswitch.routing.check import check
from softswitch.routing.simulate.cases import run_cases
from softswitch.trial import REGISTERED, CallFaults, Trial, Version, changed_trunks
from softswitch.versions import (
    VERSIONS,
    Note,
    bundle,
    is_kept,
    keep_version,
    note_of,
    put_back,
    read_version,
    write_atomically,
)
from softswitch.wording import Said, say

_log = get_logger("reload")

# The file is looked at this often; it is read when it has been left alone for one look.
LOOK = 1.0

# Of a version that found no room on the disk at the start.
NOT_KEPT = "not-kept"

STATE_FILE, PID_FILE = "reload.json", "softswitch.pid"

Apply = Callable[[LoadedOffice], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Returned:
    """The switch went back by itself: from which version to which, and why."""

    version: str
    before: str
    why: Said
    note: Note | None = None  # of the version that was taken back


@dataclass(frozen=True, slots=True)
class Signs:
    """What tells how a new version does. `trunks`: the state of each; `tell`: whoever is to know.

    `seconds`: how long each new version is looked at; 0: only if somebody asks for it.
    """

    seconds: float
    calls: CallFaults
    trunks: Callable[[], Mapping[str, str]]
    tell: Callable[[Returned], None]
    clock: Callable[[], float] = time.monotonic


def _no_signs() -> Signs:
    return Signs(0.0, CallFaults(time.monotonic), dict, lambda _: None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reload went. `serial` rises with every try, so that who asked knows his answer."""

    serial: int
    at: str
    is_accepted: bool
    version: str | None
    findings: tuple[Finding, ...]
    returned: Returned | None = None  # the switch went back by itself


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

    def __init__(
        self, source: Source, data: Path, apply: Apply, signs: Signs | None = None
    ) -> None:
        self._signs = _no_signs() if signs is None else signs
        self._now: Version | None = None
        self._trial: Trial | None = None
        self._source = source
        self._data = data
        self._apply = apply
        self._serial = 0
        self._one_at_a_time = asyncio.Lock()
        self._files = OfficeFiles(source)
        self._seen = self._files.stamp()

    def begin(self, office: LoadedOffice) -> None:
        """The server runs with it: keep it as a version, and say where commands find us."""
        text = bundle(office.text, office.source.files)
        name = NOT_KEPT
        try:
            name = keep_version(self._data / VERSIONS, text, Note(say("version_started")))
            self._trial = self._interrupted_trial(name)
            (self._data / PID_FILE).write_text(str(os.getpid()))
            self._write(self._outcome(True, None, []))
        except OSError as error:
            # Whoever calls is served all the same.
            _log.error("the data folder cannot be written: is the disk full?", error=str(error))
        self._now = Version(name, text, office)

    def end(self) -> None:
        """The server stops."""
        (self._data / PID_FILE).unlink(missing_ok=True)

    async def reload(self, note: Note, confirm_within: float | None = None) -> Outcome:
        """Read the file and take it over if nothing refuses it. Never raises.

        `note`: who asked, or what else made it. `confirm_within`: seconds after which the version
        before comes back unless `confirm`.
        """
        async with self._one_at_a_time:
            self._seen = self._files.stamp()
            try:
                version, findings = await self._take(note, confirm_within)
            except Exception as error:
                # A full disk or a fault of ours refuses this file; the next one is read again.
                _log.exception("a reload broke", because=str(note.why))
                version, findings = None, [self._broken(error)]
            outcome = self._outcome(version is not None, version, findings)
            self._tell(outcome)
        metrics.reloads.labels("accepted" if outcome.is_accepted else "refused").inc()
        tell = _log.info if outcome.is_accepted else _log.warning
        errors = [str(one) for one in outcome.findings if one.severity is Severity.ERROR]
        what = "office reloaded" if outcome.is_accepted else "reload refused"
        tell(
            what, because=str(note.why), author=note.author, comment=note.comment,
            version=version, errors=errors,
        )  # fmt: skip
        return outcome

    async def _take(
        self, note: Note, confirm_within: float | None
    ) -> tuple[str | None, list[Finding]]:
        """The version that is in force now, None when the file is refused; what was found."""
        # In a thread: decoding every prompt takes longer than a call may wait.
        proof = await asyncio.to_thread(prove, self._source)
        if proof.office is None:
            return None, proof.findings
        was_kept = is_kept(self._data / VERSIONS, proof.text)
        # Kept first: what could not be brought back by a rollback is not taken over.
        name = keep_version(self._data / VERSIONS, proof.text, note)
        version = Version(name, proof.text, proof.office)
        watched = self._trunks_at_risk(proof.office)
        self._signs.calls.next_version()
        await self._apply(proof.office)
        # What was in force before has shown what it does; a rollback to it is never taken back.
        seconds = confirm_within or (0.0 if was_kept else self._signs.seconds)
        self._trial = self._new_trial(version, seconds, confirm_within is not None, watched)
        self._now = version
        return version.name, proof.findings

    # --- on trial ---

    def _trunks_at_risk(self, office: LoadedOffice) -> set[str]:
        if self._now is None:
            return set()
        states = self._signs.trunks()
        changed = changed_trunks(self._now, office)
        return {name for name in changed if states.get(name) == REGISTERED}

    def _new_trial(
        self, version: Version, seconds: float, must_be_confirmed: bool, watched: set[str]
    ) -> Trial | None:
        now, open_ = self._signs.clock(), self._trial
        is_same = self._now is not None and self._now.text == version.text
        if open_ is not None and not must_be_confirmed and is_same:
            return open_  # passwords alone were read again
        if open_ is not None and not must_be_confirmed and open_.must_be_confirmed:
            # A promise to go back unless somebody confirms is not lifted by saving the file again.
            return Trial(open_.before, version.name, now, open_.ends, True, watched)
        if self._now is None or not seconds or (is_same and open_ is None):
            return None
        is_older = open_ is not None and (is_same or open_.must_be_confirmed)
        before = open_.before if open_ is not None and is_older else self._now
        return Trial(before, version.name, now, now + seconds, must_be_confirmed, watched)

    def _interrupted_trial(self, version: str) -> Trial | None:
        """One that had to be confirmed when the switch was stopped."""
        try:
            told = json.loads((self._data / STATE_FILE).read_text(encoding="utf-8"))["trial"]
            if not told["must_be_confirmed"] or told["version"] != version:
                return None
            left = (datetime.fromisoformat(told["until"]) - datetime.now(UTC)).total_seconds()
            before = Version(told["before"], read_version(self._data, told["before"]), None)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        now = self._signs.clock()
        return Trial(before, version, now, now + max(0.0, left), True)

    def confirm(self) -> str | None:
        """The version on trial stays; its name, None when none is on trial."""
        trial, self._trial = self._trial, None
        if trial is None:
            return None
        _log.info("a new version is confirmed", version=trial.version)
        self._tell(self._outcome(True, trial.version, []))
        return trial.version

    async def look_after(self) -> None:
        """Look at the version on trial once a second, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Once: go back if there is a reason, end a trial that is over."""
        trial, now = self._trial, self._signs.clock()
        metrics.on_trial.set(trial is not None)
        if trial is None:
            return
        why = trial.fault(now, self._signs.trunks(), self._signs.calls)
        if why is not None:
            await self._go_back(trial, why)
        elif trial.is_over(now):
            self._trial = None
            _log.info("a new version has passed its trial", version=trial.version)

    async def _go_back(self, trial: Trial, why: Said) -> None:
        """Put the version before into force and onto the disk; calls keep theirs."""
        async with self._one_at_a_time:
            if self._trial is not trial:
                return  # another file came meanwhile, or somebody confirmed
            self._trial = None
            try:
                await self._restore(trial, why)
            except Exception:
                _log.exception("the version before cannot be brought back", version=trial.version)
                return
            note = note_of(self._data / VERSIONS, trial.version)
            returned = Returned(trial.version, trial.before.name, why, note)
            self._tell(self._outcome(True, trial.before.name, [], returned))
        metrics.reloads.labels("returned").inc()
        _log.warning(
            "went back to the version before", version=trial.version, before=trial.before.name,
            because=str(why), author=None if note is None else note.author,
        )  # fmt: skip
        self._signs.tell(returned)

    async def _restore(self, trial: Trial, why: Said) -> None:
        before, current = trial.before, self._now.text if self._now is not None else ""
        try:
            put_back(before.text, self._source.path, current)
        except OSError as error:
            _log.error("the file of the version before cannot be written", error=str(error))
        self._seen = self._files.stamp()
        proof = await asyncio.to_thread(prove, self._source)
        # As it was read then, should something beside the file have changed.
        office = proof.office if proof.text == before.text else before.office
        if office is None:
            raise LookupError(before.name)
        returned = Note(say("went_back", version=trial.version, why=why))
        name = keep_version(self._data / VERSIONS, before.text, returned)
        self._signs.calls.next_version()
        await self._apply(office)
        self._now = Version(name, before.text, office)

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
            stamp = self._files.stamp()
            if stamp == self._seen or stamp is None:
                changed = None
            elif stamp == changed:
                changed = None
                await self.reload(Note(say("version_saved")))
            else:
                changed = stamp

    def _outcome(
        self,
        is_accepted: bool,
        version: str | None,
        found: list[Finding],
        returned: Returned | None = None,
    ) -> Outcome:
        self._serial += 1
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Outcome(self._serial, now, is_accepted, version, tuple(found), returned)

    def _write(self, outcome: Outcome) -> None:
        returned = outcome.returned
        state = {
            **asdict(outcome),
            "findings": [finding.as_data() for finding in outcome.findings],
            "returned": None if returned is None else _returned_data(returned),
            "trial": self._trial_data(),
            "office": str(self._source.path.absolute()),
        }
        write_atomically(self._data / STATE_FILE, json.dumps(state))

    def _trial_data(self) -> dict[str, object] | None:
        trial = self._trial
        if trial is None:
            return None
        until = datetime.now(UTC) + timedelta(seconds=trial.ends - self._signs.clock())
        return {
            "version": trial.version,
            "before": trial.before.name,
            "until": until.isoformat(timespec="seconds"),
            "must_be_confirmed": trial.must_be_confirmed,
        }


def _returned_data(returned: Returned) -> dict[str, object]:
    return {**asdict(returned), "said": returned.why.as_data()}
