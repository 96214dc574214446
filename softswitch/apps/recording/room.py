"""All that is recorded: the calls' recordings, their files and rows, and what is due to be erased.

The rows lie in the store, the keys in the vault, the sound in the data folder. A recording that
loses sound, or that cannot begin, is an alarm and never a trouble of the call.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from softswitch import metrics
from softswitch.apps.desk import FrontDesk
from softswitch.apps.recording.facts import Facts, Recorded
from softswitch.apps.recording.notice import version_of
from softswitch.apps.recording.of_call import CallRecording
from softswitch.apps.recording.of_conference import ConferenceRecording
from softswitch.apps.recording.of_consultation import ConsultationRecording
from softswitch.apps.recording.tape import INTERRUPTED, Tape, measure
from softswitch.calls.call import Call
from softswitch.calls.identity import Identity
from softswitch.calls.party import Party
from softswitch.log import get_logger
from softswitch.mail.recording_alarm import alarm_mail
from softswitch.office.conference import Conference
from softswitch.office.recording import RecordedDirection, RecordingPolicy, Subject, policy_for
from softswitch.store.audit import AuditLog
from softswitch.store.ports import Store, StoreError
from softswitch.store.recordings import Ending, GapRow, RecordingRow, RecordingTable
from softswitch.vault.audit_key import AuditKey
from softswitch.vault.office_key import VaultError
from softswitch.vault.recording_keys import RecordingKeys
from softswitch.wording import of_disk, say

_log = get_logger("apps.recording")

FOLDER = "recordings"
SUFFIX = ".sealed"
# A disk that does not take forty bytes in this time takes no recording either.
KEY_PATIENCE = 3.0
# What is over is erased within the hour.
LOOK_SECONDS = 3600.0
# One mail says it all; the log has every one.
MAIL_PAUSE = timedelta(hours=1)
_AS_IT_IS: Mapping[str, str] = {}
RETENTION, TIME_IS_OVER = "retention", str(say("time_is_over"))


class RecordingRoom:
    """`keys` None: the vault cannot be used (said at the start), so nothing is recorded."""

    def __init__(
        self,
        desk: FrontDesk,
        table: RecordingTable,
        audit: AuditLog,
        keys: RecordingKeys | None,
        audit_key: AuditKey,
        store: Store,
    ) -> None:
        self.desk, self.table, self.audit, self.keys = desk, table, audit, keys
        self.store = store
        self.audit_key = audit_key
        self._calls: dict[str, CallRecording] = {}
        self._counts: dict[str, int] = {}
        self._tapes: dict[str, Tape] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._mailed_at = desk.exchange.clock() - MAIL_PAUSE

    def of(self, call: Call) -> CallRecording:
        """The recording of a call, made with its first need."""
        found = self._calls.get(call.id)
        if found is None:
            found = self._calls[call.id] = CallRecording(self, call)
        return found

    def consultation(self, call: Call, asker: Party, waiting: Party) -> ConsultationRecording:
        """Of two of this call who confer while the third waits."""
        return ConsultationRecording(self, call, asker, waiting)

    def conference(
        self, key: str, config: Conference, policies: Sequence[RecordingPolicy]
    ) -> ConferenceRecording:
        """Of one that begins; its policy is the one of now, as long as anybody is in it."""
        found = policy_for(policies, Subject(RecordedDirection.INTERNAL, conference=key))
        shown = Identity(config.number, config.name or key)
        return ConferenceRecording(self, None if found is None else found[1], shown)

    def leave(self, call: Call) -> None:
        """The call is over."""
        found = self._calls.pop(call.id, None)
        if found is not None:
            found.close()
        self._counts.pop(call.id, None)

    def calls_up(self) -> list[Call]:
        """Calls that were looked at for recording and are not over: every call with a talk."""
        return [one.call for one in self._calls.values()]

    def running(self) -> frozenset[str]:
        """The recordings whose file is not closed."""
        return frozenset(self._tapes)

    def begin(
        self, call: Call, policy: RecordingPolicy, what: Recorded, person: str | None
    ) -> Tape:
        """Another recording, kept with this call; it writes as soon as it has its key."""
        row = self._row(call, policy, what.facts, person)
        tape = Tape(self.desk.exchange.sounds.recordings, row, self.desk.folder / row.path)
        self._tapes[row.id] = tape
        task = asyncio.create_task(self._serve(tape, what), name=f"recording {row.id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return tape

    def _row(
        self, call: Call, policy: RecordingPolicy, facts: Facts, person: str | None
    ) -> RecordingRow:
        now, office = self.desk.exchange.clock(), call.office.office
        self._counts[call.id] = count = self._counts.get(call.id, 0) + 1
        name, day = f"{call.id}-{count}", self.desk.local_time(now)
        names = policy.spoken
        files = self.desk.prompt_files(names, office.office.language)
        return RecordingRow(
            id=name,
            call=call.id,
            started=now,
            path=f"{FOLDER}/{day:%Y/%m}/{name}{SUFFIX}",
            policy=policy.title,
            purpose=policy.purpose,
            basis=policy.basis,
            hear=policy.hear,
            notice=f"{'+'.join(names)}@{version_of(files)}",
            direction=facts.direction,
            number=facts.number,
            called=facts.called,
            person=person,
            queue=facts.queue,
            keep_until=now + timedelta(seconds=policy.keep),
        )

    async def _serve(self, tape: Tape, what: Recorded) -> None:
        """One recording, from its key to its last line in the store."""
        recording = tape.row.id
        tape.on_trouble = lambda error: self._alarm(what, recording, error)
        tape.on_begin = lambda: self._begun(tape, what)
        try:
            key = await self._key(what, recording)
            if key is None:
                tape.stop()
                return
            tape.use(key)
            how = await tape.ended()
            if how is not None:
                await self._end(what, tape, key, how)
            elif self.keys is not None:
                await asyncio.to_thread(self.keys.destroy, recording)
        except VaultError as error:
            _log.error("a key is left over", recording=recording, error=str(error))
        finally:
            del self._tapes[recording]
            what.on_change()

    async def _key(self, what: Recorded, recording: str) -> bytes | None:
        if self.keys is None:
            self._alarm(what, recording, "there are no keys: see the log of the start")
            return None
        try:
            async with asyncio.timeout(KEY_PATIENCE):
                return await asyncio.to_thread(self.keys.make, recording)
        except (VaultError, TimeoutError) as error:
            self._alarm(what, recording, str(error) or "the disk of the keys does not answer")
            return None

    def _begun(self, tape: Tape, what: Recorded) -> None:
        """The engine was told; the row is there before its first second is on the disk."""
        row = tape.row
        self.table.add(row)
        what.tell("recording.started", recording=row.id, policy=row.policy, purpose=row.purpose)
        metrics.recordings.inc()
        what.on_change()

    async def _end(self, what: Recorded, tape: Tape, key: bytes, how: str) -> None:
        seconds, gaps = await asyncio.to_thread(measure, tape.path, key)
        ending = Ending(self.desk.exchange.clock(), seconds, how, tape.row.person, gaps)
        self.table.end(tape.row.id, ending)
        what.tell("recording.ended", recording=tape.row.id, seconds=seconds, how=how)
        if tape.trouble is None and how == INTERRUPTED:
            self._alarm(what, tape.row.id, how)

    def _alarm(self, what: Recorded, recording: str, error: str) -> None:
        """Somebody must look at the disk; the call goes on."""
        metrics.recording_troubles.inc()
        _log.error("a recording loses sound", recording=recording, error=error)
        what.tell("recording.trouble", recording=recording, error=error)
        office, now = self.desk.office.office, self.desk.exchange.clock()
        if office.alarms and now - self._mailed_at >= MAIL_PAUSE:
            self._mailed_at = now
            self.desk.outbox.add(alarm_mail(office, recording, error))

    # --- what the last run left, and what is due ---

    async def recover(self) -> None:
        """Give the recordings that the last run left open their end. Never raises."""
        try:
            await self.audit.fetch(self.audit_key)
            for row in await self.table.unfinished():
                await self._close_interrupted(row)
        except (StoreError, VaultError) as error:
            _log.error("recordings of the last run are left as they are", error=str(error))

    async def _close_interrupted(self, row: RecordingRow) -> None:
        seconds, gaps = 0.0, tuple[GapRow, ...]()
        try:
            if self.keys is not None:
                key = await asyncio.to_thread(self.keys.get, row.id)
                seconds, gaps = await asyncio.to_thread(measure, self.desk.folder / row.path, key)
        except VaultError as error:
            _log.error("a recording cannot be read", recording=row.id, error=str(error))
        at = row.started + timedelta(seconds=seconds)
        self.table.end(row.id, Ending(at, seconds, INTERRUPTED, row.person, gaps))

    async def run(self) -> None:
        """Erase what is over, as long as the server runs."""
        while True:
            await self.erase_due()
            await asyncio.sleep(LOOK_SECONDS)

    async def erase_due(self) -> int:
        """Once; how many. What cannot be erased now is tried again."""
        count = 0
        try:
            for row in await self.table.due(self.desk.exchange.clock()):
                await self.erase(row, RETENTION, TIME_IS_OVER)
                count += 1
        except (StoreError, VaultError) as error:
            _log.error("recordings that are over could not be erased", error=str(error))
        if count:
            _log.info("recordings were erased", why=TIME_IS_OVER, count=count)
        return count

    async def erase(
        self, row: RecordingRow, by: str, why: str, pseudonyms: Mapping[str, str] = _AS_IT_IS
    ) -> None:
        """Destroy the key, then the file; said in the audit log before. StoreError, VaultError.

        `pseudonyms`: what the row says instead of a number from now on.
        """
        if self.keys is None:
            raise VaultError(say("no_recording_keys"))
        now = self.desk.exchange.clock()
        await self.audit.append(now, by, "erase", row.id, why, call=row.call)
        await asyncio.to_thread(self.keys.destroy, row.id)
        await asyncio.to_thread(_remove, self.desk.folder / row.path)
        number, called = (pseudonyms.get(one or "", one) for one in (row.number, row.called))
        self.table.erase(replace(row, number=number, called=called), now, by, why)

    async def close(self) -> None:
        """Every call is over; wait until the files are closed and told."""
        for one in list(self._calls.values()):
            one.close()
        self._calls.clear()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def dump(self) -> dict[str, int]:
        """All zero when no call is up and every file is closed."""
        return {"calls recorded": len(self._calls), "tapes": len(self._tapes)}


def _remove(path: Path) -> None:
    """The sound without its key is noise; it goes all the same."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise VaultError(say("file_indestructible", file=str(path), why=of_disk(error))) from error
