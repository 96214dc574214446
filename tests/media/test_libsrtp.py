"""libsrtp in place, and what happens where that is not possible."""

import logging

import pytest
from pylibsrtp._binding import ffi

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


@pytest.mark.parametrize("wrong", ["seal_at", "open_at"])
@pytest.mark.parametrize("told", [0, 1])
def test_an_address_that_leads_elsewhere_is_noticed(
    wrong: str, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libsrtp._InPlace, wrong, lambda *_: told)
    assert not libsrtp.works(libsrtp._InPlace())


def test_without_addresses_nobody_gets_one() -> None:
    way = libsrtp._Copying()
    sender, _ = libsrtp._ends()
    assert way.addresses == (0, 0)
    with pytest.raises(TypeError, match="nobody work in place"):
        way.address_of(sender)
    with pytest.raises(TypeError, match="nobody work in place"):
        way.seal_at(0, memoryview(bytearray(20)), memoryview(bytearray(4)))


@pytest.mark.parametrize("error", [ImportError, AttributeError, ffi.error])
def test_another_version_of_the_library_costs_time_and_no_calls(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise error("no such thing")

    monkeypatch.setattr(libsrtp, "_InPlace", fail)
    with caplog.at_level(logging.WARNING):
        assert isinstance(libsrtp._chosen(), libsrtp._Copying)
    assert "encrypted calls cost a third more" in caplog.text
