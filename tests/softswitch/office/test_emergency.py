"""Where a phone stands that calls for help: by its network, or by whose it is."""

import pytest
from pydantic import ValidationError

from softswitch.office.emergency import Emergency

RULES = Emergency.model_validate(
    {
        "number": "+48 22 123 45 67",
        "address": "Warszawa",
        "places": {
            "120": {"number": "+48 12 111 22 33", "address": "u Marty"},
            "krakow": {"networks": ["10.2.0.0/16", "2001:db8:2::/48"], "address": "Kraków"},
            "attic": {"networks": "10.2.7.0/24", "address": "Kraków, strych"},
            "gdansk": {"networks": "203.0.113.7", "address": "Gdańsk"},
        },
    }
)


@pytest.mark.parametrize(
    ("extension", "speaks_from", "address"),
    [
        ("101", None, "Warszawa"),
        ("101", "192.168.1.5", "Warszawa"),
        ("101", "10.2.3.4", "Kraków"),
        ("101", "2001:db8:2::9", "Kraków"),
        ("101", "10.2.7.4", "Kraków, strych"),  # the narrowest network
        ("101", "203.0.113.7", "Gdańsk"),  # the router of an office
        ("120", None, "u Marty"),
        ("120", "192.168.1.5", "u Marty"),
        ("120", "10.2.3.4", "Kraków"),  # carried there
        (None, "not an address", "Warszawa"),
    ],
)
def test_where_help_is_to_come_to(
    extension: str | None, speaks_from: str | None, address: str
) -> None:
    assert RULES.site(extension, speaks_from).address == address


@pytest.mark.parametrize("wrong", ["10.2.0.0/40", "kraków", "10.2.3.4/16"])
def test_what_is_no_network(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is no network"):
        Emergency.model_validate({"places": {"krakow": {"networks": [wrong]}}})
