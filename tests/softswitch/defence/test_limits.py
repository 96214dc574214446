"""Every bound of the house stands in the metrics, with what is used of it."""

from pathlib import Path

from prometheus_client import REGISTRY

from softswitch.defence.limits import Limit
from tests.helpers.office_fixtures import Line
from tests.helpers.office_in_process import OfficeInProcess
from tests.helpers.stranger import Stranger

MANUAL = Path(__file__).parents[3] / "docs" / "operate.md"


def names() -> set[str]:
    families = [one for one in REGISTRY.collect() if one.name == "softswitch_limit"]
    return {sample.labels["name"] for family in families for sample in family.samples}


def value(metric: str, **labels: str) -> float:
    found = REGISTRY.get_sample_value(f"softswitch_{metric}", labels)
    return -1.0 if found is None else found


async def test_limits_are_told_and_explained(office: OfficeInProcess, line: Line) -> None:
    anna, piotr = await line.phone("101"), await line.phone("102")
    call = await anna.dial("102")
    other = await piotr.rung()
    other.answer()
    await call.answered()
    await office.until(lambda: value("used", name="calls") == 1, "the call is counted")
    assert value("used", name="media_ports") == 4
    assert value("used", name="dialogs") == 2
    assert value("used", name="devices_of_one_extension") == 1
    assert value("used", name="guard_good_credentials") >= 2
    call.bye()
    await other.over()
    await office.until(lambda: value("used", name="calls") == 0, "and not for ever")
    for name in names():
        assert 0 <= value("used", name=name) <= value("limit", name=name), name
        assert value("limit", name=name) > 0, name
        assert f"`{name}`" in MANUAL.read_text(), f"docs/operate.md says nothing of {name}"


async def test_what_the_guard_does_is_counted(office: OfficeInProcess) -> None:
    before = value("dropped_total", why="scanner")
    async with Stranger(office.address, "127.0.0.12", "friendly-scanner") as bad:
        for _ in range(5):
            bad.put(bad.request("OPTIONS", "100").to_bytes())
        await office.until(lambda: value("dropped_total", why="scanner") > before, "it is counted")
    assert value("defended_total", what="sources_dropped") >= 1
    assert value("late_seconds") >= 0 and value("shed_level") >= 0


def test_a_limit_is_close_at_nine_tenths() -> None:
    assert Limit("x", 100, 90).is_close and not Limit("x", 100, 89).is_close
