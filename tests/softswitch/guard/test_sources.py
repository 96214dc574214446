"""Who reaches the parser: friends always, strangers within their bucket, scanners not."""

import pytest

from softswitch.guard import sources as policy
from softswitch.guard.sources import Sources, source_of

PHONE, OFFICE = ("203.0.113.7", 5062), "203.0.113.7"
BAD = ("198.51.100.66", 5060)


def passed(sources: Sources, remote: tuple[str, int], rate: float, seconds: float) -> int:
    """How many of so many packets a second are let in."""
    count = round(rate * seconds)
    return sum(sources.admits(remote, n / rate) for n in range(count))


def test_a_stranger_has_his_bucket() -> None:
    sources = Sources()
    assert passed(sources, BAD, 5_000, 10.0) <= policy.STRANGER_BURST + 10 * policy.STRANGER_RATE
    assert sources.counters["crowded"] > 48_000


def test_an_office_comes_back_at_once() -> None:
    """200 phones behind one address, 401 round trip each, the first moment after a restart."""
    sources = Sources()
    assert all(sources.admits((OFFICE, 20_000 + n % 200), 0.0) for n in range(400))


def test_friends_have_none() -> None:
    sources = Sources()
    sources.vouch(PHONE, 600.0, 0.0)
    assert passed(sources, PHONE, 5_000, 10.0) == 50_000


def test_an_address_with_a_healthy_device_has_room_for_the_others() -> None:
    sources = Sources()
    sources.vouch(PHONE, 600.0, 0.0)
    neighbours = passed(sources, (OFFICE, 6000), 5_000, 10.0)
    assert neighbours > policy.HOME_BURST and sources.counters["flood"] == 0


def test_trunks_always_pass() -> None:
    sources = Sources()
    sources.use_servers({("192.0.2.1", None), ("192.0.2.2", 5060)})
    assert passed(sources, ("192.0.2.1", 1234), 5_000, 2.0) == 10_000
    assert passed(sources, ("192.0.2.2", 5060), 5_000, 2.0) == 10_000
    assert passed(sources, ("192.0.2.2", 5061), 5_000, 2.0) < 1_000
    assert not sources.drop("192.0.2.2", 2.0)


def test_many_forged_sources_share_one_bucket() -> None:
    sources = Sources()
    sources.vouch(PHONE, 600.0, 0.0)
    let_in = 0
    for n in range(50_000):
        now = n / 5_000
        let_in += sources.admits((f"100.64.{n >> 8 & 255}.{n & 255}", 5060), now)
        assert sources.admits(PHONE, now)
        assert n % 100 or sources.admits((OFFICE, 7_000), now)  # its neighbour, never seen before
    assert let_in <= policy.ALL_BURST + 10 * policy.ALL_RATE
    assert all(used <= bound for used, bound in sources.sizes().values())


def test_a_dropped_source_is_passed_over_for_a_while() -> None:
    sources = Sources()
    assert sources.drop(BAD[0], 0.0) and not sources.drop(BAD[0], 1.0)
    assert not sources.admits(BAD, policy.DROP_SECONDS - 1)
    assert sources.admits(BAD, policy.DROP_SECONDS + 1)
    assert sources.drop(BAD[0], policy.DROP_SECONDS + 2)  # its second time is longer
    assert not sources.admits(BAD, policy.DROP_SECONDS * 2.5)
    sources.forgive()
    assert sources.admits(BAD, policy.DROP_SECONDS * 2.5)


def test_an_address_with_a_healthy_device_is_never_dropped() -> None:
    sources = Sources()
    sources.vouch(PHONE, 600.0, 0.0)
    assert not sources.drop(OFFICE, 1.0)
    assert sources.drop(OFFICE, 601.0)  # its binding has run out
    sources.vouch(PHONE, 600.0, 602.0)  # by a flow that was let in: it is healthy again
    assert sources.admits((OFFICE, 9999), 603.0)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "::1"])
def test_spared_networks(host: str) -> None:
    sources = Sources(("127.0.0.1", "10.0.0.0/8", "::1"))
    assert not sources.drop(host, 0.0)
    assert sources.drop("127.0.0.2", 0.0)


def test_one_ipv6_customer_is_one_source() -> None:
    assert source_of("2001:db8:1:2:3:4:5:6") == source_of("2001:db8:1:2::ffff")
    assert source_of("2001:db8:1:2::1") != source_of("2001:db8:1:3::1")
    assert source_of("192.0.2.1") == "192.0.2.1"
    sources = Sources()
    assert sources.drop("2001:db8:1:2::1", 0.0)
    assert not sources.admits(("2001:db8:1:2:9:9:9:9", 5060), 1.0)


def test_what_is_over_is_forgotten() -> None:
    sources = Sources()
    sources.vouch(PHONE, 60.0, 0.0)
    sources.drop(BAD[0], 0.0)
    sources.admits(("192.0.2.77", 5060), 0.0)
    sources.expire(10 * policy.LONGEST_DROP)
    assert not any(used for used, _ in sources.sizes().values())
