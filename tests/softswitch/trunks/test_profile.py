"""Numbers and identities as each provider writes and wants them."""

import pytest

from softswitch.office.trunk import Trunk
from softswitch.sip.message import Headers, Request
from softswitch.sip.uri import parse_uri
from softswitch.trunks.profile import called_number, calling_user, identity_lines, route_of, written

OUR, OTHER = "+48221234567", "+48121234567"


def trunk(**more: object) -> Trunk:
    return Trunk.model_validate({"server": "sip.op.example", **more}, context={"country": "PL"})


@pytest.mark.parametrize(
    ("form", "number", "out"),
    [
        ("+48", "+48600100200", "+48600100200"),
        ("48", "+48600100200", "48600100200"),
        ("0048", "+48600100200", "0048600100200"),
        ("national", "+48600100200", "600100200"),
        ("national", "+442071838750", "00442071838750"),
        ("plus", "+442071838750", "+442071838750"),
        ("zeros", "+442071838750", "00442071838750"),
        ("bare", "+442071838750", "442071838750"),
        ("national", "112", "112"),
        ("0048", "19115", "19115"),
    ],
)
def test_how_a_number_goes_out(form: str, number: str, out: str) -> None:
    assert written(trunk(format=form), number, "PL") == out


def test_british_digits_at_home() -> None:
    assert written(trunk(format="national"), "+442071838750", "GB") == "02071838750"


@pytest.mark.parametrize("form", [48, 0, "++48", "e164", "048"])
def test_forms_that_are_none(form: object) -> None:
    """Without quotes 48, +48 and 0048 are the same to YAML."""
    with pytest.raises(ValueError):
        trunk(format=form)


def request(uri: str, to: str, party: str | None = None) -> Request:
    headers = Headers()
    headers.add("To", f"<{to}>")
    if party is not None:
        headers.add("P-Called-Party-ID", party)
    return Request("INVITE", parse_uri(uri), headers)


ACCOUNT = "sip:48221234567@us"  # the account is named by its main number


@pytest.mark.parametrize(
    ("did", "uri", "to", "party", "number"),
    [
        ("request-uri", f"sip:{OUR}@us", f"sip:{OTHER}@us", None, OUR),
        ("request-uri", "sip:trunk-ab@us", f"sip:{OTHER}@us", None, OTHER),
        ("to", ACCOUNT, "sip:121234567@us", None, OTHER),
        ("to", ACCOUNT, "sip:anybody@us", None, OUR),
        ("p-called-party-id", ACCOUNT, ACCOUNT, f"<sip:{OTHER}@op>", OTHER),
        ("p-called-party-id", ACCOUNT, ACCOUNT, "<<<", OUR),
        ("request-uri", "sip:trunk-ab@us", "sip:account@us", f"<sip:{OTHER}@op>", None),
    ],
)
def test_where_the_called_number_stands(
    did: str, uri: str, to: str, party: str | None, number: str | None
) -> None:
    assert called_number(trunk(did=did), "PL", request(uri, to, party)) == number


def test_an_account_with_one_number_needs_not_name_it() -> None:
    one = trunk(username="u", password="p", register=True, numbers=["+48 22 123 45 67"])
    assert called_number(one, "PL", request("sip:trunk-ab@us", "sip:u@op")) == OUR
    two = trunk(username="u", password="p", numbers=["+48 22 123 45 67", "+48 12 123 45 67"])
    assert called_number(two, "PL", request("sip:u@us", "sip:u@op")) is None


ADDRESS = "<sip:221234567@op>"


@pytest.mark.parametrize(
    ("identity", "is_private", "lines"),
    [
        (["from"], False, []),
        (["from", "pai"], False, [("P-Asserted-Identity", ADDRESS)]),
        ("ppi", False, [("P-Preferred-Identity", ADDRESS)]),
        ("rpid", False, [("Remote-Party-ID", f"{ADDRESS};party=calling;screen=yes;privacy=off")]),
        (
            "rpid",
            True,
            [
                ("Remote-Party-ID", f"{ADDRESS};party=calling;screen=yes;privacy=full"),
                ("Privacy", "id"),
            ],
        ),
        ("pai", True, [("P-Asserted-Identity", ADDRESS), ("Privacy", "id")]),
    ],
)
def test_who_calls(identity: object, is_private: bool, lines: list[tuple[str, str]]) -> None:
    found = identity_lines(trunk(identity=identity), "221234567", "op", is_private)
    assert list(found) == lines


def test_an_office_without_a_number_asserts_nothing() -> None:
    assert identity_lines(trunk(), None, "op", True) == ()


def test_from_names_the_account_where_numbers_stand_elsewhere() -> None:
    account = {"username": "u", "password": "p"}
    assert calling_user(trunk(**account, identity="pai"), "221234567") == "u"
    assert calling_user(trunk(**account), "221234567") == "221234567"
    assert calling_user(trunk(identity="pai"), "221234567") == "221234567"


def test_the_outbound_proxy_is_a_route() -> None:
    assert route_of(trunk()) == ()
    proxied = trunk(outbound_proxy="sbc.op.example:5080", transport="tls")
    assert route_of(proxied) == ("<sip:sbc.op.example:5080;transport=tls;lr>",)


@pytest.mark.parametrize(
    "entry",
    [
        {"register": True},
        {"register": True, "username": "u"},
        {"password": "p"},
        {"identity": []},
        {"identity": "diversion"},
        {"codecs": []},
        {"calls": 0},
        {"watch": "1s"},
        {"expires": "5s"},
        {"outbound_proxy": "sbc:99999"},
        {"did": "from"},
    ],
)
def test_entries_that_make_no_trunk(entry: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        trunk(**entry)


def test_a_password_is_not_printed() -> None:
    assert "tajne" not in repr(trunk(username="u", password="tajne"))
