"""Compiles the per-packet functions for this machine, and tries them: `python -m media.native
[FOLDER]`.

Some five seconds; nothing to do if it was done. A worker that finds nothing compiled starts this
with --background and goes on as Python meanwhile.
"""

import argparse
import os
import sys
from contextlib import suppress

from media.native.cache import Absent, Unusable, find, read, room, write
from media.native.load import Compiled
from media.native.trial import prove

# Behind calls, and not for ever on a machine that is never idle.
_NICENESS = 10


def main() -> int:
    """0: it is there now."""
    parser = argparse.ArgumentParser(prog="python -m media.native", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", default="", help="else with the sources, or in your cache"
    )
    parser.add_argument("--background", action="store_true", help="behind all other work")
    arguments = parser.parse_args()
    if arguments.background:
        os.setpriority(os.PRIO_PROCESS, 0, _NICENESS)
    try:
        print(_made(arguments.folder))  # noqa: T201 - it is a command
    except (Unusable, OSError) as error:
        print(f"the packet loop is not compiled: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _made(given: str) -> str:
    with suppress(Absent):  # where nothing may be written, nothing need be
        return _there(given)
    with room(given) as folder:
        with suppress(Absent):  # another one has just made it
            return _there(str(folder))
        try:
            from media.native.build import compile_all

            codes = compile_all()
        except Exception as error:  # numba's are many: whatever it is, Python goes on
            raise Unusable(f"{type(error).__name__}: {error}") from error
        write(folder, codes, lambda stored: prove(Compiled(stored)))
        return f"compiled: {read(folder).path}"


def _there(given: str) -> str:
    return f"there already: {find(given).path}"


if __name__ == "__main__":
    sys.exit(main())
