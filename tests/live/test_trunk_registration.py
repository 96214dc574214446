"""A provider with accounts, Kamailio: we register, calls go both ways, he dies and returns."""

import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.live import sipp
from tests.live.mailserver import MailServer
from tests.live.namespace import Namespace
from tests.live.office_files import SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until
from tests.live.provider import HOST, PASSWORD, USER, Provider

CLIENT, OUTSIDE = "+48600100200", "600100200"
ADMIN = "admin@kancelaria.example"
WATCH = 5  # seconds


@contextmanager
def account(
    folder: Path,
    mail: MailServer,
    provider: Provider,
    password: str = PASSWORD,
    more: str = "",
    network: Namespace | None = None,
    trust: Path | None = None,
    on_trial: bool = False,
) -> Iterator[OfficeUnderTest]:
    """An office whose only trunk registers at this provider. `network`: where it runs; `trust`: who
    has signed the provider's certificate; `on_trial`: its new versions."""
    office = OfficeUnderTest(folder / "office", mail)
    if on_trial:
        office.environment["SOFTSWITCH_RELOAD_TRIAL"] = "600"
    if trust is not None:
        office.environment["SOFTSWITCH_TLS_TRUST"] = str(trust)
    if network is not None:
        office.network = network
        office.environment["SOFTSWITCH_SIP_HOST"] = "0.0.0.0"
    text = office.office_file.read_text()
    old = f'server: "{office.trunk_place}", watch: none,'
    new = (
        f'server: "{provider.host}:{provider.port}", register: true, username: "{USER}", did: to, '
    )
    new += f'watch: {WATCH}s, expires: 60s, password: "${{secret:operator}}", {more}'
    assert old in text
    office.office_file.write_text(text.replace(old, new) + f"\nalarms: [{ADMIN}]\n")
    secrets = office.office_file.parent / "secrets"
    secrets.mkdir()
    (secrets / "operator").write_text(password + "\n")
    with office:
        yield office


def trunk(office: OfficeUnderTest) -> dict[str, Any]:
    (found,) = office.trunks()
    return dict(found)


def wait_for(office: OfficeUnderTest, state: str, seconds: float = 60.0) -> float:
    """How long it took."""
    begin = time.monotonic()
    until(lambda: trunk(office)["state"] == state, f"the trunk is {state}", seconds)
    return time.monotonic() - begin


def a_client_calls(office: OfficeUnderTest, provider: Provider, folder: Path) -> None:
    """Somebody in the world dials our number; Piotr answers."""
    piotr = office.phone("102")
    scenario = sipp.outgoing_call(milliseconds=500)
    with sipp.Sipp(
        scenario, provider.address, folder, host=HOST, port=provider.client,
        number=CLIENT, target=SHORT,
    ) as client:  # fmt: skip
        piotr.incoming().answer().wait_answered()
        client.wait()
    assert office.wait_row(number=CLIENT, result="talked", direction="in")
    piotr.close()


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_calls_both_ways(tmp_path: Path, mail_server: MailServer, algorithm: str) -> None:
    with (
        Provider(tmp_path, algorithm=algorithm) as provider,
        account(tmp_path, mail_server, provider) as office,
    ):
        wait_for(office, "registered")
        a_client_calls(office, provider, tmp_path / "in")
        with sipp.Sipp(
            sipp.answering(), provider.address, tmp_path / "out", host=HOST, port=provider.far
        ) as far:
            call = office.phone("101").dial(OUTSIDE)
            call.wait_answered()
            time.sleep(0.5)
            call.hang_up()
            far.wait()
        assert office.wait_row(result="talked", direction="out")
        invites = provider.passed("INVITE")
        assert [USER in line for line in invites[-2:]] == [False, True]  # 407, then signed
        assert any(f"auth={USER}" in line for line in provider.passed("BYE"))
        assert not mail_server.mails
    last = provider.passed("REGISTER")[-1]
    assert "expires=0" in last and f"auth={USER}" in last  # the stop took our contact away


def test_a_registration_is_refreshed(tmp_path: Path, mail_server: MailServer) -> None:
    """Twelve seconds are granted, and for twenty nobody misses a call."""
    with (
        Provider(tmp_path, expires=12) as provider,
        account(tmp_path, mail_server, provider) as office,
    ):
        wait_for(office, "registered")
        time.sleep(20)
        assert trunk(office)["state"] == "registered" and not mail_server.mails
        assert 3 <= len(provider.passed("REGISTER")) <= 9
        a_client_calls(office, provider, tmp_path / "in")


def test_the_provider_dies_and_returns(tmp_path: Path, mail_server: MailServer) -> None:
    """An alarm within a minute; and within one after his return, though he forgot us, calls in."""
    with Provider(tmp_path) as provider, account(tmp_path, mail_server, provider) as office:
        wait_for(office, "registered")
        provider.close()
        wait_for(office, "unregistered")
        mail = mail_server.wait(lambda one: "nie można zarejestrować" in one.subject, 20.0)
        assert mail.recipients == (ADMIN,) and SHORT in mail.text
        call = office.phone("101").dial(OUTSIDE)
        call.wait_status(502)  # at once: nobody waits for a dead trunk
        provider.restart()
        assert wait_for(office, "registered", 60) < 60
        mail_server.wait(lambda one: "znów działa" in one.subject, 20.0)
        a_client_calls(office, provider, tmp_path / "in")


def test_a_wrong_password(tmp_path: Path, mail_server: MailServer) -> None:
    """Two REGISTERs, an alarm, and quiet."""
    with (
        Provider(tmp_path) as provider,
        account(tmp_path, mail_server, provider, "zle-haslo") as office,
    ):
        wait_for(office, "refused")
        mail_server.wait(lambda one: "odrzuca rejestrację" in one.subject, 20.0)
        time.sleep(2 * WATCH)
        assert len(provider.passed("REGISTER")) == 2
        assert trunk(office)["error"].startswith("401")
        assert "zle-haslo" not in office.log


def test_a_version_that_breaks_the_registration_is_taken_back(
    tmp_path: Path, mail_server: MailServer
) -> None:
    """By itself, in seconds: the provider refuses the account that the new version names."""
    with (
        Provider(tmp_path) as provider,
        account(tmp_path, mail_server, provider, on_trial=True) as office,
    ):
        wait_for(office, "registered")
        text = office.office_file.read_text("utf-8")
        before = office.command("versions").splitlines()[0].split()[0]
        office.office_file.write_text(text.replace(f'username: "{USER}"', 'username: "nikt"'))
        told = office.command("reload", "--comment", "nowe konto")
        broken = told.split("accepted as version ")[1].split(";")[0]
        until(lambda: office.office_file.read_text("utf-8") == text, "the file of before", 60.0)
        wait_for(office, "registered")
        a_client_calls(office, provider, tmp_path / "in")
        said = office.command("versions", "--lang", "pl")
        user = pwd.getpwuid(os.geteuid()).pw_name
        assert f"{broken}  {user}: nowe konto" in said
        assert f"wersja {broken} została wycofana: łącze operator straciło rejestrację" in said
        assert said.startswith(f"{before}  obowiązuje od startu")
        mail = mail_server.wait(lambda one: "przywrócono poprzednią" in one.subject, 20.0)
        assert mail.recipients == (ADMIN,) and f"{broken}, {user}: nowe konto" in mail.text
        assert '"comment": "nowe konto"' in office.log and f'"author": "{user}"' in office.log


def test_over_tcp(tmp_path: Path, mail_server: MailServer) -> None:
    """The provider's process is killed with the connection, and comes back."""
    with (
        Provider(tmp_path) as provider,
        account(tmp_path, mail_server, provider, more="transport: tcp, ") as office,
    ):
        wait_for(office, "registered")
        a_client_calls(office, provider, tmp_path / "in")
        assert "transport=tcp" in provider.log
        provider.restart()
        until(lambda: provider.log.count("SAVED") >= 2, "registered anew", 60.0)
        wait_for(office, "registered")
        a_client_calls(office, provider, tmp_path / "again")
