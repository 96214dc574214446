"""How fast the office is there: start to first answered call.

    python -m benchmarks.start

Wall time of a cold process is what an operator feels, so it is printed beside a reference of the
same run: an empty Python process, and one that only imports numpy. Loopback only, some seconds.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.live.ports import free_block, free_port
from tests.live.rtp_peer import ScriptedPhone

TRIES = 3
GIVE_UP = 20.0


def process_seconds(code: str) -> float:
    """Wall seconds of a Python process, the best of some."""
    return min(_timed([sys.executable, "-c", code]) for _ in range(TRIES))


def _timed(argv: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(argv, check=True)
    return time.perf_counter() - began


def first_call_seconds(folder: Path) -> float:
    """From the command to the 200 of an echo test, a REGISTER with its 401 included."""
    port = free_port()
    rtp = free_block(40)
    environment = {
        **os.environ,
        "SOFTSWITCH_SIP_HOST": "127.0.0.1",
        "SOFTSWITCH_SIP_UDP_PORT": str(port),
        "SOFTSWITCH_SIP_TCP_PORT": str(port),
        "SOFTSWITCH_RTP_LOW": str(rtp),
        "SOFTSWITCH_RTP_HIGH": str(rtp + 39),
        "SOFTSWITCH_LOG_LEVEL": "error",
    }
    argv = [sys.executable, "-m", "softswitch", "run", "--demo", "--data", str(folder)]
    began = time.perf_counter()
    with subprocess.Popen(argv, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_until_it_serves(port, began)
            passwords = json.loads((folder / "demo-passwords.json").read_text())
            with ScriptedPhone("101", ("127.0.0.1", port), passwords["101"]) as phone:
                phone.register()
                call = phone.dial("600").wait_answered()
                took = time.perf_counter() - began
                call.hang_up()
        finally:
            server.terminate()
    return took


def _wait_until_it_serves(port: int, began: float) -> None:
    from tests.live.ports import is_free

    while is_free("127.0.0.1", port):
        if time.perf_counter() - began > GIVE_UP:
            raise TimeoutError("the server did not start")
        time.sleep(0.01)


def main() -> None:
    empty = process_seconds("pass")
    with_numpy = process_seconds("import numpy, soundfile, soxr")
    firsts = []
    for _ in range(TRIES):
        with tempfile.TemporaryDirectory() as folder:
            firsts.append(first_call_seconds(Path(folder)))
    print(f"start to first answered call   {min(firsts):6.2f} s wall (budget 2)")
    print(f"  reference: empty python      {empty:6.2f} s, with numpy and soxr {with_numpy:.2f} s")


if __name__ == "__main__":
    main()
