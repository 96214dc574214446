"""The bodies as a foreign XML reader and a plain reader of lines see them."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from softswitch.presence.documents import dialog_info, message_summary, pidf
from softswitch.presence.things import (
    Activity,
    Availability,
    DialogState,
    LampDialog,
    Party,
    Role,
    Summary,
)

INFO = "{urn:ietf:params:xml:ns:dialog-info}"
PIDF = "{urn:ietf:params:xml:ns:pidf}"
ENTITY = "sip:102@office.example:5070"
RINGING = LampDialog(
    "d1", "c1", "l1", "r1", DialogState.EARLY, Role.RECIPIENT, Party("+48600100200", "Jan <\"&'>")
)


def test_a_call_that_rings() -> None:
    root = ElementTree.fromstring(dialog_info(ENTITY, 7, [RINGING]))
    assert root.tag == f"{INFO}dialog-info"
    assert root.attrib == {"version": "7", "state": "full", "entity": ENTITY}
    (dialog,) = root
    assert dialog.attrib == {
        "id": "d1",
        "call-id": "c1",
        "local-tag": "l1",
        "remote-tag": "r1",
        "direction": "recipient",
    }
    assert dialog.findtext(f"{INFO}state") == "early"
    assert dialog.findtext(f"{INFO}local/{INFO}identity") == ENTITY
    target = dialog.find(f"{INFO}local/{INFO}target")
    assert target is not None
    assert target.attrib == {"uri": ENTITY}
    remote = dialog.find(f"{INFO}remote/{INFO}identity")
    assert remote is not None
    assert (remote.text, remote.get("display")) == (
        "sip:+48600100200@office.example:5070",
        "Jan <\"&'>",
    )


def test_nobody_is_named_who_is_not_to_be_seen() -> None:
    hidden = LampDialog("d1", "c1", "l1", "r1", DialogState.CONFIRMED)
    (dialog,) = ElementTree.fromstring(dialog_info(ENTITY, 0, [hidden]))
    assert dialog.find(f"{INFO}remote") is None
    assert "direction" not in dialog.attrib


def test_a_free_person_has_no_dialog() -> None:
    assert len(ElementTree.fromstring(dialog_info(ENTITY, 0, []))) == 0


@given(st.text(), st.text(min_size=1))
def test_fuzz_any_name_is_readable_xml(name: str, number: str) -> None:
    party = Party(number, name)
    dialog = LampDialog("d1", "c1", "l1", "r1", DialogState.EARLY, Role.INITIATOR, party)
    ElementTree.fromstring(dialog_info(f"sip:{number}@x", 1, [dialog]))


def test_lone_surrogates_and_controls_are_left_out() -> None:
    text = dialog_info("sip:a\udcff\x01b@x", 1, []).decode()
    assert 'entity="sip:ab@x"' in text


def test_messages_that_wait() -> None:
    lines = message_summary("sip:101@office.example", Summary(2, 8)).decode().split("\r\n")
    assert lines == [
        "Messages-Waiting: yes",
        "Message-Account: sip:101@office.example",
        "Voice-Message: 2/8 (0/0)",
        "",
    ]
    assert message_summary("sip:x@y", Summary(0, 8)).startswith(b"Messages-Waiting: no\r\n")


def test_presence_basics() -> None:
    def basic(availability: Availability) -> str | None:
        root = ElementTree.fromstring(pidf(ENTITY, availability))
        assert root.get("entity") == ENTITY
        return root.findtext(f"{PIDF}tuple/{PIDF}status/{PIDF}basic")

    assert basic(Availability(True)) == "open"
    assert basic(Availability(False)) == "closed"
    assert basic(Availability(True, Activity.ON_THE_PHONE)) == "open"
    assert b"<rpid:on-the-phone/>" in pidf(ENTITY, Availability(True, Activity.ON_THE_PHONE))
    assert b"on-the-phone" not in pidf(ENTITY, Availability(True))
