"""Values of an office: defaults, mailboxes of people, a trunk's address."""

import pytest
from pydantic import ValidationError

from softswitch.office.models import Office
from softswitch.office.queue import Queue
from softswitch.office.trunk import Trunk


def office(**sections: object) -> Office:
    return Office.model_validate({"office": {"name": "Office", "safe": "101"}, **sections})


def test_defaults_are_what_an_office_wants() -> None:
    made = office()
    assert (made.country, made.zone.key, made.office.language) == ("PL", "Europe/Warsaw", "pl")
    queue = Queue.model_validate({"agents": ["101"]})
    assert (queue.longest_wait, queue.places, queue.ring_for) == (300, 20, 20)
    assert queue.how == "longest_idle"


def test_values_are_frozen() -> None:
    with pytest.raises(ValidationError):
        office().office.name = "Other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("person", "mailbox"),
    [
        ({"name": "A", "email": "a@b.example"}, "101"),
        ({"name": "A"}, None),
        ({"name": "A", "voicemail": True}, "101"),
        ({"name": "A", "email": "a@b.example", "voicemail": False}, None),
        ({"name": "A", "voicemail": "shared"}, "shared"),
    ],
)
def test_who_takes_a_persons_messages(person: object, mailbox: str | None) -> None:
    made = office(people={"101": person}, mailboxes={"shared": {}})
    assert made.mailbox_of("101") == mailbox
    if mailbox is not None:
        assert made.mailbox(mailbox) is not None


def test_a_personal_mailbox() -> None:
    box = office(people={"101": {"name": "Anna", "email": "a@b.example"}}).mailbox("101")
    assert box is not None
    assert (box.name, box.mail, box.greeting) == ("Anna", ("a@b.example",), "mailbox_greeting")
    assert office().mailbox("101") is None


@pytest.mark.parametrize(
    ("server", "host", "port"),
    [
        ("sip.operator.example", "sip.operator.example", None),
        ("127.0.0.1:5070", "127.0.0.1", 5070),
        ("[2001:db8::1]", "2001:db8::1", None),
        ("[2001:db8::1]:5061", "2001:db8::1", 5061),
    ],
)
def test_a_trunks_address(server: str, host: str, port: int | None) -> None:
    trunk = Trunk(server=server)
    assert (trunk.host, trunk.port) == (host, port)


def test_numbers_are_normalised_in_the_offices_country() -> None:
    data = {
        "office": {"name": "Office", "safe": "message", "country": "GB"},
        "numbers": {"020 7946 0123": "message"},
    }
    made = Office.model_validate(data, context={"country": "GB"})
    assert list(made.numbers) == ["+442079460123"]
