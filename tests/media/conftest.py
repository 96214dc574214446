"""The packet loop in both of its forms."""

import subprocess
import sys
from pathlib import Path

import pytest

from media.native.cache import Unusable
from media.native.functions import Interpreted, Loops
from media.native.load import Compiled


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """Of these sources: as `make` left it, or compiled now."""
    try:
        return Compiled.of()
    except Unusable:
        folder: Path = tmp_path_factory.mktemp("native")
        subprocess.run([sys.executable, "-m", "media.native", str(folder)], check=True)
        return Compiled.of(str(folder))


@pytest.fixture(params=["interpreted", "compiled"])
def loops(request: pytest.FixtureRequest) -> Loops:
    if request.param == "interpreted":
        return Interpreted()
    form: Loops = request.getfixturevalue("compiled")
    return form
