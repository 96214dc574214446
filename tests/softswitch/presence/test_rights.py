"""Who may watch what."""

import pytest

from softswitch.presence.rights import NO_MAILBOX, find_thing, may_see_other
from softswitch.presence.things import DIALOG, PRESENCE, SUMMARY, Kind, Thing
from softswitch.sip.subscription import EventPackage
from tests.softswitch.presence.desk import OFFICE


@pytest.mark.parametrize(
    ("package", "user", "found"),
    [
        (DIALOG, "102", Thing(Kind.PERSON, "102")),
        (PRESENCE, "102", Thing(Kind.PERSON, "102")),
        (DIALOG, "300", Thing(Kind.QUEUE, "reception")),
        (DIALOG, "reception", Thing(Kind.QUEUE, "reception")),
        (DIALOG, "320", 404),
        (DIALOG, "701", Thing(Kind.SWITCH, "701")),
        (DIALOG, "709", 404),
        (SUMMARY, "701", 404),
        (DIALOG, "*55", Thing(Kind.SWITCH, "callback 101")),
        (PRESENCE, "*55", 404),
        (DIALOG, "330", 404),
        (DIALOG, "999", 404),
        (SUMMARY, "101", Thing(Kind.MAILBOX, NO_MAILBOX)),
        (SUMMARY, "102", 403),
        (SUMMARY, "330", 403),
        (SUMMARY, "300", 404),
    ],
)
def test_what_anna_may_watch(package: EventPackage, user: str, found: Thing | int) -> None:
    assert find_thing(OFFICE, "101", package, user) == found


def test_messages_belong_to_their_owner_and_team() -> None:
    team, mailed = Thing(Kind.MAILBOX, "team"), Thing(Kind.MAILBOX, "mailed")
    assert find_thing(OFFICE, "102", SUMMARY, "102") == Thing(Kind.MAILBOX, "102")
    assert find_thing(OFFICE, "103", SUMMARY, "103") == team
    assert find_thing(OFFICE, "103", SUMMARY, "330") == team
    assert find_thing(OFFICE, "103", SUMMARY, "team") == team
    assert find_thing(OFFICE, "102", SUMMARY, "331") == mailed
    assert find_thing(OFFICE, "102", SUMMARY, "330") == 403


def test_with_whom_one_talks_is_ones_own() -> None:
    assert may_see_other("101", Thing(Kind.PERSON, "101"))
    assert not may_see_other("102", Thing(Kind.PERSON, "101"))
    assert not may_see_other("101", Thing(Kind.QUEUE, "101"))
