"""The C programs of the benchmarks, compiled when they are wanted: a relay and a load generator."""

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).parent
NO_COMPILER = "no C compiler: the relay and the load generator are the slower ones in Python"


@cache
def compiled(name: str) -> str | None:
    """The path of a program; None without a compiler. Compiled once a source version."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    source = SOURCES / f"{name}.c"
    folder = Path(tempfile.gettempdir()) / f"softswitch-benchmarks-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    program = folder / f"{name}-{source.stat().st_mtime_ns}"
    if not program.exists():
        subprocess.run([compiler, "-O2", "-o", str(program), str(source)], check=True)
    return str(program)
