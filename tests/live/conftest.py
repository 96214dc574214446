"""Live tests: foreign phones, real sockets, the real server. A missing tool is a failure."""

import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from tests.live.mailserver import MailServer
from tests.live.office_under_test import OfficeUnderTest

HERE = Path(__file__).parent
TOOLS = {
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "linphonec": "linphone-cli",
    "kamailio": "kamailio",
    "ip": "iproute2",
    "slapd": "slapd",
    "node": "nodejs",
    "npm": "npm",
    "psql": "postgresql",
}


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


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server that accepts."""
    with MailServer() as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, mail_server: MailServer) -> Iterator[OfficeUnderTest]:
    """A running server; each test has its own."""
    with OfficeUnderTest(tmp_path, mail_server) as running:
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows the end of the server's log."""
    report = yield
    office = getattr(item, "funcargs", {}).get("office")
    if report.failed and isinstance(office, OfficeUnderTest):
        report.sections.append(("server log", office.log[-8000:]))
    return report
