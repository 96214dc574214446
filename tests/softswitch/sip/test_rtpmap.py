"""What payload types stand for, told or known without."""

from softswitch.sip.rtpmap import LONGEST_KEPT, RtpMap, codings

FORMATS = ("8", "0", "101", "102", "x", "128", "97")
LINES = (
    "0 PCMU/8000",
    "101 telephone-event/8000",
    "102 Telephone-Event/48000",
    "101 other/8000",
    "97 unreadable",
)


def test_the_order_is_theirs_and_the_first_line_of_a_number_counts() -> None:
    found = codings(FORMATS, LINES)
    assert found.payload_types == (8, 0, 101, 102, 97)
    assert found.known == (
        (8, RtpMap("PCMA", 8000)),
        (0, RtpMap("PCMU", 8000)),
        (101, RtpMap("telephone-event", 8000)),
        (102, RtpMap("Telephone-Event", 48000)),
    )
    assert found.events == {8000: 101, 48000: 102}


def test_a_number_without_a_line_is_known_by_rfc_3551_or_not_at_all() -> None:
    found = codings(FORMATS, LINES)
    assert found.meaning(9) == RtpMap("G722", 8000)
    assert found.meaning(99) is None
    assert codings(("8",), ("8 unreadable",)).meaning(8) is None, "the line says otherwise"


def test_what_is_too_long_to_be_kept_is_read_the_same() -> None:
    many = (*LINES, *(f"{97 + at % 20} codec{at}/8000" for at in range(LONGEST_KEPT // 16)))
    long, short = codings(FORMATS, many), codings(FORMATS, LINES)
    assert (long.payload_types, long.known, long.events) == (
        short.payload_types,
        short.known,
        short.events,
    )
    assert long.meaning(98) == RtpMap("codec1", 8000)
    assert codings(FORMATS, many) is not long
    assert codings(FORMATS, LINES) is short
