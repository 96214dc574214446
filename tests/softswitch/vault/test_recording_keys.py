"""Keys of recordings: made, got, wrapped anew, destroyed."""

import shutil
from pathlib import Path

import pytest

from softswitch.vault.office_key import FILE, VaultError, read_keys
from softswitch.vault.recording_keys import RecordingKeys

OLD, NEW = "11" * 32, "22" * 32


def test_a_key_is_kept_wrapped_and_for_its_owner_alone(tmp_path: Path) -> None:
    keys = RecordingKeys(tmp_path / "keys")
    key = keys.make("r1")
    assert len(key) == 32 and keys.get("r1") == key and keys.make("r2") != key
    assert list(keys.names()) == ["r1", "r2"]
    for path in (tmp_path / "keys").rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path
        if path.is_file():
            assert key.hex() not in path.read_text() and key not in path.read_bytes()
    with pytest.raises(VaultError, match="has a key already"):
        keys.make("r1")


def test_what_was_destroyed_never_comes_back(tmp_path: Path) -> None:
    keys = RecordingKeys(tmp_path)
    keys.make("r1")
    assert keys.destroy("r1") and not keys.destroy("r1")
    with pytest.raises(VaultError, match="was destroyed"):
        keys.get("r1")


def test_keys_are_wrapped_anew_and_the_old_office_key_opens_nothing(tmp_path: Path) -> None:
    keys = RecordingKeys(tmp_path)
    made = {name: keys.make(name) for name in ("r1", "r2")}
    old = (tmp_path / FILE).read_text()
    assert keys.rotate() == 2
    assert (tmp_path / FILE).read_text() != old
    assert {name: keys.get(name) for name in made} == made
    with pytest.raises(VaultError, match="is not here"):
        RecordingKeys(tmp_path, old).get("r1")


def test_a_rotation_that_was_stopped_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = RecordingKeys(tmp_path)
    made = {name: keys.make(name) for name in ("r1", "r2", "r3")}
    real = RecordingKeys.get

    def stopped(self: RecordingKeys, name: str) -> bytes:
        if name == "r2":
            raise KeyboardInterrupt
        return real(self, name)

    monkeypatch.setattr(RecordingKeys, "get", stopped)
    with pytest.raises(KeyboardInterrupt):
        keys.rotate()
    monkeypatch.undo()
    assert {name: keys.get(name) for name in made} == made
    keys.rotate()
    assert {name: keys.get(name) for name in made} == made
    assert len(read_keys((tmp_path / FILE).read_text())) == 1


def test_an_office_key_from_outside(tmp_path: Path) -> None:
    key = RecordingKeys(tmp_path, OLD).make("r1")
    assert not (tmp_path / FILE).exists()
    keys = RecordingKeys(tmp_path, f"{NEW}\n{OLD}\n")
    assert keys.is_given and keys.get("r1") == key and keys.rotate() == 1
    assert RecordingKeys(tmp_path, NEW).get("r1") == key
    with pytest.raises(VaultError, match="is not here"):
        RecordingKeys(tmp_path, OLD).get("r1")


@pytest.mark.parametrize("text", ["", "x", "11" * 31, "gg" * 32])
def test_office_keys_that_cannot_be(tmp_path: Path, text: str) -> None:
    with pytest.raises(VaultError):
        RecordingKeys(tmp_path, text)


@pytest.mark.parametrize("name", ["", "../r1", "a/b", ".r1", "x" * 101])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    keys = RecordingKeys(tmp_path / "keys")
    for act in (keys.make, keys.get, keys.destroy):
        with pytest.raises(VaultError, match="no name of a recording"):
            act(name)


def test_a_broken_key_file_is_told(tmp_path: Path) -> None:
    keys = RecordingKeys(tmp_path)
    keys.make("r1")
    path = tmp_path / "recordings" / "r1.key"
    good = path.read_text()
    path.write_text(good[:-4] + "ffff")
    with pytest.raises(VaultError):
        keys.get("r1")
    path.write_text("nonsense")
    with pytest.raises(VaultError, match="cannot be read"):
        keys.get("r1")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VaultError, match="cannot be"):
        RecordingKeys(tmp_path / "file").make("r1")
    shutil.rmtree(tmp_path, ignore_errors=True)
