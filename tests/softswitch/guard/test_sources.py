"""As whom a sender counts: friends always, strangers within their bucket, scanners never."""

from collections import Counter

import pytest

from softswitch.guard import sources as policy
from softswitch.guard.sources import Sources, Standing, source_of

PHONE, OFFICE = ("203.0.113.7", 5062), "203.0.113.7"
BAD = ("198.51.100.66", 5060)


def standings(
    sources: Sources, remote: tuple[str, int], rate: float, seconds: float
) -> Counter[Standing]:
    """As whom the sender of so many packets a second counts, and how often."""
    count = round(rate * seconds)
    return Counter(sources.standing(remote, n / rate) for n in range(count))


def is_wanted(sources: Sources, remote: tuple[str, int], now: float) -> bool:
    return sources.standing(remote, now) is not Standing.UNWANTED


def test_a_stranger_has_his_bucket() -> None:
    sources = Sources()
    found = standings(sources, BAD, 5_000, 10.0)
    room = policy.STRANGER_BURST + 10 * policy.STRANGER_RATE
    assert found[Standing.FRESH] == 1 and found[Standing.RETURNING] <= room
    assert sources.counters["crowded"] > 48_000


def test_an_office_comes_back_at_once() -> None:
    """200 phones behind one address, 401 round trip each, the first moment after a restart."""
    sources = Sources()
    assert all(is_wanted(sources, (OFFICE, 20_000 + n % 200), 0.0) for n in range(400))


def test_a_friend_has_a_large_one_and_is_never_dropped() -> None:
    sources = Sources()
    sources.vouch(PHONE, 600.0, 0.0)
    found = standings(sources, PHONE, 5_000, 10.0)
    assert policy.FRIEND_BURST <= found[Standing.FRIEND] <= policy.FRIEND_BURST * 1.1
    assert set(found) == {Standing.FRIEND, Standing.RESTLESS}


def test_a_neighbour_who_goes_mad_takes_nothing_from_a_new_phone_beside_him() -> None:
    sources = Sources()
    sources.vouch(PHONE, 600.0, 0.0)
    found = standings(sources, (OFFICE, 6000), 5_000, 10.0)
    assert found[Standing.NEIGHBOUR] <= policy.NEIGHBOUR_BURST + 10 * policy.NEIGHBOUR_RATE
    assert sources.standing((OFFICE, 6001), 10.0) is Standing.NEIGHBOUR


def test_trunks_always_pass() -> None:
    sources = Sources()
    sources.use_servers({("192.0.2.1", None), ("192.0.2.2", 5060)})
    assert standings(sources, ("192.0.2.1", 1234), 5_000, 2.0) == {Standing.FRIEND: 10_000}
    assert standings(sources, ("192.0.2.2", 5060), 5_000, 2.0) == {Standing.FRIEND: 10_000}
    assert standings(sources, ("192.0.2.2", 5061), 5_000, 2.0)[Standing.UNWANTED] > 9_000
    assert not sources.drop("192.0.2.2", 2.0)


def test_a_phone_that_repeats_is_told_from_forged_addresses() -> None:
    """5,000 forged addresses a second; a new phone sends, and again after 0.5 and 1 second."""
    sources = Sources()
    repeats = {2_500: Standing.FRESH, 5_000: Standing.RETURNING, 10_000: Standing.RETURNING}
    for n in range(50_000):
        now = n / 5_000
        forged = (f"100.{64 + (n >> 16)}.{n >> 8 & 255}.{n & 255}", 5060)
        assert sources.standing(forged, now) is Standing.FRESH
        if n in repeats:
            assert sources.standing((OFFICE, 5060), now) is repeats[n]
    assert all(used <= bound for used, bound in sources.sizes().values())


def test_who_was_long_away_is_a_stranger_again() -> None:
    sources = Sources()
    assert sources.standing(BAD, 0.0) is Standing.FRESH
    assert sources.standing(BAD, policy.RETURNS_WITHIN - 1) is Standing.RETURNING
    assert sources.standing(BAD, 2 * policy.RETURNS_WITHIN) is Standing.FRESH


def test_a_dropped_source_is_passed_over_for_a_while() -> None:
    sources = Sources()
    assert sources.drop(BAD[0], 0.0) and not sources.drop(BAD[0], 1.0)
    assert not is_wanted(sources, BAD, policy.DROP_SECONDS - 1)
    assert is_wanted(sources, BAD, policy.DROP_SECONDS + 1)
    assert sources.drop(BAD[0], policy.DROP_SECONDS + 2)  # its second time is longer
    assert not is_wanted(sources, BAD, policy.DROP_SECONDS * 2.5)
    sources.forgive()
    assert is_wanted(sources, BAD, policy.DROP_SECONDS * 2.5)


def test_an_address_with_a_healthy_device_is_never_dropped() -> None:
    sources = Sources()
    sources.vouch(PHONE, 600.0, 0.0)
    assert not sources.drop(OFFICE, 1.0)
    assert sources.drop(OFFICE, 601.0)  # its binding has run out
    sources.vouch(PHONE, 600.0, 602.0)  # by a flow that was let in: it is healthy again
    assert sources.standing((OFFICE, 9999), 603.0) is Standing.NEIGHBOUR


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
    assert not is_wanted(sources, ("2001:db8:1:2:9:9:9:9", 5060), 1.0)


def test_what_is_over_is_forgotten() -> None:
    sources = Sources()
    sources.vouch(PHONE, 60.0, 0.0)
    sources.drop(BAD[0], 0.0)
    sources.standing(("192.0.2.77", 5060), 0.0)
    sources.expire(10 * policy.LONGEST_DROP)
    assert not any(used for used, _ in sources.sizes().values())
