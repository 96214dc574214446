"""Compiles the per-packet functions for this machine, and tries them: `python -m media.native
[FOLDER]`.

Some two seconds; nothing to do if it was done. A worker that finds nothing compiled starts this
with --background and goes on as Python meanwhile.
"""

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path

from media.native.cache import Absent, Unusable, alone, folder_of, read, write
from media.native.load import Compiled
from media.native.trial import prove

# Behind calls, and not for ever on a machine that is never idle.
_NICENESS = 10


def main() -> int:
    """0: it is there now."""
    parser = argparse.ArgumentParser(prog="python -m media.native", description=__doc__)
    parser.add_argument("folder", nargs="?", default="", help="the user's cache, if none is named")
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
    folder = folder_of(given)
    with suppress(Absent):  # where nothing may be written, nothing need be
        return _there(folder)
    with alone(folder):
        with suppress(Absent):  # another one has just made it
            return _there(folder)
        try:
            from media.native.build import compile_all

            codes = compile_all()
        except Exception as error:  # numba's are many: whatever it is, Python goes on
            raise Unusable(f"{type(error).__name__}: {error}") from error
        write(folder, codes, lambda stored: prove(Compiled(stored)))
        return f"compiled: {read(folder).path}"


def _there(folder: Path) -> str:
    return f"there already: {read(folder).path}"


if __name__ == "__main__":
    sys.exit(main())
