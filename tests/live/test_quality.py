"""How good calls sounded: phones that report, and one whose packets get lost on the way.

linphone and baresip say by RTCP what they miss, linphone in extended reports too; what ours say is
read by Wireshark.
"""

import time
from pathlib import Path

from media.bursts import GMIN, BurstMetrics
from media.rtcp import ReceiverReport, build_compound
from media.rtcp_xr import VoipMetrics, build_extended
from tests.live import wireshark
from tests.live.office_files import AGENT, CALLER
from tests.live.office_under_test import OfficeUnderTest

# Two of the engine's looks, and a report of each phone between them.
TALK = 11.0
GOOD, BAD = 4.2, 3.1
_OF = "rtcp.xr.voipmetrics."
# 127 where a figure is not known; densities are 256ths.
FIELDS = ("burstdensity", "gapdensity", "burstduration", "gapduration", "rtdelay", "gmin")
FIELDS += ("rfactor", "moslq", "moscq", "jbnominal")
XR = ("udp.dstport", *(_OF + name for name in FIELDS))


def every_fourth_is_lost(number: int, packet: bytes) -> list[bytes]:
    return [] if number % 4 == 3 else [packet]


def must_be_told(file: Path, sip_port: int, ports: range) -> None:
    """Wireshark finds the reports by the call's SDP, and reads in them how we hear linphone."""
    reports = wireshark.read(file, "rtcp.xr.bt == 7", XR, f"udp.port=={sip_port},sip")
    ours = [one for one in reports if int(one["udp.dstport"]) in ports]
    assert ours and len(ours) < len(reports), "both report"
    last = {name: float(ours[-1][_OF + name]) for name in FIELDS}
    assert (last["burstdensity"], last["gapdensity"], last["burstduration"]) == (0, 0, 0)
    assert last["gapduration"] > 5000, "all of it was one gap, in which nothing was lost"
    assert last["gmin"] == GMIN
    assert 85 <= last["rfactor"] <= 93 and last["moslq"] == 4.4 >= last["moscq"] >= 4.2


def test_good_and_bad_calls_have_their_figures(office: OfficeUnderTest, tmp_path: Path) -> None:
    anna = office.linphone("101", say=CALLER)
    first, last = anna.rtp_ports[0], anna.rtp_ports[-1]
    told = f"udp port {office.udp_port} or udp portrange {first}-{last}"
    piotr = office.baresip("102", say=AGENT, account=";answermode=auto")
    ewa = office.phone("111", mangle=every_fourth_is_lost)
    with wireshark.Capture(tmp_path, told) as capture:
        anna.dial("102")
        anna.wait_established()
        piotr.wait_established()
        echo = ewa.dial("600").wait_answered()
        echo.say(CALLER)
        time.sleep(TALK)
        echo.hang_up()
        anna.hang_up()
        piotr.wait_closed()
    must_be_told(capture.file, office.udp_port, anna.rtp_ports)

    row = office.wait_row(result="talked", number="101")
    story = office.story(row["id"])
    assert len(story["sound"]) == 2
    for leg in story["sound"]:
        assert leg["mos_in"] > GOOD and leg["mos_out"] > GOOD, leg
        assert len(leg["timeline"]["in"]) >= 2
    assert story["verdicts"] == []
    stats = [one["data"] for one in story["events"] if one["kind"] == "leg.stats"]
    told = [one["mos_told"] for one in stats if one["mos_told"] is not None]
    assert len(told) == 1 and told[0] > 4, "linphone says itself how it hears us; baresip does not"

    bad = office.story(office.wait_row(number="111")["id"])
    (leg,) = bad["sound"]
    assert leg["mos_in"] < BAD and leg["mos_out"] is None, "a scripted phone reports nothing"
    assert {"poor_from", "loss_from"} <= {one["code"] for one in bad["verdicts"]}


def test_wireshark_reads_every_figure_as_we_wrote_it(tmp_path: Path) -> None:
    bursts = BurstMetrics(0.5, 0.03125, 440, 12_500)
    one = VoipMetrics(0x1234, 0.125, 0.0625, 83.0, 4.1, 3.9, 55, 60, bursts)
    octets = build_compound([ReceiverReport(0xABCD)]) + build_extended(0xABCD, one)
    file = wireshark.packet_of(octets, (20_001, 20_003), tmp_path / "one.pcap")
    more = (*XR, _OF + "esdelay", _OF + "jbmax", "rtcp.xr.bl", "_ws.malformed")
    (found,) = wireshark.read(file, "rtcp", more, "udp.port==20003,rtcp")
    figures = [float(found[_OF + name]) for name in FIELDS]
    assert figures == [128, 8, 440, 12_500, 55, GMIN, 83, 4.1, 3.9, 60]
    assert (found[_OF + "esdelay"], found[_OF + "jbmax"]) == ("60", "200")
    assert (found["rtcp.xr.bl"], found["_ws.malformed"]) == ("8", "")
