"""What the tests of the registrar share."""

import pytest

from tests.softswitch.registrar.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()
