"""Values of the environment and of secret files in an office file."""

from pathlib import Path

import pytest

from softswitch.office.findings import Findings
from softswitch.office.reading import read_source
from softswitch.office.references import resolve
from softswitch.wording import say

ENVIRONMENT = {"OFFICE_MAIL": "office@firm.example", "EMPTY": ""}


def resolved(text: str, folder: Path, **more: str) -> Findings:
    _, findings = read_source(text, "office.yaml", folder)
    resolve(findings, folder, {**ENVIRONMENT, **more})
    return findings


def said(findings: Findings) -> str:
    return "\n".join(map(str, findings.sorted()))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${OFFICE_MAIL}", "office@firm.example"),
        ("a ${OFFICE_MAIL} b", "a office@firm.example b"),
        ("${EMPTY}", ""),
        ("${NONE:-there is none}", "there is none"),
        ("${OFFICE_MAIL:-other}", "office@firm.example"),
        ("$${OFFICE_MAIL}", "${OFFICE_MAIL}"),
        ("5 $ and $5", "5 $ and $5"),
        ("${", "${"),
    ],
)
def test_a_reference_is_its_value(tmp_path: Path, written: str, value: str) -> None:
    findings = resolved(f"a: {{b: ['{written}']}}", tmp_path)
    assert findings.source.data == {"a": {"b": [value]}}
    assert not findings.sorted()


def test_a_missing_variable_is_named_with_its_place(tmp_path: Path) -> None:
    found = said(resolved("a:\n  b: ${NONE}\n", tmp_path))
    assert found.startswith("office.yaml:2:6: error: the environment has no `NONE`")
    assert "${NONE:-value}" in found


def test_a_secret_is_a_file_beside_the_office(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "operator").write_text("hunter2\n")
    findings = resolved("a: ${secret:operator}", tmp_path)
    assert findings.source.data == {"a": "hunter2"}


def test_credentials_of_the_service_manager_come_first(tmp_path: Path) -> None:
    for name, text in (("secrets", "old"), ("credentials", "new")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "operator").write_text(text)
    folder = str(tmp_path / "credentials")
    findings = resolved("a: ${secret:operator}", tmp_path, CREDENTIALS_DIRECTORY=folder)
    assert findings.source.data == {"a": "new"}


def test_a_missing_secret_says_where_to_write_it(tmp_path: Path) -> None:
    found = said(resolved("a: ${secret:operator}", tmp_path))
    assert "there is no secret `operator`" in found and "secrets/operator" in found


def test_no_message_shows_a_secret(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "operator").write_text("hunter2")
    findings = resolved("a: ${secret:operator}", tmp_path)
    findings.error(("a",), say("no_telephone_number", written="hunter2"))
    assert "hunter2" not in said(findings)
    assert "`${secret:operator}` is no telephone number" in said(findings)


@pytest.mark.parametrize("name", ["../passwd", "/etc/passwd", "a/b", ".hidden", ""])
def test_a_secret_has_a_plain_name(tmp_path: Path, name: str) -> None:
    text = f"${{secret:{name}}}"
    assert resolved(f"a: '{text}'", tmp_path).source.data == {"a": text}


def test_a_password_in_clear_is_warned_of(tmp_path: Path) -> None:
    """Of another system: it would be mailed around with the file, and kept in each version."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "push").write_text("hush\n")
    text = """\
trunks: {operator: {server: x, password: tajne123}}
contacts: [{ldap: "ldaps://x", password: tajne124}]
push: {url: "https://x", secret: "${secret:push}"}
people: {101: {name: password}}
"""
    findings = resolved(text, tmp_path)
    first, second = said(findings).splitlines()
    assert first.startswith("office.yaml:1:42: warning: the password stands here for everybody")
    assert 'secrets/operator beside the office file, and write here "${secret:operator}"' in first
    assert second.startswith("office.yaml:2:42: warning") and '"${secret:contacts}"' in second
    assert "tajne" not in said(findings)
