"""What an office file does not say itself: `${NAME}` from the environment, `${secret:NAME}`.

So one file serves two offices, and a provider's password stands in no text that is mailed around or
kept as a version. A secret is the content of a file of its own, where today's systems put them:
systemd (`LoadCredential=`), containers (`/run/secrets`), or `secrets/` beside the office file.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from softswitch.office.findings import Findings
from softswitch.office.source import Path as Where
from softswitch.wording import Said, say

_REFERENCE = re.compile(r"\$(?:\$|\{(secret:)?([A-Za-z_][A-Za-z0-9_.-]*)(?::-([^}]*))?\})")
# Fields that hold what nobody but the other system may know, and the sections with such fields.
_HELD_SECRET = frozenset({"password", "secret"})
_OTHER_SYSTEMS = frozenset({"contacts", "push", "services", "trunks"})
# A password, a token, a key; no more is read of a file that was named by mistake.
MAX_SECRET = 4096


def resolve(findings: Findings, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Put the values in place of every reference in `findings.source`; `$${` stays `${`."""
    resolver = _Resolver(findings, folder, os.environ if environment is None else environment)
    _warn_of_clear(findings)
    findings.source.data = resolver.walk(findings.source.data, ())


def _warn_of_clear(findings: Findings) -> None:
    """Passwords of other systems that stand in the file itself."""
    for path in findings.source.values:
        if path and path[-1] in _HELD_SECRET and path[0] in _OTHER_SYSTEMS:
            value = findings.source.at(path)
            if isinstance(value, str) and value and "${" not in value:
                name = path[1] if isinstance(path[1], str) and len(path) > 2 else path[0]
                findings.warning(path, say("password_in_file"), say("write_secret", name=name))


class _Resolver:
    def __init__(self, findings: Findings, folder: Path, environment: Mapping[str, str]) -> None:
        self._findings, self._environment = findings, environment
        credentials = environment.get("CREDENTIALS_DIRECTORY")
        own = [Path(credentials)] if credentials else []
        self._folders = [*own, Path("/run/secrets"), folder / "secrets"]

    def walk(self, value: Any, path: Where) -> Any:
        if isinstance(value, dict):
            return {key: self.walk(entry, (*path, key)) for key, entry in value.items()}
        if isinstance(value, list):
            return [self.walk(entry, (*path, i)) for i, entry in enumerate(value)]
        if isinstance(value, str) and "$" in value:
            return _REFERENCE.sub(lambda found: self._value(found, path), value)
        return value

    def _value(self, found: re.Match[str], path: Where) -> str:
        is_secret, name, otherwise = found.groups()
        if name is None:
            return "$"
        value = self._secret(name, path) if is_secret else self._environment.get(name)
        if value is None and otherwise is None:
            message, remedy = _missing(name, bool(is_secret))
            self._findings.error(path, message, remedy)
        return value if value is not None else otherwise or ""

    def _secret(self, name: str, path: Where) -> str | None:
        for file in self._places(name):
            try:
                with file.open("rb") as opened:
                    value = opened.read(MAX_SECRET).decode().rstrip("\r\n")
            except (FileNotFoundError, NotADirectoryError):
                continue
            except (OSError, UnicodeDecodeError) as error:
                self._findings.error(path, say("secret_unreadable", name=name, why=error))
                return ""
            if value:
                self._findings.hidden[value] = f"${{secret:{name}}}"
            return value
        return None

    def _places(self, name: str) -> Iterator[Path]:
        for folder in self._folders:
            yield folder / name


def _missing(name: str, is_secret: bool) -> tuple[Said, Said]:
    if is_secret:
        remedy = say("write_secret_file", name=name)
        return say("no_secret", name=name), remedy
    return (
        say("no_variable", name=name),
        say("set_variable", name=name),
    )
