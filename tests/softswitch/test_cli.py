"""The command: what it prints, how it exits. 0 fine, 1 refused, 2 wrong use."""

import asyncio
import gc
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from softswitch import log
from softswitch.cli import app
from softswitch.control import Control, is_running
from softswitch.settings import Settings

OFFICE = """\
office: {name: Test, safe: start, number: "+48 22 123 45 67"}
people:
  101: {name: Anna Zielińska}
queues:
  reception: {number: 300, agents: [101]}
mailboxes:
  reception: {mail: [office@firm.example]}
numbers:
  "+48 22 123 45 67": start
routes:
  start: {queue: reception, too_long: leave, full: leave, no_agents: leave}
  leave: {voicemail: reception}
"""
runner = CliRunner()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    path = tmp_path / "office.yaml"
    path.write_text(
        OFFICE.replace('67": start', '67": start').replace("safe: reception", "safe: start")
    )
    return path


def test_help_teaches() -> None:
    result = runner.invoke(app, ["--help"])
    assert result.exit_code == 0
    for word in ("run", "check", "passwd", "calls", "phones"):
        assert word in result.output


def test_check_passes_and_refuses(office: Path) -> None:
    good = runner.invoke(app, ["check", str(office)])
    assert good.exit_code == 0, good.output
    assert "every path ends well" in good.output
    assert runner.invoke(app, ["check", "--strict", str(office)]).exit_code == 1, "no password yet"
    office.write_text(OFFICE.replace("agents: [101]", "agents: [102]"))
    bad = runner.invoke(app, ["check", str(office)])
    assert bad.exit_code == 1
    assert f"{office}:5:" in bad.output


def test_check_as_json(office: Path) -> None:
    office.write_text(OFFICE.replace("too_long", "too_lng"))
    result = runner.invoke(app, ["check", "--json", str(office)])
    assert result.exit_code == 1
    findings = json.loads(result.stdout)
    assert any("too_lng" in finding["message"] for finding in findings)


def test_a_file_that_is_not_there() -> None:
    result = runner.invoke(app, ["check", "nowhere.yaml"])
    assert result.exit_code == 1
    assert "nowhere.yaml" in result.output


def test_passwd_writes_digests_only(office: Path) -> None:
    arguments = ["passwd", "101", "--office", str(office), "--stdin"]
    assert runner.invoke(app, arguments, input="a good password\n").exit_code == 0
    secrets = office.parent / "secrets.yaml"
    assert "a good password" not in secrets.read_text()
    assert "SHA-256" in secrets.read_text()
    assert secrets.stat().st_mode & 0o077 == 0
    assert runner.invoke(app, arguments, input="short\n").exit_code == 2
    arguments[1] = "999"
    assert runner.invoke(app, arguments, input="a good password\n").exit_code == 1


@pytest.mark.parametrize("command", [["calls"], ["call", "x"], ["phones"]])
def test_no_store_is_told_plainly(command: list[str], tmp_path: Path) -> None:
    result = runner.invoke(app, [*command, "--data", str(tmp_path / "nothing")])
    assert result.exit_code == 1
    assert "no store" in result.output


def test_run_wants_an_office() -> None:
    result = runner.invoke(app, ["run"])
    assert result.exit_code == 2
    assert "--office" in result.output


def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOFTSWITCH_SIP_UDP_PORT", "many")
    result = runner.invoke(app, ["phones"])
    assert result.exit_code == 2
    assert "SOFTSWITCH_SIP_UDP_PORT" in result.output


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`run` is of a process of its own: what it sets there is put back."""
    monkeypatch.setattr(gc, "disable", lambda: None)
    monkeypatch.setattr(log, "configure", lambda *_: None)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.setenv("SOFTSWITCH_SIP_TCP_PORT", "")
    yield


def test_a_folder_belongs_to_one_switch(office: Path, tmp_path: Path, unhurried: None) -> None:
    """The second would take the first one's commands away, and write over its calls."""

    async def meanwhile() -> Result:
        async with Control(tmp_path, {}):
            words = ["run", "--office", str(office), "--data", str(tmp_path)]
            return await asyncio.to_thread(runner.invoke, app, words)

    told = asyncio.run(meanwhile())
    assert told.exit_code == 2 and "runs with the data folder" in told.output
    assert not is_running(tmp_path)


def test_an_address_that_is_taken_is_named(
    office: Path, tmp_path: Path, unhurried: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = other.getsockname()[1]
        monkeypatch.setenv("SOFTSWITCH_SIP_HOST", "127.0.0.1")
        monkeypatch.setenv("SOFTSWITCH_SIP_UDP_PORT", f"{port}")
        words = ["run", "--office", str(office), "--data", str(tmp_path / "data")]
        told = runner.invoke(app, words)
    assert told.exit_code == 2
    assert f"127.0.0.1:{port} UDP: Something else listens there already" in told.output


def test_an_empty_port_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIP_UDP_PORT", "SIP_TCP_PORT", "SIP_WS_PORT", "METRICS_PORT"):
        monkeypatch.setenv(f"SOFTSWITCH_{name}", "")
    settings = Settings()
    assert settings.sip_udp_port is settings.sip_tcp_port is settings.metrics_port is None
