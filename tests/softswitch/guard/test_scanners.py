"""Who is taken for a scanner, and who never is."""

import pytest

from softswitch.guard.scanners import GARBLED, NAMES, UNANSWERED, WINDOW, Scanners, is_tool

HEAD = b"OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.66;branch=z9hG4bK1\r\n"


@pytest.mark.parametrize(
    "agent",
    [b"friendly-scanner", b"FRIENDLY-SCANNER", b"sipvicious/0.3", b"pplsip", b"sipcli/v1.8",
     b"Mozilla sundayddr", b"VaxSIPUserAgent/3.1"],
)  # fmt: skip
def test_tools_that_say_so(agent: bytes) -> None:
    assert is_tool(HEAD + b"User-Agent: " + agent + b"\r\n\r\n")


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"User-Agent: Yealink SIP-T46U 108.86.0.20\r\n\r\n",
        HEAD + b"User-Agent: baresip v1.0.0\r\n\r\n",
        HEAD + b"User-Agent: PJSUA v2.14\r\nSubject: friendly-scanner\r\n\r\n",
        HEAD + b"User-Agent: x\r\n\r\nUser-Agent sipvicious",
        b"",
        b"\r\n" * 30_000,
        b"\r\nUser-Agent:" * 5_000,
    ],
)
def test_telephones(data: bytes) -> None:
    assert not is_tool(data)


def test_many_names_are_a_scan_and_one_name_is_not() -> None:
    scanners = Scanners()
    assert not any(scanners.tried("a", "101 desk", n * 0.1) for n in range(5_000))
    verdicts = [scanners.tried("b", f"10{n}", n * 0.1) for n in range(NAMES)]
    assert verdicts == [False] * (NAMES - 1) + [True]


def test_challenges_alone_take_long() -> None:
    """200 phones that register for the first time are challenged 200 times, twice when repeated."""
    scanners = Scanners()
    assert not any(scanners.challenged("a", 0.0) for _ in range(400))
    assert any(scanners.challenged("a", 1.0) for _ in range(UNANSWERED))


def test_rubbish() -> None:
    scanners = Scanners()
    assert [scanners.garbled("a", 0.0) for _ in range(GARBLED)].index(True) == GARBLED - 1


def test_it_is_forgotten_and_bounded() -> None:
    scanners = Scanners()
    for n in range(NAMES - 1):
        scanners.tried("a", str(n), 0.0)
    assert not scanners.tried("a", "new", WINDOW + 1)
    for n in range(10_000):
        scanners.garbled(str(n), 0.0)
    ((used, bound),) = scanners.sizes().values()
    assert used == bound
    scanners.expire(2 * WINDOW)
    assert scanners.sizes()["guard suspects"][0] == 0
    scanners.tried("a", "x", 0.0)
    scanners.cleared("a")
    assert scanners.sizes()["guard suspects"][0] == 0
