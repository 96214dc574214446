"""A worker goes over to compiled code while packets flow, or says why it does not."""

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media.commands import Bridge, PacketLoop
from media.native import choice as choices
from media.native.cache import key
from media.native.choice import Choice
from media.native.functions import Loops
from media.native.load import Compiled
from tests.media.desk import desk

PATIENCE = 120.0


class Table:
    """A choice, and what it has done."""

    def __init__(self, use: Callable[[Loops], None] | None = None) -> None:
        self.used: list[Loops] = []
        self.told: list[PacketLoop] = []
        self.watched: dict[int, Callable[[float], None]] = {}
        self.choice = Choice(
            use or self.used.append, self.told.append, self.watched.__setitem__, self._unwatch
        )

    def _unwatch(self, descriptor: int) -> None:
        del self.watched[descriptor]

    def wait(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Until the compiler has ended."""
        while self.watched:
            meanwhile()
            for descriptor in select.select(list(self.watched), [], [], 0.01)[0]:
                self.watched[descriptor](0.0)


def children() -> set[str]:
    lists = Path("/proc/self/task").glob("*/children")
    return {child for one in lists for child in one.read_text().split()}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests run beside others that never rest: here the compiler does not stand behind them."""
    monkeypatch.setattr(choices, "_COMPILER", (sys.executable, "-m", "media.native"))


@pytest.fixture
def table() -> Iterator[Table]:
    one = Table()
    yield one
    one.choice.close()
    assert not one.watched


def test_it_may_be_switched_off(table: Table, tmp_path: Path) -> None:
    table.choice.begin(False, str(tmp_path))
    assert table.told == [PacketLoop(False, "compiling is switched off")]
    assert not table.used and not table.watched


def test_what_is_there_is_used_at_once(compiled: Compiled, table: Table) -> None:
    table.choice.begin(True, str(compiled.folder))
    assert table.told == [PacketLoop(True)] and not table.watched
    assert isinstance(table.used[0], Compiled)


def test_a_call_goes_on_while_its_loop_is_compiled(tmp_path: Path) -> None:
    with desk() as call:
        (a, alice), (b, bob) = call.open(), call.open()
        call.do(Bridge(1, (a, b)))
        table = Table(call.engine.use)
        table.choice.begin(True, str(tmp_path / "cache"))
        said = 0

        def talk() -> None:
            nonlocal said
            call.talk(3, (alice, 1000))
            said += 3

        table.wait(talk)
        assert table.told == [PacketLoop(True)]
        talk()
        table.choice.close()
    numbers = [heard.header.sequence for heard in bob.heard]
    assert numbers == [(numbers[0] + i) & 0xFFFF for i in range(said)]


def test_a_folder_that_cannot_be_written_is_said(table: Table, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    table.choice.begin(True, str(tmp_path / "file"))
    table.wait()
    assert not table.used
    (told,) = table.told
    assert not told.is_compiled and "the packet loop is not compiled" in told.reason


def test_where_compiling_would_not_help_no_compiler_is_started(
    table: Table, tmp_path: Path
) -> None:
    tmp_path.chmod(0o777)
    table.choice.begin(True, str(tmp_path))
    assert not table.watched and not table.used
    (told,) = table.told
    assert "is not ours alone" in told.reason


def test_a_compiler_that_has_ended_is_gone(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No zombie beside a worker that lives for months."""
    monkeypatch.setattr(choices, "_COMPILER", ("/bin/true",))
    before = children()
    table.choice.begin(True, str(tmp_path))
    table.wait()
    assert children() <= before
    (told,) = table.told
    assert "No such file" in told.reason


def test_a_compiler_that_says_nothing_is_no_reason_to_stop(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "_COMPILER", ("/bin/false",))
    table.choice.begin(True, str(tmp_path))
    table.wait()
    assert table.told == [PacketLoop(False, "the compiler was ended")]


def test_without_a_compiler_it_is_said_what_to_do(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choices, "_COMPILER", ("/no/such/program",))
    monkeypatch.setattr("media.native.cache._MADE_WITH", ("numba-of-another-world",))
    table.choice.begin(True, str(tmp_path))
    (told,) = table.told
    assert "numba-of-another-world is missing: pip install" in told.reason


def test_a_worker_that_ends_ends_its_compiler(table: Table, tmp_path: Path) -> None:
    table.choice.begin(True, str(tmp_path / "cache"))
    table.choice.close()
    table.watched.clear()
    assert not list(tmp_path.rglob("*.code"))


def test_two_at_once_compile_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "media.native", str(tmp_path / "cache")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = sorted(one.communicate(timeout=PATIENCE)[0].split(":")[0] for one in both)
    assert told == ["compiled", "there already"]
    assert len(list(tmp_path.rglob("*.code"))) == 1
    assert not list(tmp_path.rglob("*.new"))


def test_what_is_there_is_found_where_nothing_may_be_written(
    compiled: Compiled, tmp_path: Path
) -> None:
    """An image that is mounted read-only: not even the lock can be made."""
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    shutil.copy(compiled.folder / f"{key()}.code", folder)
    (folder / "lock").mkdir()
    command = [sys.executable, "-m", "media.native", str(folder)]
    assert "there already" in subprocess.check_output(command, text=True)


def test_damage_is_mended_by_compiling_again(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    command = [sys.executable, "-m", "media.native", str(folder)]
    subprocess.run(command, check=True)
    (file,) = folder.glob("*.code")
    os.truncate(file, 100)
    subprocess.run(command, check=True)
    Compiled.of(str(folder))
