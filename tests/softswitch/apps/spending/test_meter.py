"""What calls out cost: by person and office, while they are up and after."""

import pytest

from softswitch.apps.spending.meter import MOST_SHORT, Charge, Meter
from softswitch.office.outgoing import Limits, Sudden
from softswitch.office.permission import Barred

NONE = Limits()


def charge(who: str = "101", *, far: bool = True, free: bool = False, price: float = 0.0) -> Charge:
    return Charge(who, "+44207", far, free, price)


def limits(**written: object) -> Limits:
    return Limits.model_validate(written)


def talked(meter: Meter, one: Charge, began: float, ended: float) -> None:
    meter.begin(one)
    one.answered = began
    meter.end(one, ended)


def test_a_talk_counts_while_it_goes_on_and_once() -> None:
    meter, one = Meter(), charge(price=0.5)
    meter.begin(one)
    assert meter.used("101", 100.0).seconds == 0
    one.answered = 100.0
    up = meter.used("101", 161.0)
    assert (up.seconds, up.far, up.money, up.calls) == (61.0, 61.0, 1.0, 1)
    meter.end(one, 161.0)
    assert meter.used("101", 500.0) == up
    assert meter.used("102", 500.0).seconds == 0
    assert meter.used(None, 500.0) == up
    assert meter.dump() == {"calls out": 0}


def test_what_is_free_costs_nobody_anything() -> None:
    meter = Meter()
    talked(meter, charge(free=True, price=9.0), 0.0, 600.0)
    assert meter.used(None, 600.0).seconds == 0
    assert meter.used(None, 600.0).money == 0


def test_calls_at_once_share_one_budget() -> None:
    """Ten calls of six minutes are an hour."""
    meter, most = Meter(), limits(abroad="1h")
    for _ in range(10):
        one = charge()
        assert meter.over("101", most, NONE, one, 0.0) is None
        meter.begin(one)
        one.answered = 0.0
    assert meter.over("101", most, NONE, meter.running()[0], 350.0) is None
    assert meter.over("101", most, NONE, meter.running()[0], 360.0) is Barred.TIME
    assert meter.over("101", most, NONE, charge(), 360.0) is Barred.TIME
    assert meter.over("101", most, NONE, charge(far=False), 360.0) is None, "at home he may"
    assert meter.over("102", most, NONE, charge("102"), 360.0) is None


def test_money_is_never_passed_not_even_by_calls_that_ring() -> None:
    meter, most = Meter(), limits(money=10)
    calls = [charge(price=3.0) for _ in range(4)]
    begun = []
    for one in calls:
        if meter.over("101", most, NONE, one, 0.0) is None:
            meter.begin(one)
            begun.append(one)
    assert len(begun) == 3, "three minutes are nine, a fourth would be twelve"
    for one in begun:
        one.answered = 0.0
    cut = next(t for t in range(100) if meter.over("101", most, NONE, begun[0], t))
    for one in begun:
        meter.end(one, cut)
    assert meter.used("101", 100.0).money <= 10


def test_calls_at_once() -> None:
    meter, most, office = Meter(), limits(at_once=2), limits(at_once=3)
    for who in ("101", "101"):
        meter.begin(charge(who))
    assert meter.over("101", most, office, charge(), 0.0) is Barred.AT_ONCE
    assert meter.over("102", most, office, charge("102"), 0.0) is None
    meter.begin(charge("102"))
    assert meter.over("103", most, office, charge("103"), 0.0) is Barred.OFFICE_AT_ONCE


def test_the_whole_office() -> None:
    meter, office = Meter(), limits(time="10m", money=5)
    talked(meter, charge("101", far=False, price=1.0), 0.0, 120.0)
    talked(meter, charge("102", far=False, price=1.0), 0.0, 120.0)
    assert meter.over("103", NONE, office, charge("103", price=1.5), 120.0) is Barred.OFFICE_MONEY
    assert meter.over("103", NONE, office, charge("103", price=1.0), 120.0) is None
    talked(meter, charge("104", far=False), 0.0, 400.0)
    assert meter.over("103", NONE, office, charge("103"), 400.0) is Barred.OFFICE_TIME


def test_a_new_day() -> None:
    meter = Meter()
    talked(meter, charge(price=1.0), 0.0, 100.0)
    meter.new_day()
    assert meter.used("101", 100.0).calls == 0


@pytest.mark.parametrize(("times", "is_sudden"), [((0, 1, 2), True), ((0, 1, 99), False)])
def test_many_short_calls(times: tuple[float, ...], is_sudden: bool) -> None:
    meter, rule = Meter(), Sudden.model_validate({"calls": 3, "within": "10s"})
    assert [meter.was_short("101", at, rule) for at in times][-1] is is_sudden
    meter.forget_short("101")
    assert not meter.was_short("101", times[-1], rule)


def test_memory_is_bounded() -> None:
    meter, rule = Meter(), Sudden.model_validate({"calls": 1000, "within": "1h"})
    assert not any(meter.was_short("101", 0.0, rule) for _ in range(999))
    assert all(meter.was_short("101", 0.0, rule) for _ in range(MOST_SHORT))
