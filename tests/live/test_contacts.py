"""Known callers from a file, a CRM by HTTP and OpenLDAP; and a client who calls back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.live import sipp
from tests.live.certificates import make_certificates
from tests.live.directory import BASE, HOST, LOGIN, PASSWORD, Crm, Directory
from tests.live.office_files import MAIN, SHORT
from tests.live.office_under_test import TRUNK_HOST, OfficeUnderTest
from tests.live.phone_call import PhoneCall
from tests.live.rtp_peer import ScriptedPhone
from tests.live.sip_text import name_of

FILED, IN_CRM, IN_LDAP, UNKNOWN = (f"+4860010020{digit}" for digit in range(4))
CARD = "https://crm.example/klient/7"
ROUTES = """
  recall:      {contact: recent, within: 1h, found: returned, unknown: known}
  returned:    {ring: recent, for: 10s, no_answer: known, busy: known, unreachable: known,
                declined: known}
  known:       {contact: caretaker, found: his, unknown: reception}
  his:         {ring: caretaker, for: 10s, no_answer: reception, busy: reception,
                unreachable: reception, declined: reception}
"""


@contextmanager
def office_with(folder: Path, contacts: str) -> Iterator[OfficeUnderTest]:
    """Its short number leads to whoever the client should have; `contacts`: the section."""
    office = OfficeUnderTest(folder / "office")
    beside = office.office_file.parent
    (beside / "clients.csv").write_text(f"number;name;caretaker;card\n{FILED};Plik;110;{CARD}\n")
    text = office.office_file.read_text().replace('70": short_ring', '70": recall')
    assert "recall" in text
    office.office_file.write_text(f"{text}{ROUTES}\ncontacts:{contacts}\n")
    with office:
        yield office


def ringing(
    provider: ScriptedPhone, phone: ScriptedPhone, number: str
) -> tuple[PhoneCall, PhoneCall]:
    """The client's call, and the one that rings. A caller waits 0.3 s for his name: on a busy
    machine a first bind over TLS takes longer, and only the next call finds it there."""
    for _ in range(4):
        call = provider.dial(SHORT, number=number)
        with suppress(TimeoutError):
            return call, phone.incoming(5.0)
        call.hang_up()
    raise TimeoutError(f"{number} reaches nobody")


def test_three_sources_in_order(tmp_path: Path) -> None:
    """The name on the display and in the history, the card's address, the caretaker's phone."""
    answers = {IN_CRM: {"name": "Z systemu", "caretaker": "111", "card": CARD}}
    with Crm(answers) as crm, office_of_three(tmp_path, crm) as office:
        provider = office.provider()
        for number, name, caretaker in (
            (FILED, "Plik", "110"),
            (IN_CRM, "Z systemu", "111"),
            (IN_LDAP, "Z katalogu", "120"),
        ):
            phone = office.phone(caretaker)
            call, rung = ringing(provider, phone, number)
            assert rung.invite is not None
            assert name_of(rung.invite.get("From")) == name
            assert rung.invite.get("Call-Info") == f"<{CARD}>;purpose=info"
            rung.answer().wait_answered()
            call.wait_answered()
            call.hang_up()
            row = office.wait_row(number=number, result="talked", handled_by=caretaker)
            assert row["name"] == name
            begun = office.story(row["id"])["events"][0]["data"]
            assert (begun["caretaker"], begun["card"]) == (caretaker, CARD)
            phone.close()
        assert list(dict.fromkeys(one["number"] for one in crm.asked)) == [IN_CRM, IN_LDAP]
        assert all(crm.signatures)
        call = provider.dial(SHORT, number=UNKNOWN)
        call.wait_answered()  # the queue's or the mailbox's words
        call.hang_up()


@contextmanager
def office_of_three(folder: Path, crm: Crm) -> Iterator[OfficeUnderTest]:
    made = make_certificates(folder / "ldap-tls")
    entry = ("Z katalogu", "+48 600 100-202", "120", f"{CARD} karta")
    with Directory(folder, made, entry) as directory:
        contacts = (
            f'\n  - clients.csv\n  - {{http: "{crm.url}", secret: klucz}}\n'
            f'  - {{ldap: "ldap://{HOST}:{directory.port}", starttls: true, base: "{BASE}", '
            f'ca: "{made.authority}", login: "{LOGIN}", password: "{PASSWORD}"}}'
        )
        with office_with(folder, contacts) as office:
            yield office


def test_a_dead_crm_delays_a_client_by_a_third_of_a_second(tmp_path: Path) -> None:
    """It takes the connection and says nothing; the phone rings all the same."""

    class Silent(Crm):
        def answer(self, question: dict[str, object]) -> None:
            time.sleep(3.0)

    with (
        Silent({}) as crm,
        office_with(tmp_path, f' [{{http: "{crm.url}"}}, clients.csv]') as office,
    ):
        jan = office.phone("110")
        provider = office.provider()
        call = provider.dial(SHORT, number=FILED)
        rung = jan.incoming()
        assert rung.invite is not None and name_of(rung.invite.get("From")) == "Plik"
        assert crm.asked, "it was asked first"
        rung.answer().wait_answered()
        call.wait_answered()
        call.hang_up()
        office.wait_row(number=FILED, result="talked")


def test_who_calls_back_reaches_who_called_him(tmp_path: Path) -> None:
    """Over a restart; the display tells whose call he returns."""
    with office_with(tmp_path, " clients.csv") as office:
        marta = office.phone("120")
        far = sipp.Sipp(
            sipp.refusing(), office.address, tmp_path / "far",
            host=TRUNK_HOST, port=office.trunk_port,
        )  # fmt: skip
        with far:
            assert marta.dial(FILED.removeprefix("+48")).wait_status(486)
            far.wait()
        office.wait_row(direction="out", result="busy")
        marta.close()
        office.stop()
        office.start()
        marta = office.phone("120")
        provider = office.provider()
        call = provider.dial(SHORT, number=FILED)
        rung = marta.incoming()
        assert rung.invite is not None
        assert name_of(rung.invite.get("From")) == "oddzwania do Marta Lis: Plik"
        rung.answer().wait_answered()
        call.wait_answered()
        call.hang_up()
        row = office.wait_row(direction="in", number=FILED, result="talked")
        assert (row["handled_by"], row["name"]) == ("120", "Plik")
        assert "contact.recalled" in office.events(row["id"])
        jan = office.phone("110")
        call = provider.dial(MAIN, number=FILED)  # another number: another route
        call.wait_answered()
        call.hang_up()
        assert not jan.calls
