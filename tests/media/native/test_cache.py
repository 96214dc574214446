"""Which machine code is used, and which never."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from media.native import cache
from media.native.cache import Absent, Unusable
from media.native.elf import Code
from media.native.functions import FUNCTIONS
from media.native.load import Compiled

CODES = {function.name: Code(b"\xc3" * 70, 3) for function in FUNCTIONS}


def nothing_wrong(stored: cache.Stored) -> None:
    assert stored.path.suffix == ".new"  # nobody finds it yet


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with cache.alone(tmp_path / "cache"):
        cache.write(tmp_path / "cache", CODES, nothing_wrong)
    return tmp_path / "cache"


def file_in(folder: Path) -> Path:
    (file,) = folder.glob("*.code")
    return file


def test_what_was_written_is_found(folder: Path) -> None:
    stored = cache.read(folder)
    assert stored.path == file_in(folder)
    for name, code in CODES.items():
        begin = stored.entries[name] - code.entry
        assert stored.pages[begin : begin + len(code.octets)] == code.octets
        assert begin % 64 == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755


def test_nothing_is_found_in_an_empty_or_missing_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(Unusable, match="No such file"):
            cache.read(folder)


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o720, 0o777])
def test_a_folder_that_others_may_write_to_is_refused(folder: Path, mode: int) -> None:
    folder.chmod(mode)
    with pytest.raises(Unusable, match="not ours alone"):
        cache.read(folder)


def test_a_folder_that_others_may_read_is_good_enough(folder: Path) -> None:
    folder.chmod(0o755)  # as systemd makes a CacheDirectory=
    assert cache.read(folder).entries


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(folder: Path, mode: int) -> None:
    file_in(folder).chmod(mode)
    with pytest.raises(Unusable, match="not ours alone"):
        cache.read(folder)


def test_what_belongs_to_somebody_else_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    monkeypatch.setattr(cache, "_ROOT", owner + 2)
    with pytest.raises(Unusable, match="not ours alone"):
        cache.read(folder)


def test_what_root_compiled_serves_everybody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = folder.stat().st_uid
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    monkeypatch.setattr(cache, "_ROOT", owner)
    assert cache.read(folder).entries
    assert stat.S_IMODE(file_in(folder).stat().st_mode) == 0o644, "whatever the umask"
    for mode in (0o666, 0o664):
        file_in(folder).chmod(mode)
        with pytest.raises(Absent, match="not ours alone"):
            cache.read(folder)
    file_in(folder).chmod(0o644)
    folder.chmod(0o777)
    with pytest.raises(Unusable, match="not ours alone"):
        cache.read(folder)


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    file = file_in(folder)
    shutil.move(file, tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Unusable):
        cache.read(folder)


def test_any_damage_is_seen(folder: Path) -> None:
    file = file_in(folder)
    good = file.read_bytes()
    for size in (0, 1, 43, 44, 60, len(good) - 1):
        file.write_bytes(good[:size])
        with pytest.raises(Unusable, match="is damaged"):
            cache.read(folder)
    for place in range(len(good)):
        file.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        with pytest.raises(Unusable, match="is damaged"):
            cache.read(folder)
    file.write_bytes(good)
    cache.read(folder)


def test_other_sources_or_another_compiler_are_another_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "version", lambda name: "99.0")
    with pytest.raises(Unusable, match="No such file"):
        cache.read(folder)


def test_a_package_replaced_under_a_process_is_none_of_its(tmp_path: Path) -> None:
    """A spare worker may wait for weeks: what it adopts then must be of what it has imported."""
    home = Path(cache.__file__).parent.parent
    shutil.copytree(home, tmp_path / "media", ignore=shutil.ignore_patterns("__pycache__"))
    program = f"""
from pathlib import Path
from media.native.cache import __file__ as file, key
before = key()
assert Path(file).is_relative_to({str(tmp_path)!r})
with Path(file).with_name("pump.py").open("a") as source:
    source.write("# of another version\\n")
assert key() == before
print(before)
"""
    command = [sys.executable, "-c", program]
    keys = [subprocess.check_output(command, cwd=tmp_path) for _ in range(2)]
    assert keys[0] != keys[1]


def test_what_compiling_would_not_mend_is_told_apart(folder: Path) -> None:
    file = file_in(folder)
    file.chmod(0o666)
    with pytest.raises(Absent):
        cache.read(folder)
    file.unlink()
    with pytest.raises(Absent):
        cache.read(folder)
    folder.chmod(0o777)
    with pytest.raises(Unusable) as caught:
        cache.read(folder)
    assert not isinstance(caught.value, Absent)


def test_without_a_compiler_nothing_is_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_MADE_WITH", ("no-such-package",))
    with pytest.raises(Unusable, match="no-such-package is missing: pip install"):
        cache.read(folder)


def test_only_some_versions_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for i in range(20):
        monkeypatch.setattr(cache, "version", lambda name, i=i: str(i))
        newest = cache.write(folder, CODES, nothing_wrong)
        os.utime(newest, (i, i))
    assert len(list(folder.glob("*"))) == 8 + 1  # and the lock
    assert newest.exists()


def test_what_fails_its_trial_is_never_found(folder: Path) -> None:
    before = {file: file.read_bytes() for file in folder.iterdir()}

    def wrong(stored: cache.Stored) -> None:
        raise Unusable("wrong")

    with pytest.raises(Unusable, match="wrong"):
        cache.write(folder, CODES | {"pump": Code(b"\xc3" * 9, 0)}, wrong)
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_what_an_ended_compiler_left_is_removed(folder: Path) -> None:
    (folder / "tmpx.new").write_bytes(b"half of it")
    cache.write(folder, CODES, nothing_wrong)
    assert not list(folder.glob("*.new"))


def test_nothing_is_compiled_into_a_folder_that_others_may_write(folder: Path) -> None:
    folder.chmod(0o775)
    with pytest.raises(Unusable, match="not ours alone"), cache.alone(folder):
        raise AssertionError("it must not begin")


def test_code_of_other_functions_is_not_called(folder: Path) -> None:
    cache.write(folder, {"another": Code(b"\xc3", 0)}, nothing_wrong)
    with pytest.raises(Unusable, match="other functions"):
        Compiled.of(str(folder))


def test_memory_that_does_not_fit_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="takes"):
        Compiled.of(str(folder)).bind(FUNCTIONS[0], [np.zeros(1, np.uint8)])


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our sources stand here, and the user's cache is elsewhere."""
    (tmp_path / "native").mkdir(mode=0o755)
    monkeypatch.setattr(cache, "_BESIDE", tmp_path / "native" / "__pycache__")
    monkeypatch.delenv("CACHE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    return tmp_path / "native" / "__pycache__"


def compiled_into(given: str = "") -> Path:
    with cache.room(given) as folder:
        cache.write(folder, CODES, nothing_wrong)
    return folder


def test_the_folders_are_what_was_given_or_the_sources_and_the_users(
    beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CACHE_DIRECTORY", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/anna")
    assert list(cache.folders("/given")) == [Path("/given")]
    assert list(cache.folders("")) == [beside, Path("/home/anna/.cache/softswitch")]
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert list(cache.folders("")) == [beside, Path("/xdg/softswitch")]
    monkeypatch.setenv("CACHE_DIRECTORY", "/var/cache/softswitch:/var/cache/other")
    assert list(cache.folders("")) == [beside, Path("/var/cache/softswitch")]


def test_it_lies_beside_the_sources_of_whoever_owns_them(beside: Path) -> None:
    assert compiled_into() == beside
    assert cache.find("").path.parent == beside


def test_who_does_not_own_the_sources_has_a_folder_of_his_own(
    beside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, own = tmp_path.stat().st_uid, tmp_path / "xdg" / "softswitch"
    with monkeypatch.context() as other:
        other.setattr(os, "geteuid", lambda: owner + 1)
        other.setattr(cache, "_ROOT", owner)
        with pytest.raises(Absent):
            cache.find("")
        assert compiled_into() == own
    (own / file_in(own).name).unlink()
    beside.parent.chmod(0o775)
    assert compiled_into() == own
    assert cache.find("").path.parent == own
    assert not beside.exists()


def test_where_the_first_folder_is_bad_the_next_one_serves(beside: Path, tmp_path: Path) -> None:
    compiled_into()
    beside.chmod(0o777)
    assert compiled_into() == tmp_path / "xdg" / "softswitch"
    assert cache.find("").path.parent == tmp_path / "xdg" / "softswitch"


def test_without_a_home_it_is_told_how_to_name_a_folder(
    beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def homeless() -> Path:
        raise RuntimeError

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(Absent, match="No such file"):
        cache.find("")
    beside.parent.chmod(0o775)
    with pytest.raises(Unusable, match="no home folder: name one"), cache.room(""):
        pass
    beside.parent.chmod(0o755)
    assert compiled_into() == beside
    assert cache.find("").entries
