"""The world moves: a provider behind DNS that goes elsewhere, and one that is spoken to by TLS."""

from pathlib import Path

from tests.live.mailserver import MailServer
from tests.live.nameserver import NameServer
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until
from tests.live.provider import HOST, PASSWORD, USER, Provider
from tests.live.test_trunk_registration import a_client_calls, trunk, wait_for

SRV = ("_sip._udp.sip.op.test", "SRV")


def office_at(folder: Path, mail: MailServer, server: str, more: str = "") -> OfficeUnderTest:
    """Registers at this server, asked after often."""
    office = OfficeUnderTest(folder / "office", mail)
    text = office.office_file.read_text()
    old = f'server: "{office.trunk_place}", watch: none,'
    assert old in text
    new = f'server: "{server}", register: true, username: "{USER}", password: "{PASSWORD}", '
    office.office_file.write_text(text.replace(old, f"{new}did: to, watch: 5s, {more}"))
    return office


def test_a_provider_that_moves_in_the_dns(tmp_path: Path, mail_server: MailServer) -> None:
    """His old server dies; within a minute we are at the new one, and clients come in."""
    old, new = Provider(tmp_path / "old"), Provider(tmp_path / "new")
    records = {
        SRV: [f"10 0 {old.port} a.op.test."],
        ("a.op.test", "A"): [HOST],
        ("b.op.test", "A"): [HOST],
    }
    with old, new, NameServer(records) as names:
        office = office_at(tmp_path, mail_server, "sip.op.test")
        office.environment["SOFTSWITCH_DNS"] = f"127.0.0.1:{names.port}"
        with office:
            wait_for(office, "registered")
            assert trunk(office)["at"] == [f"{HOST}:{old.port}"]
            records[SRV] = [f"10 0 {new.port} b.op.test."]
            old.close()
            until(
                lambda: (
                    trunk(office)["at"] == [f"{HOST}:{new.port}"]
                    and trunk(office)["state"] == "registered"
                ),
                "we are at the new server",
                60.0,
            )
            assert "a trunk's way has changed" in office.log and '"what": "servers"' in office.log
            a_client_calls(office, new, tmp_path / "in")
        assert "SRV _sip._udp.sip.op.test" in names.asked


def test_two_servers_by_srv_and_the_first_dies(tmp_path: Path, mail_server: MailServer) -> None:
    first, second = Provider(tmp_path / "first"), Provider(tmp_path / "second")
    records = {
        SRV: [f"10 0 {first.port} a.op.test.", f"20 0 {second.port} a.op.test."],
        ("a.op.test", "A"): [HOST],
    }
    with first, second, NameServer(records) as names:
        office = office_at(tmp_path, mail_server, "sip.op.test")
        office.environment["SOFTSWITCH_DNS"] = f"127.0.0.1:{names.port}"
        with office:
            wait_for(office, "registered")
            assert first.passed("REGISTER") and not second.passed("REGISTER")
            first.close()
            until(lambda: "SAVED" in second.log, "we are registered at the second", 60.0)
            a_client_calls(office, second, tmp_path / "in")


def test_a_provider_over_tls_with_an_authority_of_his_own(
    tmp_path: Path, mail_server: MailServer
) -> None:
    """Trusted when it is named, and told no password before."""
    office = office_at(tmp_path, mail_server, "", "transport: tls, ")
    with Provider(tmp_path, tls=office.certificates) as provider:
        text = office.office_file.read_text()
        text = text.replace('server: ""', f'server: "{HOST}:{provider.port}"')
        office.office_file.write_text(text)
        with office:
            until(lambda: trunk(office)["error"] != "", "it is not trusted", 20.0)
            assert not provider.passed("REGISTER")
            office.stop()
            office.environment["SOFTSWITCH_TLS_TRUST"] = str(office.certificates.authority)
            office.start()
            wait_for(office, "registered")
            assert "TLS" in provider.passed("REGISTER")[-1] or provider.passed("REGISTER")
            a_client_calls(office, provider, tmp_path / "in")
