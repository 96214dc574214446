"""Wireshark's capture and its dissectors (Debian's tshark): what others read in our packets.

dumpcap wants the right to capture, which the tests have as they make network namespaces.
"""

import subprocess
from pathlib import Path

from tests.live.process import Process, until


class Capture:
    """What passes on loopback, until it is stopped."""

    def __init__(self, folder: Path, what: str) -> None:
        """`what`: a capture filter, `udp port 5060`."""
        self.file = folder / "capture.pcapng"
        argv = ["dumpcap", "-q", "-i", "lo", "-f", what, "-w", str(self.file)]
        self._process = Process(argv, folder / "dumpcap.log")
        until(lambda: "File:" in self._process.log.read_text(), "dumpcap captures")

    def __enter__(self) -> "Capture":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._process.end()


def packet_of(octets: bytes, ports: tuple[int, int], file: Path) -> Path:
    """A capture of one UDP packet, from port to port."""
    text = file.with_suffix(".hex")
    text.write_text("000000 " + octets.hex(" ") + "\n")
    source, target = ports
    argv = ["text2pcap", "-q", "-u", f"{source},{target}", str(text), str(file)]
    subprocess.run(argv, check=True, capture_output=True, timeout=30)
    return file


def read(file: Path, what: str, fields: tuple[str, ...], *decode: str) -> list[dict[str, str]]:
    """These fields of all packets that a display filter lets through; `decode`: what lies on which
    port, `udp.port==5060,sip`.
    """
    argv = ["tshark", "-n", "-r", str(file), "-Y", what, "-T", "fields", "-E", "separator=|"]
    argv += [part for one in decode for part in ("-d", one)]
    argv += [part for one in fields for part in ("-e", one)]
    found = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60)
    lines = found.stdout.splitlines()
    return [dict(zip(fields, line.split("|"), strict=True)) for line in lines]
