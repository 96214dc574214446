"""The unit for systemd: systemd takes it, it starts what there is, and may write what it must."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import typer

from softswitch.cli import app

UNIT = Path(__file__).parents[2] / "config" / "softswitch.service"


def settings() -> dict[str, str]:
    lines = [line for line in UNIT.read_text().splitlines() if "=" in line and line[0] != "#"]
    return dict(line.split("=", 1) for line in lines)


def test_it_starts_the_switch_with_options_that_there_are() -> None:
    program, command, *words = shlex.split(settings()["ExecStart"])
    assert Path(program).name == "softswitch"
    run = typer.main.get_command(app).commands[command]  # type: ignore[attr-defined]
    known = {name for parameter in run.params for name in parameter.opts}
    assert set(words[::2]) <= known
    given = dict(zip(words[::2], words[1::2], strict=True))
    states = [f"/var/lib/{name}" for name in settings()["StateDirectory"].split()]
    assert [given["--data"], f"{given['--data']}.keys"] == states
    assert str(Path(given["--office"]).parent) == settings()["ReadWritePaths"]


def test_systemd_takes_it(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("this machine has no systemd")
    started = shlex.split(settings()["ExecStart"])[0]
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace(started, "/bin/true"))  # it is installed nowhere here
    told = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True)
    ours = [line for line in told.stderr.splitlines() if UNIT.name in line]
    assert ours == []
