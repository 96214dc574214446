"""A `SOFTSWITCH_*` variable that is wrong is named with what to write, before anything opens."""

from pathlib import Path

import pytest
import typer
from pydantic import ValidationError

from softswitch.commands.terminal import process_settings, tell_strange_settings
from softswitch.listening import client_tls, dns_of, listeners
from softswitch.setting_values import DnsServers
from softswitch.settings import Settings
from softswitch.wording import Said, Slip, of_disk

WRONG = (
    ("SPARED", "10.0.0.0/33", "`10.0.0.0/33` is no network", "192.0.2.0/24"),
    ("DNS", "dns.example", "does not name DNS servers", "192.0.2.53"),
    ("DNS", "192.0.2.1:70000", "does not name DNS servers", "192.0.2.53"),
    ("PUBLIC_ADDRESS", "biuro.example", "`biuro.example` is no numeric address", "203.0.113.5"),
    ("DATABASE", "mysql://root:hush@x/y", "begins otherwise", "postgresql+asyncpg://"),
    ("DATABASE", "bzdura", "begins otherwise", "postgresql+asyncpg://"),
    ("RTP_LOW", "40000", "32767, is not behind the first one, 40000", "SOFTSWITCH_RTP_LOW"),
    ("RTP_HIGH", "16384", "16384, is not behind the first one, 16384", "four ports a call"),
    ("TLS_CERTIFICATE", "/none.pem", "/none.pem: No such file", ""),
    ("TLS_KEY", "/none.pem", "/none.pem: No such file", ""),
    ("TLS_TRUST", "/none.pem", "/none.pem: No such file", ""),
)


@pytest.mark.parametrize(("name", "value", "told", "advised"), WRONG)
def test_what_is_wrong_is_said_with_what_to_write(
    name: str,
    value: str,
    told: str,
    advised: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(f"SOFTSWITCH_{name}", value)
    with pytest.raises(typer.Exit) as caught:
        process_settings(None)
    assert caught.value.exit_code == 2
    said = capsys.readouterr().err
    assert told in said and advised in said and "SOFTSWITCH_" in said
    assert "hush" not in said, "a password of the database"


@pytest.mark.parametrize("name", ["DNS", "SPARED", "PUBLIC_ADDRESS", "DATABASE", "RTP_HIGH"])
def test_it_is_said_in_polish(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "pl_PL.UTF-8")
    monkeypatch.setenv(f"SOFTSWITCH_{name}", "7")
    with pytest.raises(typer.Exit):
        process_settings(None)
    said = capsys.readouterr().err
    assert "Wpisz" in said or "Ustaw" in said


def test_good_values_stay_as_they_are() -> None:
    good = Settings(
        spared="10.0.0.5/8, 2001:db8::/32 192.0.2.1",
        dns="192.0.2.53, [2001:db8::53]:5353",
        public_address="203.0.113.5",
        database="postgresql+asyncpg://user@host/name",
        rtp_low=100,
        rtp_high=200,
    )
    assert good.spared.startswith("10.0.0.5/8") and good.public_address == "203.0.113.5"
    assert DnsServers.read(good.dns) == DnsServers(["192.0.2.53", "2001:db8::53"], 5353)
    assert DnsServers.read("192.0.2.53:5353") == DnsServers(["192.0.2.53"], 5353)
    assert DnsServers.read("2001:db8::53").addresses == ["2001:db8::53"]
    assert dns_of(good) is not None and DnsServers.read(" , ") == DnsServers()
    with pytest.raises(Slip):
        DnsServers.read("192.0.2.53:x")
    with pytest.raises(ValidationError):
        Settings(rtp_high=2)


def test_a_certificate_that_is_none_is_told_with_its_file(tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text("office: {}")
    for use, wanted in (
        (lambda: listeners(Settings(tls_certificate=file)), "no PEM certificate"),
        (lambda: client_tls(Settings(tls_trust=file)), "no certificates of authorities"),
    ):
        with pytest.raises(OSError, match=wanted) as caught:
            use()
        told = of_disk(caught.value)
        assert isinstance(told, Said) and str(file) in told.in_language("pl")


def test_a_setting_that_is_none_is_told_if_it_looks_like_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOFTSWITCH_SIP_UPD_PORT", "5060")
    monkeypatch.setenv("SOFTSWITCH_OTHER", "of another program")
    tell_strange_settings("en")
    said = capsys.readouterr().err.replace("\n", " ")
    assert "no setting SOFTSWITCH_SIP_UPD_PORT" in said and "`SOFTSWITCH_SIP_UDP_PORT`" in said
    assert "OTHER" not in said
