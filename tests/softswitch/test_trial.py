"""A new version on trial: what takes it back and what does not, and that everything is as before.

Time is a number of the test; the reloads are real ones of real files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from softswitch.office.loader import LoadedOffice, load_office
from softswitch.office_files import Source
from softswitch.reload import STATE_FILE, Outcome, Reloader, Returned, Signs
from softswitch.store.events import Event
from softswitch.trial import FAULTS, REFUSED_GRACE, TRUNK_GRACE, CallFaults
from softswitch.versions import ASIDE, VERSIONS, Note

TEST = Note("test")

WATCHED = 600.0
OFFICE = """\
office: {name: NAME, safe: leave}
include: [people.yaml]
mailboxes:
  all: {mail: [office@firm.example]}
trunks:
  operator: {server: sip.operator.example, username: firm, password: PASSWORD, register: true,
             numbers: ["+48 22 123 45 67"]}
  second: {server: sip.second.example, username: firm, password: same, register: true}
numbers:
  "+48 22 123 45 67": leave
routes:
  leave: {voicemail: all}
"""
PEOPLE = "people: {101: {name: Anna}}\n"


@dataclass
class Running:
    """A server, as far as a reload knows it, with a clock that the test turns."""

    folder: Path
    now: float = 1000.0
    names: list[str] = field(default_factory=list)
    told: list[Returned] = field(default_factory=list)
    trunks: dict[str, str] = field(
        default_factory=lambda: {"operator": "registered", "second": "registered"}
    )

    def __post_init__(self) -> None:
        self.calls = CallFaults(lambda: self.now)
        self.data, self.file = self.folder / "data", self.folder / "office.yaml"
        self.data.mkdir(exist_ok=True)
        (self.folder / "people.yaml").write_text(PEOPLE)
        if not self.file.exists():
            self.write("One")
        self.reloader = self._made()
        self.reloader.begin(load_office(self.file))

    def _made(self) -> Reloader:
        signs = Signs(WATCHED, self.calls, self._trunks, self.told.append, lambda: self.now)
        return Reloader(Source(self.file, "softswitch"), self.data, self._use, signs)

    def _trunks(self) -> Mapping[str, str]:
        return self.trunks

    async def _use(self, office: LoadedOffice) -> None:
        self.names.append(office.office.office.name)

    def write(self, name: str, password: str = "secret") -> None:
        self.file.write_text(OFFICE.replace("NAME", name).replace("PASSWORD", password))

    async def reload(self, name: str, *, within: float | None = None, **more: str) -> Outcome:
        self.write(name, **more)
        outcome = await self.reloader.reload(TEST, within)
        assert outcome.is_accepted, outcome.findings
        return outcome

    async def pass_(self, seconds: float) -> None:
        """Let time go by, looked at each second."""
        for _ in range(int(seconds)):
            self.now += 1.0
            await self.reloader.look()

    def call(self, name: str, *kinds: tuple[str, dict[str, object]]) -> None:
        """Events of one call, beginning with its first."""
        for kind, data in (("call.started", {}), *kinds):
            self.calls.see(Event(name, datetime.now(UTC), kind, data))

    @property
    def is_back(self) -> bool:
        return bool(self.told) and self.names[-1] == "One" and "name: One" in self.file.read_text()

    def state(self) -> dict[str, object]:
        found: dict[str, object] = json.loads((self.data / STATE_FILE).read_text())
        return found


@pytest.fixture
def running(tmp_path: Path) -> Running:
    return Running(tmp_path)


FAULT = ("route.left", {"node": "leave", "outcome": "failed", "reason": "no media row"})
LOST = ("route.ended", {"end": "lost"})
BROKE = ("call.ended", {"by": "switch", "status": 500, "reason": ""})


async def test_a_version_that_does_well_stays(running: Running) -> None:
    await running.reload("Two", password="other")
    running.call("a", ("route.left", {"node": "leave", "outcome": "stored"}),
                 ("route.ended", {"end": "message"}), ("call.ended", {"status": 200}))  # fmt: skip
    await running.pass_(WATCHED + 1)
    assert (running.names, running.told) == (["Two"], [])
    for number in range(FAULTS):  # later than anybody looks
        running.call(str(number), FAULT)
    running.trunks["operator"] = "refused"
    await running.pass_(2 * TRUNK_GRACE)
    assert running.names == ["Two"]


@pytest.mark.parametrize("fault", [FAULT, LOST, BROKE], ids=["step", "lost", "broke"])
async def test_calls_that_meet_faults_take_it_back(
    running: Running, fault: tuple[str, dict[str, object]]
) -> None:
    outcome = await running.reload("Two")
    running.call("a", fault, fault)
    await running.pass_(5)
    assert running.names == ["Two"], "one call is not enough, whatever it meets"
    running.call("b", fault)
    await running.pass_(1)
    assert running.is_back
    (told,) = running.told
    assert told.version == outcome.version
    assert told.why.in_language("pl") == "błąd centrali dotknął 2 połączeń"


async def test_what_failed_before_as_well_is_no_reason(running: Running) -> None:
    for number in range(3):
        running.call(f"old {number}", FAULT)
        await running.pass_(1)
    await running.reload("Two")
    await running.pass_(10)
    for number in range(3):
        running.call(f"new {number}", FAULT)
    await running.pass_(1)
    assert running.names == ["Two"]
    running.call("new 4", FAULT)
    await running.pass_(1)
    assert running.is_back


async def test_calls_of_the_version_before_are_not_this_one_s(running: Running) -> None:
    for number in range(FAULTS):
        running.call(str(number))
    await running.reload("Two")
    for number in range(FAULTS):
        running.calls.see(Event(str(number), datetime.now(UTC), *FAULT))
    await running.pass_(10)
    assert running.names == ["Two"]


@pytest.mark.parametrize(
    ("state", "grace"), [("unregistered", TRUNK_GRACE), ("refused", REFUSED_GRACE)]
)
async def test_a_changed_trunk_that_is_away_takes_it_back(
    running: Running, state: str, grace: float
) -> None:
    await running.reload("Two", password="mistyped")
    running.trunks["operator"] = state
    await running.pass_(grace - 1)
    running.trunks["operator"] = "registered"
    await running.pass_(5)
    running.trunks["operator"] = state
    await running.pass_(grace - 1)
    assert running.names == ["Two"], "each time it may need a moment"
    await running.pass_(3)
    assert running.is_back
    assert running.told[0].why == "the trunk operator is no longer registered"


async def test_a_line_that_is_down_is_nobody_s_fault(running: Running) -> None:
    await running.reload("Two")  # no trunk is written otherwise
    running.trunks.update(operator="silent", second="silent")
    await running.pass_(WATCHED + 1)
    assert running.names == ["Two"]


async def test_a_trunk_that_was_away_before_takes_nothing_back(running: Running) -> None:
    running.trunks["operator"] = "refused"
    await running.reload("Two", password="next try")
    await running.pass_(WATCHED + 1)
    assert running.names == ["Two"]


async def test_what_nobody_confirms_is_taken_back(running: Running) -> None:
    await running.reload("Two", within=30)
    assert running.state()["trial"]
    await running.pass_(29)
    assert running.names == ["Two"]
    await running.pass_(2)
    assert running.is_back
    assert running.told[0].why == "nobody confirmed it in time"
    state = running.state()
    assert state["trial"] is None and state["returned"]
    texts = [path.read_text() for path in sorted((running.data / VERSIONS).glob("*.yaml"))]
    assert ["name: Two" in text for text in texts] == [False, True, False], "all are kept"
    await running.pass_(WATCHED)
    assert running.names == ["Two", "One"], "and that is the end of it"


async def test_what_is_confirmed_stays(running: Running) -> None:
    outcome = await running.reload("Two", within=30)
    await running.pass_(20)
    assert running.reloader.confirm() == outcome.version
    assert running.reloader.confirm() is None
    await running.pass_(WATCHED)
    assert running.names == ["Two"]


async def test_saving_again_lifts_no_promise(running: Running) -> None:
    await running.reload("Two", within=30)
    await running.pass_(20)
    await running.reload("Three")
    await running.pass_(9)
    assert running.names == ["Two", "Three"]
    await running.pass_(2)
    assert running.is_back, "back to what was in force before both"


async def test_a_file_that_comes_meanwhile_begins_a_trial_of_its_own(running: Running) -> None:
    await running.reload("Two")
    running.call("a", FAULT)
    await running.reload("Three")
    running.call("b", FAULT)
    await running.pass_(5)
    assert running.names == ["Two", "Three"]


async def test_what_was_in_force_before_is_not_on_trial(running: Running) -> None:
    await running.reload("Two")
    await running.reload("One")  # as `softswitch rollback` does
    for number in range(FAULTS):
        running.call(str(number), FAULT)
    await running.pass_(WATCHED)
    assert running.names == ["Two", "One"]


async def test_the_same_file_again_moves_the_end_and_nothing_else(running: Running) -> None:
    await running.reload("Two", within=600)
    await running.reload("Two")
    await running.reload("Two", within=5)
    await running.pass_(6)
    assert running.is_back


async def test_passwords_read_again_end_no_trial(running: Running) -> None:
    await running.reload("Two")
    await running.reload("Two")
    for number in range(FAULTS):
        running.call(str(number), FAULT)
    await running.pass_(1)
    assert running.is_back


async def test_a_draft_on_the_disk_is_put_aside(running: Running) -> None:
    await running.reload("Two", within=10)
    running.write("Draft")
    (running.folder / "people.yaml").write_text("people: {101: {name: Anna Nowa}}\n")
    await running.pass_(11)
    assert running.is_back
    assert "name: Draft" in running.file.with_name(f"office.yaml{ASIDE}").read_text()
    assert "Nowa" in (running.folder / f"people.yaml{ASIDE}").read_text()
    assert (running.folder / "people.yaml").read_text() == PEOPLE


async def test_a_restart_lifts_no_promise(tmp_path: Path) -> None:
    first = Running(tmp_path)
    await first.reload("Two", within=30)
    first.reloader.end()
    again = Running(tmp_path)  # reads the file as it is: `Two`
    await again.pass_(25)
    assert again.names == []
    await again.pass_(7)
    assert again.is_back


async def test_a_trial_that_needs_no_word_ends_with_the_process(tmp_path: Path) -> None:
    first = Running(tmp_path)
    await first.reload("Two")
    first.reloader.end()
    again = Running(tmp_path)
    for number in range(FAULTS):
        again.call(str(number), FAULT)
    await again.pass_(5)
    assert again.names == []


async def test_passwords_that_change_alone_are_no_new_version(running: Running) -> None:
    await running.reload("One")
    for number in range(FAULTS):
        running.call(str(number), FAULT)
    await running.pass_(5)
    assert running.names == ["One"] and running.told == []


async def test_when_the_file_cannot_be_written_calls_still_get_the_version_before(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    await running.reload("Two", within=5)
    monkeypatch.setattr("softswitch.reload.put_back", full)
    await running.pass_(6)
    assert running.names == ["Two", "One"]


def test_watched_calls_are_forgotten_when_they_end() -> None:
    faults = CallFaults(lambda: 0.0)
    at = datetime.now(UTC) + timedelta()
    for kind in ("call.started", "call.ended"):
        faults.see(Event("a", at, kind, {}))
    assert faults.dump() == {"watched calls": 0}
