"""Bindings as rows and back: nothing that counts is lost over a restart."""

import pytest
from msgspec.structs import replace

from softswitch.registrar.binding import Binding
from softswitch.registrar.persistence import _binding, _record
from softswitch.sip.flow import Flow
from tests.softswitch.registrar.desk import PHONE, TCP, UDP, UUID, Desk, register


@pytest.mark.parametrize("way", [UDP, TCP])
def test_there_and_back(desk: Desk, way: Flow) -> None:
    request = register(
        f"{PHONE};{UUID};reg-id=1",
        Path="<sip:edge;lr;ob>",
        Supported="path, outbound",
        User_Agent="Yealink",
    )
    desk.send(request, way)
    known: Binding = replace(desk.only(), is_away=True, latency=0.02, is_behind_nat=True)
    again = _binding(_record(known))
    assert again == replace(known, flow=replace(way, connection=None))


def test_a_row_of_an_older_version(desk: Desk) -> None:
    desk.send(register(PHONE))
    record = replace(_record(desk.only()), away=False, behind_nat=False, latency=None)
    again = _binding(record)
    assert (again.is_away, again.is_behind_nat, again.latency) == (False, False, None)
