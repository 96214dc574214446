"""The office that tests share: what one leaves is gone, or the office is."""

from pathlib import Path

import pytest

from tests.live.mailserver import MailServer
from tests.live.office_files import MAILBOX
from tests.live.office_under_test import OfficeUnderTest
from tests.live.process import until
from tests.live.shared_office import SharedOffice


def test_nothing_goes_from_one_test_to_the_next(tmp_path: Path) -> None:
    made: list[OfficeUnderTest] = []

    def build() -> OfficeUnderTest:
        made.append(OfficeUnderTest(tmp_path / str(len(made)), mail))
        return made[-1]

    with MailServer() as mail:
        with SharedOffice(build) as shared:
            _leaves_what_ends(shared)
            office = shared.lend()
            assert len(made) == 1, "it is the same one"
            assert not office.calls() and not office.phones() and not office.log and not mail.mails
            office.command("dnd", "102", "on")
            shared.take_back(has_failed=False)
            assert shared.lend() is made[1], "what is set for somebody does not end by itself"
            process = made[1].process
            shared.take_back(has_failed=True)
            assert not process.is_alive
        with pytest.raises(AssertionError, match="not running"):
            _ = made[0].process


def _leaves_what_ends(shared: SharedOffice) -> None:
    """A call that nobody hung up, a registration, a message whose mail nobody waited for."""
    office = shared.lend()
    office.phone("101").dial("600").wait_answered()
    call = office.provider().dial(MAILBOX, number="+48600100200")
    until(lambda: office.calls() and office.phones(), "they are in the store")
    call.wait_answered()
    call.hang_up()
    shared.take_back(has_failed=False)
