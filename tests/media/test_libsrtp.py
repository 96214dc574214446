"""libsrtp in place, and what happens where that is not possible."""

import logging

import pytest

from media import libsrtp


def test_this_version_works_in_place() -> None:
    assert libsrtp.IS_IN_PLACE


@pytest.mark.parametrize("kind", [libsrtp._InPlace, libsrtp._Copying])
def test_both_ways_do_the_same(kind: type[libsrtp._Copying]) -> None:
    assert libsrtp.works(kind())


def test_a_way_that_does_nothing_is_noticed() -> None:
    class Idle(libsrtp._Copying):
        def sealing(self, session: object) -> libsrtp.Work:
            return lambda size: size + 10

    assert not libsrtp.works(Idle())


@pytest.mark.parametrize("error", [ImportError, AttributeError])
def test_another_version_of_the_library_costs_time_and_no_calls(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise error("no such thing")

    monkeypatch.setattr(libsrtp, "_InPlace", fail)
    with caplog.at_level(logging.WARNING):
        assert isinstance(libsrtp._chosen(), libsrtp._Copying)
    assert "encrypted calls cost a third more" in caplog.text
