"""The program's entry, `softswitch` and `python -m softswitch`: quiet until the command begins.

Reading all of it in takes most of a second. Ctrl-C during that ends the program as a shell expects
it, without Python's traceback; afterwards the command itself sees to it.
"""

import os
import signal
from types import FrameType

# 128 and the signal's number: a program that Ctrl-C has ended.
INTERRUPTED = 130


def _leave(number: int, frame: FrameType | None) -> None:
    # No exception: what is read in may catch it, or turn it into another one. Nothing has begun
    # that would have to be ended.
    os._exit(INTERRUPTED)


def main() -> None:
    """The console script."""
    # What is started with SIGINT ignored (in the background, by nohup) goes on ignoring it.
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, _leave)
    from softswitch.cli import program

    command = program()
    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    command()


if __name__ == "__main__":
    main()
