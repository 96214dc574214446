"""The house's floors and ceilings (docs/architecture.md): who may import whom, how long things are.

A file imports only from lower floors; on its own floor only from its own folder or below, and never
in a circle. For its types alone (TYPE_CHECKING) it may look up inside its own folder. A file that
the table does not name fails.
"""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

HOME = Path(__file__).parent.parent

FLOORS: dict[str, dict[float, str]] = {
    "media": {
        0: "codecs rtp rtcp rtcp_xr dtmf tone quality commands recording_commands wire sealed "
        "srtp_commands inflow outflow libsrtp srtp inband emodel measured bursts words",
        1: "rows latch bridges wanted standby",
        2: "passes reports",
        2.5: "native",
        2.7: "arena ready records line",
        3: "sockets clock files sounds forward legs hearing network outputs singles agreement "
        "plays stats transmitter g722 mixes breaks recording_file recorder recordings taping "
        "digits ratings",
        4: "engine worker",
        5: "link workforce placing client api",
    },
    "softswitch": {
        0: "settings setting_values log metrics resources wording sip/errors sip/grammar "
        "sip/names sip/fields",
        1: "control sip/uri sip/headers sip/digest sip/auth sip/flow sip/direction sip/rtpmap",
        2: "sip/message sip/framing sip/sdp",
        3: "sip/machines sip/transaction sip/deadlines sip/configuration sip/dialog "
        "sip/offer_answer sip/refused_offer sip/codecs sip/crypto sip/theirs sip/ours sip/replaces "
        "sip/subscription sip/events sip/matching "
        "sip/outgoing sip/arrival sip/admission sip/reliable sip/session_timer sip/glare "
        "sip/privacy",
        3.5: "guard vault",
        4: "sip/core sip/acknowledge sip/stateless sip/uac sip/uas sip/stack",
        5: "net store office",
        6: "registrar presence trunks proxy routing mail trace",
        6.1: "office/loader",  # an office with its graph of routes
        6.2: "routing/check routing/simulate",  # verdicts on a loaded office
        7: "calls",
        8: "apps",
        9: "api web provisioning backup reload office_files trial versions listening phones "
        "mailing defence",
        9.5: "wiring",
        9.7: "reloading",
        10: "server cli commands",
        10.5: "__main__",
    },
}
# No clock, no socket, no task, no randomness: they are handed in.
SANS_IO_FOLDERS = ("softswitch/sip/", "softswitch/routing/", "softswitch/guard/")
SANS_IO_MEDIA = 2
REFUSED = frozenset(
    ("asyncio", "concurrent", "multiprocessing", "os", "random", "secrets", "select", "selectors")
    + ("signal", "socket", "ssl", "subprocess", "threading", "time", "uuid", "uvloop")
)
DOORS = {"softswitch": frozenset({"media/api"}), "media": frozenset[str]()}
LONGEST_FILE, LONGEST_FUNCTION = 400, 40


def files() -> Iterator[tuple[str, ast.Module, int]]:
    """Each file's name without `.py`, its tree and its number of lines; empty ones left out."""
    for path in sorted(path for package in FLOORS for path in (HOME / package).rglob("*.py")):
        text = path.read_text()
        name = path.relative_to(HOME).with_suffix("").as_posix().removesuffix("/__init__")
        if text.strip():
            yield name, ast.parse(text, str(path)), text.count("\n")


def place(name: str) -> tuple[float, str] | None:
    """The floor of a file and the folder whose files are near to it; None: not in the table."""
    package, _, inner = name.partition("/")
    entries = {entry: f for f, names in FLOORS[package].items() for entry in names.split()}
    fitting = [entry for entry in entries if inner == entry or inner.startswith(f"{entry}/")]
    if not fitting:
        return None
    entry = max(fitting, key=len)  # a file may stand apart from its folder
    folder = f"{package}/{entry}"
    return entries[entry], folder if (HOME / folder).is_dir() else folder.rpartition("/")[0]


def imports(name: str, tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Each module that a file imports, as a path, and whether only for its types."""
    blocks = (node for node in ast.walk(tree) if isinstance(node, ast.If))
    typing = [block for block in blocks if "TYPE_CHECKING" in ast.unparse(block.test)]
    for_types = {id(node) for block in typing for node in ast.walk(block)}
    for node in ast.walk(tree):
        found: list[str] = []
        if isinstance(node, ast.Import):
            found = [alias.name.replace(".", "/") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}: relative import"
            base = (node.module or "").replace(".", "/")
            inner = {alias.name: HOME / base / alias.name for alias in node.names}
            is_module = {n: p.is_dir() or p.with_suffix(".py").is_file() for n, p in inner.items()}
            found = [f"{base}/{n}" if is_module[n] else base for n in inner]
        yield from ((module, id(node) in for_types) for module in found)


def complaint(name: str, module: str, only_types: bool) -> str | None:
    """Why this import is wrong; None when it is right."""
    package, top, here = name.split("/")[0], module.split("/")[0], place(name)
    is_low_media = package == "media" and here is not None and here[0] <= SANS_IO_MEDIA
    if top in REFUSED and (is_low_media or name.startswith(SANS_IO_FOLDERS)):
        return f"{name} imports {top}, on a sans-IO floor"
    if top not in FLOORS or here is None:
        return None
    if top != package:
        return None if module in DOORS[package] else f"{name} imports {module}: that is no door"
    there = place(module)
    if there is None:
        return None if module == package else f"{name} imports {module}, which stands on no floor"
    is_near = f"{module}/".startswith(f"{here[1]}/")
    if there[0] < here[0] or (is_near and (only_types or there[0] == here[0])):
        return None
    return f"{name} (floor {here[0]}) imports {module} (floor {there[0]})"


def test_each_file_stands_on_a_floor() -> None:
    unknown = [name for name, _, _ in files() if place(name) is None and name not in FLOORS]
    assert not unknown, "name these in FLOORS: " + ", ".join(unknown)


def test_files_import_only_from_below() -> None:
    found = (complaint(name, *used) for name, tree, _ in files() for used in imports(name, tree))
    wrong = sorted({text for text in found if text})
    assert not wrong, "\n" + "\n".join(wrong)


def test_no_circles() -> None:
    graph = {
        name: {m for m, only_types in imports(name, tree) if not only_types and m != name}
        for name, tree, _ in files()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(f"a circle: {' -> '.join(error.args[1])}") from None


def test_nothing_is_too_long() -> None:
    long = [f"{name}: {lines} lines" for name, _, lines in files() if lines > LONGEST_FILE]
    for name, tree, _ in files():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{name}:{node.lineno} {node.name}: {lines} lines")
    assert not long, "\n" + "\n".join(long)
