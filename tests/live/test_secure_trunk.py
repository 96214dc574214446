"""Providers that encrypt the sound (SDES over TLS), and such that do not.

Calls out go to baresip. Its account registers nowhere: the trunk knows it by its address, as
providers without passwords are known. Calls in come from a baresip through Kamailio, at which the
second trunk registers. Both prove themselves with a certificate that the office trusts.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import sipp
from tests.live.baresip import Baresip
from tests.live.certificates import Certificates, make_certificates
from tests.live.mailserver import MailServer
from tests.live.office_files import AGENT, CALLER, SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.ports import free_block
from tests.live.process import until
from tests.live.provider import HOST as PROVIDER
from tests.live.provider import PASSWORD, USER, Provider
from tests.live.shared_office import BuildOffice

CLIENT = "+48601234567"  # baresip answers for its own number only
ADMIN = "admin@kancelaria.example"
TALK = 0.6
MUST, MAY = ";mediaenc=srtp-mand", ";mediaenc=srtp"
_KAMAILIO = """
  kamailio: {{server: "{host}:{port}", transport: tls, srtp: required, register: true, did: to,
             username: "{user}", password: {password}, numbers: ["{number}"]}}
alarms: [{admin}]
numbers:"""


class SecureTrunkOffice(OfficeUnderTest):
    """Its trunks are encrypted, and nothing else is."""

    def __init__(
        self, folder: Path, mail: MailServer, provider: Provider, pki: Certificates
    ) -> None:
        super().__init__(folder, mail)
        self.certificates = pki
        self.carrier_port = free_block(2)
        text = self.office_file.read_text(encoding="utf-8")
        text = text.replace(self.trunk_place, f"{PROVIDER}:{self.carrier_port + 1}")
        text = text.replace("watch: none,", "watch: none, transport: tls, srtp: required,")
        text = text.replace(', "+48 22 123 45 70"]', "]", 1)
        account = _KAMAILIO.format(
            host=PROVIDER, port=provider.port, user=USER, password=PASSWORD, number=SHORT,
            admin=ADMIN,
        )  # fmt: skip
        self.office_file.write_text(text.replace("\nnumbers:", account, 1), encoding="utf-8")
        for name, file in (("CERTIFICATE", pki.chain), ("KEY", pki.key), ("TRUST", pki.authority)):
            self.environment[f"SOFTSWITCH_TLS_{name}"] = str(file)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Of one authority, for everybody."""
    return make_certificates(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, pki: Certificates) -> Iterator[Provider]:
    with Provider(tmp_path_factory.mktemp("kamailio"), tls=pki) as kamailio:
        yield kamailio


@pytest.fixture(scope="module")
def build_office(provider: Provider, pki: Certificates) -> BuildOffice:
    return lambda folder, mail: SecureTrunkOffice(folder, mail, provider, pki)


def carrier(office: SecureTrunkOffice, folder: Path, **more: Any) -> Baresip:
    """The provider: answers at once."""
    made, pair = office.certificates, folder / "provider.pem"
    pair.write_bytes(made.chain.read_bytes() + made.key.read_bytes())
    return Baresip(
        CLIENT,
        None,
        folder,
        transport="tls",
        say=CALLER,
        ca_file=made.authority,
        certificate=pair,
        host=PROVIDER,
        sip_port=office.carrier_port,
        **more,
    )


def test_a_call_out_is_encrypted(office: SecureTrunkOffice, tmp_path: Path) -> None:
    account = ";mediaenc=srtp-mand;answermode=auto"
    with carrier(office, tmp_path, modules=("srtp",), account=account) as operator:
        anna = office.phone("101")
        call = anna.dial(CLIENT).wait_answered()
        call.say(AGENT)
        call.wait_heard(CALLER, TALK)
        operator.wait_heard(AGENT, TALK)
        call.hang_up()
        operator.wait_closed()
        assert "RTP/SAVP" in operator.messages
        assert "inline:" not in office.log


def test_a_provider_that_does_not_encrypt_gets_no_call(
    office: SecureTrunkOffice, tmp_path: Path
) -> None:
    with carrier(office, tmp_path, account=";answermode=auto") as operator:
        call = office.phone("101").dial(CLIENT)
        call.wait_over()
        assert not call.is_answered
        assert "RTP/SAVP" in operator.messages


def client(provider: Provider, folder: Path, wish: str) -> Baresip:
    """Somebody in the world, by the provider; its sound is as `wish` says."""
    return Baresip(
        CLIENT,
        f"{PROVIDER}:{provider.port}",
        folder,
        say=CALLER,
        modules=("srtp",) if wish else (),
        account=wish,
        register_every=0,
        host=PROVIDER,
        sip_port=provider.client,
    )


def is_registered(office: OfficeUnderTest) -> bool:
    return "registered" in [one["state"] for one in office.trunks()]


def call_in(office: SecureTrunkOffice, caller: Baresip, piotr: Baresip) -> None:
    """From ringing to the end; both hear each other."""
    caller.dial(SHORT)
    piotr.wait_incoming()
    piotr.answer()
    caller.wait_established()
    piotr.wait_established()
    caller.wait_heard(AGENT, TALK)
    piotr.wait_heard(CALLER, TALK)
    caller.hang_up()
    caller.wait_closed()
    piotr.wait_closed()
    assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" in caller.messages
    assert office.wait_row(number=CLIENT, result="talked", ended_by="caller")
    assert "inline:" not in office.log


def test_a_call_in_that_must_be_encrypted_to_a_plain_phone(
    office: SecureTrunkOffice, provider: Provider, tmp_path: Path
) -> None:
    until(lambda: is_registered(office), "the trunk is registered")
    piotr = office.baresip("102", say=AGENT)
    with client(provider, tmp_path, MUST) as caller:
        call_in(office, caller, piotr)
        assert "SAVP" not in piotr.messages


def test_a_call_in_with_keys_beside_plain_rtp_to_an_encrypted_phone(
    office: SecureTrunkOffice, provider: Provider, tmp_path: Path
) -> None:
    until(lambda: is_registered(office), "the trunk is registered")
    piotr = office.baresip("102", "tls", say=AGENT, modules=("srtp",), account=MUST)
    with client(provider, tmp_path, MAY) as caller:
        call_in(office, caller, piotr)
        assert "RTP/SAVP" in piotr.messages


def test_a_client_without_encryption_is_refused_and_the_admin_told(
    office: SecureTrunkOffice, provider: Provider, tmp_path: Path
) -> None:
    until(lambda: is_registered(office), "the trunk is registered")
    with client(provider, tmp_path, "") as caller:
        caller.dial(SHORT)
        assert "488" in str(caller.wait_closed())
        # RFC 3261 20.43: who offered it is told what was wrong.
        assert "Warning: 302" in caller.messages
    row = office.wait_row(number=CLIENT)
    assert row["result"] != "talked"
    until(lambda: "an offer was refused" in office.log and '"kamailio"' in office.log, "in the log")
    mail = office.mailbox.wait(lambda one: "kamailio" in one.subject, 20.0)
    assert mail.recipients == (ADMIN,) and "srtp" in mail.text
    until(lambda: "srtp: allowed" in office.command("call", str(row["id"])), "the verdict says it")
    # He is called back: nobody is lost by it.
    assert CLIENT in office.command("callbacks", "--json")


def test_a_client_who_offers_both_is_encrypted(
    office: SecureTrunkOffice, provider: Provider, tmp_path: Path
) -> None:
    """Two lines of audio, the plain one first: the encrypted one is taken, the other refused."""
    until(lambda: is_registered(office), "the trunk is registered")
    piotr = office.phone("102")
    key = "a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:" + "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0"
    body = sipp.description("media_port") + f"m=audio [media_port+2] RTP/SAVP 8\n{key}\n"
    steps = sipp.request("INVITE", 1, body) + sipp.progress()
    steps += sipp.response(200, rrs="true") + sipp.in_dialog("ACK", 1)
    steps += sipp.in_dialog("BYE", 2) + sipp.response(200)
    with sipp.Sipp(
        steps, provider.address, tmp_path / "sipp", host=PROVIDER, port=provider.client,
        number=CLIENT, target=SHORT,
    ) as caller:  # fmt: skip
        piotr.incoming().answer().wait_answered()
        caller.wait()
        lines = [line for line in caller.messages.splitlines() if line.startswith("m=audio")]
    plain, secure = lines[-2:]
    assert plain.startswith("m=audio 0 RTP/AVP") and "RTP/SAVP 8" in secure
    assert not secure.startswith("m=audio 0 ")
