"""A provider that encrypts the sound (SDES over TLS), and one that does not: baresip.

Its account registers nowhere: the trunk knows it by its address, as providers without passwords are
known. It proves itself with a certificate that the office trusts. The phone inside is plain.
"""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import audio
from tests.live.baresip import Baresip
from tests.live.mailserver import MailServer
from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import OfficeUnderTest
from tests.live.ports import free_block
from tests.live.shared_office import BuildOffice

PROVIDER = "127.0.0.2"
CLIENT = "+48601234567"  # baresip answers for its own number only
TALK = 0.6


class SecureTrunkOffice(OfficeUnderTest):
    """Its one trunk is encrypted, and nothing else is."""

    def __init__(self, folder: Path, mail: MailServer | None = None) -> None:
        super().__init__(folder, mail)
        self.carrier_port = free_block(2)
        text = self.office_file.read_text(encoding="utf-8")
        text = text.replace(self.trunk_place, f"{PROVIDER}:{self.carrier_port + 1}")
        text = text.replace("watch: none,", "watch: none, transport: tls, srtp: required,")
        self.office_file.write_text(text, encoding="utf-8")
        self.environment["SOFTSWITCH_TLS_TRUST"] = str(self.certificates.authority)


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    return SecureTrunkOffice


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
        time.sleep(TALK)
        call.hang_up()
        operator.wait_closed()
        heard = operator.heard()
        assert audio.seconds_of(heard, AGENT) >= TALK, audio.describe(heard, (AGENT,))
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
