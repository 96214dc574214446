"""A mobile app that sleeps is woken for a client's call: SIPp as the app, an HTTP door as FCM's."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.live import sipp
from tests.live.directory import Crm
from tests.live.office_files import PASSWORD, SHORT
from tests.live.office_under_test import OfficeUnderTest
from tests.live.ports import free_port
from tests.live.process import until

CLIENT = "+48600100200"
TEXT = "Prosze o akta sprawy"
OWN = "Contact: <sip:[number]@[local_ip]:[local_port];transport=[transport]>"
PUSH = "pn-provider=fcm;pn-param=biuro;pn-prid=tok-7"


class Gateway(Crm):
    """Where notifications go; `told` as soon as one came."""

    def __init__(self) -> None:
        super().__init__({})
        self.told = threading.Event()

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        self.told.set()
        return {}


@contextmanager
def office_with_push(folder: Path, gateway: Gateway) -> Iterator[OfficeUnderTest]:
    office = OfficeUnderTest(folder / "office")
    text = office.office_file.read_text().replace("{ring: 102, for: 3s", "{ring: 102, for: 20s")
    push = f'push: {{url: "{gateway.url}", secret: klucz, providers: [fcm], wait: 10s}}\n'
    office.office_file.write_text(text + push)
    office.environment["SOFTSWITCH_SIP_KEEPALIVE"] = "0"  # SIPp knows no OPTIONS beside a call
    with office:
        yield office


def app(
    office: OfficeUnderTest,
    folder: Path,
    contact: str = PUSH,
    awake: int = 0,
    serves: str = "",
) -> sipp.Sipp:
    """Registers, past the challenge; then, for so many milliseconds, it answers calls.

    `serves`: does this instead with what comes."""
    folder.mkdir(parents=True)
    calls = folder / "calls.xml"
    calls.write_text(sipp.whole(serves or sipp.answering(), "calls"))
    scenario = sipp.registering().replace(OWN, OWN.replace(">", f";{contact}>"))
    return sipp.Sipp(
        scenario + sipp.pause(awake), office.address, folder, number="102", port=free_port(),
        extra=("-au", "102", "-ap", PASSWORD.format("102"), "-oocsf", str(calls)),
    )  # fmt: skip


def test_a_sleeping_app_is_woken_by_a_client(tmp_path: Path) -> None:
    with Gateway() as gateway, office_with_push(tmp_path, gateway) as office:
        first = app(office, tmp_path / "first")
        first.wait()
        assert '*;+sip.pns="fcm"' in first.messages
        until(lambda: len(office.phones()) == 1, "the app is registered")
        time.sleep(3.5)  # it sleeps: long enough for a notification to be worth while
        provider = office.provider()
        call = provider.dial(SHORT, number=CLIENT)
        assert gateway.told.wait(5.0)
        call.wait_status(180)
        time.sleep(1.0)
        with app(office, tmp_path / "woken", awake=5000) as woken:
            call.wait_answered()
            call.hang_up()
            woken.wait()
            assert "INVITE sip:102@" in woken.messages and "\nBYE sip:" in woken.messages
        row = office.wait_row(number=CLIENT, result="talked", handled_by="102")
        kinds = office.events(row["id"])
        assert kinds.index("push.sent") < kinds.index("push.woke") < kinds.index("bridge.started")
        assert len(office.phones()) == 1, "one device, at its new address"
    (told,) = gateway.asked
    assert told == {
        "event": "call", "provider": "fcm", "param": "biuro", "prid": "tok-7", "extension": "102",
    }  # fmt: skip
    body = json.dumps(told, ensure_ascii=False).encode()
    assert gateway.signatures == [hmac.new(b"klucz", body, hashlib.sha256).hexdigest()]


def test_a_sleeping_app_is_woken_by_a_text(tmp_path: Path) -> None:
    """baresip writes; the app is told that something waits, registers and has it."""
    with Gateway() as gateway, office_with_push(tmp_path, gateway) as office:
        app(office, tmp_path / "first").wait()
        time.sleep(3.5)  # it sleeps
        book = (f'"Piotr" <sip:102@{office.address[0]}:{office.address[1]}>',)
        anna = office.baresip("101", contacts=book)
        anna.command("contact_next")
        anna.command("message", TEXT)
        assert gateway.told.wait(20.0)
        until(lambda: '"status": 202' in office.log, "it is kept")
        reads = sipp.expect("MESSAGE") + sipp.reply("200 OK")
        with app(office, tmp_path / "woken", awake=3000, serves=reads) as woken:
            until(lambda: TEXT in woken.messages, "the app has it")
            woken.wait()
        until(lambda: '"how": "taken"' in office.log, "nothing waits any more")
    (told,) = gateway.asked
    assert told["event"] == "message" and TEXT not in json.dumps(gateway.asked)


def test_a_service_that_is_not_served_is_refused(tmp_path: Path) -> None:
    with Gateway() as gateway, office_with_push(tmp_path, gateway) as office:
        with pytest.raises(AssertionError, match="555 Push Notification Service Not Supported"):
            app(office, tmp_path / "app", PUSH.replace("fcm", "other")).wait()
        assert office.phones() == []
