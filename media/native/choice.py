"""Which form of the loops a worker runs: compiled as soon as it may, Python until then.

What is not compiled yet is compiled beside us, behind all other work; the worker serves meanwhile,
and goes over without a packet lost: both forms work on the same memory.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from media.commands import PacketLoop
from media.native.cache import Absent, Unusable
from media.native.functions import Loops
from media.native.load import Compiled

_COMPILER: Final = (sys.executable, "-m", "media.native", "--background")
# What it may tell of its end; of a longer story the end counts.
_MOST_TOLD: Final = 1 << 16


class Choice:
    """`use`: the form to go on with. `tell`: what is so now, and why. `watch(descriptor, handler)`
    and `unwatch(descriptor)` are the loop's.
    """

    def __init__(
        self,
        use: Callable[[Loops], None],
        tell: Callable[[PacketLoop], None],
        watch: Callable[[int, Callable[[float], None]], None],
        unwatch: Callable[[int], None],
    ) -> None:
        self._use, self._tell = use, tell
        self._watch, self._unwatch = watch, unwatch
        self._folder = ""
        self._compiler: subprocess.Popen[bytes] | None = None
        self._told = b""

    def begin(self, is_wanted: bool, folder: str) -> None:
        if not is_wanted:
            self._tell(PacketLoop(False, "compiling is switched off"))
            return
        self._folder = folder
        why = self._adopt()
        if why is not None and not (isinstance(why, Absent) and self._compile()):
            self._tell(PacketLoop(False, str(why)))

    def _adopt(self) -> Unusable | None:
        """Goes over to what is compiled; why that cannot be."""
        try:
            self._use(Compiled.of(self._folder))
        except Unusable as error:
            return error
        self._tell(PacketLoop(True))
        return None

    def _compile(self) -> bool:
        try:
            self._compiler = one = subprocess.Popen(
                [*_COMPILER, *filter(None, [self._folder])],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        except OSError:
            return False
        assert one.stderr is not None
        self._watch(one.stderr.fileno(), self._listen)
        return True

    def _listen(self, now: float) -> None:
        """The compiler says something: at its end only, unless something is wrong."""
        compiler = self._compiler
        if compiler is None or compiler.stderr is None:
            return
        told = os.read(compiler.stderr.fileno(), _MOST_TOLD)
        self._told = (self._told + told)[-_MOST_TOLD:]
        if told:
            return
        self._unwatch(compiler.stderr.fileno())
        self._reap(compiler)  # it is at its very end
        if (why := self._adopt()) is not None:
            lines = self._told.decode(errors="replace").strip().splitlines()
            ended = "the compiler was ended" if compiler.returncode else str(why)
            self._tell(PacketLoop(False, lines[-1] if lines else ended))

    def close(self) -> None:
        """The compiler is ended, if it is still at work."""
        if self._compiler is not None:
            self._compiler.terminate()
            self._reap(self._compiler)

    def _reap(self, compiler: "subprocess.Popen[bytes]") -> None:
        compiler.wait()
        if compiler.stderr is not None:
            compiler.stderr.close()
        self._compiler = None
