"""The file of secrets: hashes only, written whole, for the owner's eyes."""

import hashlib
import stat
from pathlib import Path

import pytest

from softswitch.office.findings import OfficeErrors
from softswitch.office.secrets import SecretError, load_secrets, write_secret


def test_a_password_is_stored_as_hashes_only(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    write_secret(path, "101", "softswitch", "correct horse")
    assert "correct horse" not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    secrets = load_secrets(path, "softswitch")
    clear = b"101:softswitch:correct horse"
    assert secrets.ha1("101", "MD5") == hashlib.md5(clear).hexdigest()
    assert secrets.ha1("101", "SHA-256") == hashlib.sha256(clear).hexdigest()
    assert secrets.ha1("101", "SHA-512-256") == hashlib.new("sha512_256", clear).hexdigest()
    assert secrets.ha1("102", "MD5") is None
    assert "101" in secrets and "102" not in secrets and list(secrets) == ["101"]
    assert secrets.findings == ()


def test_other_entries_stay(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    for extension in ("101", "020", "102"):
        write_secret(path, extension, "softswitch", f"password-{extension}")
    before = load_secrets(path).ha1("101", "MD5")
    write_secret(path, "102", "softswitch", "another password")
    after = load_secrets(path)
    assert after.ha1("101", "MD5") == before
    assert set(after) == {"020", "101", "102"}
    assert [p.name for p in tmp_path.iterdir()] == ["secrets.yaml"]


def test_no_file_is_no_secrets(tmp_path: Path) -> None:
    assert list(load_secrets(tmp_path / "secrets.yaml")) == []


def test_a_password_in_clear_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_text("101: hunter2\n102: {MD5: 12ab}\n103: {SHA-1: abc}\n")
    path.chmod(0o600)
    with pytest.raises(OfficeErrors) as caught:
        load_secrets(path)
    text = str(caught.value)
    assert "never kept in clear" in text and "softswitch passwd 101" in text
    assert "hunter2" not in text
    assert "the MD5 of 102 is no hash of 32 hexadecimal digits" in text
    assert "`SHA-1` is no digest" in text


def test_another_realm_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    write_secret(path, "101", "old", "long enough")
    with pytest.raises(OfficeErrors, match="belong to the realm `old`"):
        load_secrets(path, "new")


def test_an_open_file_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yaml"
    write_secret(path, "101", "softswitch", "long enough")
    path.chmod(0o644)
    (finding,) = load_secrets(path).findings
    assert "chmod 600" in str(finding)


@pytest.mark.parametrize("content", [b"101: [", b"\xff\xfe", b"a: &x [*x]", b"- 101", b"101:\t"])
def test_a_broken_file_is_told_plainly(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "secrets.yaml"
    path.write_bytes(content)
    with pytest.raises(OfficeErrors):
        load_secrets(path)


@pytest.mark.parametrize(("extension", "password"), [("101", "short"), ("anna", "long enough")])
def test_what_cannot_be_stored(tmp_path: Path, extension: str, password: str) -> None:
    with pytest.raises(SecretError):
        write_secret(tmp_path / "secrets.yaml", extension, "softswitch", password)
    assert not list(tmp_path.iterdir())
