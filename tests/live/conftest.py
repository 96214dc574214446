"""Live tests: foreign phones, real sockets, the real server. A missing tool is a failure."""

import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.live import commands
from tests.live.jssip_phone import install
from tests.live.mailserver import MailServer
from tests.live.office_under_test import OfficeUnderTest
from tests.live.shared_office import BuildOffice, SharedOffice

HERE = Path(__file__).parent
TOOLS = {
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "linphonec": "linphone-cli",
    "twinkle-console": "twinkle-console",
    "kamailio": "kamailio",
    "ip": "iproute2",
    "slapd": "slapd",
    "node": "nodejs",
    "npm": "npm",
    "psql": "postgresql",
    "sox": "sox",
    "multimon-ng": "multimon-ng",
    "tshark": "tshark",
}


_HAS_FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is `live`."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session", autouse=True)
def foreign_tools() -> None:
    """End the run when a tool is missing, with the command that installs it."""
    missing = sorted(package for tool, package in TOOLS.items() if not shutil.which(tool))
    if missing:
        packages = " ".join(missing)
        pytest.exit(
            f"live tests need foreign phones; run:  sudo apt-get install -y {packages}",
            returncode=3,
        )
    commands.prepare()


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """JsSIP and what it needs, once a run."""
    return install(tmp_path_factory.mktemp("jssip"))


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server that accepts, of the test's own."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="module")
def build_office() -> BuildOffice:
    """How an office of this file is made; a file that needs another one says so here."""
    return OfficeUnderTest


@pytest.fixture(scope="module")
def shared_office(
    tmp_path_factory: pytest.TempPathFactory, build_office: BuildOffice
) -> Iterator[SharedOffice]:
    """The office of a file, and the mail server that all its offices use."""
    with (
        MailServer() as mail,
        SharedOffice(lambda: build_office(tmp_path_factory.mktemp("office"), mail)) as shared,
    ):
        yield shared


@pytest.fixture
def office(
    request: pytest.FixtureRequest, shared_office: SharedOffice
) -> Iterator[OfficeUnderTest]:
    """The running office of the file, with nothing of the tests before; its mails: `office.mail`.

    Whoever kills it, restarts it, or leaves in it what the next test would see, takes `own_office`.
    """
    yield shared_office.lend()
    shared_office.take_back(has_failed=request.node.stash.get(_HAS_FAILED, False))


@pytest.fixture
def own_office(
    tmp_path: Path, mail_server: MailServer, build_office: BuildOffice
) -> Iterator[OfficeUnderTest]:
    """A running office of the test's own, that it may break."""
    with build_office(tmp_path / "office", mail_server) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows the end of the server's log, and is remembered."""
    report = yield
    if report.failed:
        item.stash[_HAS_FAILED] = True
        for name in ("office", "own_office"):
            office = getattr(item, "funcargs", {}).get(name)
            if isinstance(office, OfficeUnderTest):
                report.sections.append(("server log", office.log[-8000:]))
    return report
