"""Passwords of the phones, as digest hashes only: `secrets.yaml` beside the office file.

Each extension has one hash HA1 = H(extension:realm:password) for each algorithm that phones may
use (RFC 7616 3.4.2, RFC 8760). Whoever reads the file cannot read the passwords, yet could place
calls with the hashes: it is written for its owner alone.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from softswitch.office import syntax
from softswitch.office.findings import Finding, Findings, OfficeErrors
from softswitch.office.source import Place, Source, SourceError, compose
from softswitch.sip.auth import ha1
from softswitch.wording import SILENT, Said, Slip, say

# Hexadecimal digits of each algorithm's hash.
LENGTHS: Mapping[str, int] = {"MD5": 32, "SHA-256": 64, "SHA-512-256": 64}
REALM = "realm"
MAX_FILE = 2_000_000
# Shorter ones are guessed by the scanners that try every SIP server on the Internet.
MIN_PASSWORD = 8

_HEADER = (
    "# Written by `softswitch passwd`. Hashes, no passwords; keep it readable for its owner only.\n"
)


class SecretError(Slip):
    """A password cannot be stored."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """The hashes of all extensions."""

    realm: str | None = None
    hashes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    def ha1(self, extension: str, algorithm: str) -> str | None:
        """The hash in hexadecimal, or None when the extension has no password (for that one)."""
        return self.hashes.get(extension, {}).get(algorithm)

    def __contains__(self, extension: object) -> bool:
        return extension in self.hashes

    def __iter__(self) -> Iterator[str]:
        return iter(self.hashes)


def load_secrets(path: Path, realm: str | None = None) -> Secrets:
    """Read the file; one that does not exist yet holds no secrets. Raises `OfficeErrors`.

    With `realm`, hashes that were made for another realm are refused: no phone could register.
    """
    try:
        text = _read(path)
        source = compose(str(path), text)
    except FileNotFoundError:
        return Secrets()
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(path, Place(0, 0), say("file_unreadable", why=error), SILENT) from None
    except YAMLError as error:
        raise _refused(path, *syntax.explain(error, text)) from None
    except SourceError as error:
        raise _refused(path, error.place, error.message, error.remedy) from None
    findings = Findings(source)
    hashes = _hashes(source, findings)
    written = _realm(source, realm, findings)
    _warn_if_open(path, findings)
    findings.raise_errors()
    return Secrets(written, hashes, tuple(findings.sorted()))


def write_secret(path: Path, extension: str, realm: str, password: str) -> None:
    """Set the password of one extension; other entries stay as they are.

    Written to a new file of mode 0600 that then takes the old one's place, so that neither a crash
    nor a reader meets half a file. Raises `SecretError` for a password that is too weak, and
    `OfficeErrors` when the file that is there cannot be read.
    """
    if len(password) < MIN_PASSWORD:
        raise SecretError(say("password_too_short", least=MIN_PASSWORD))
    if not (extension.isascii() and extension.isdigit()):
        refused = say("no_internal_number", value=extension)
        raise SecretError(refused, say("no_internal_number_remedy"))
    known = load_secrets(path, realm)
    hashes: dict[str, Any] = {ext: dict(known.hashes[ext]) for ext in known}
    hashes[extension] = {name: ha1(extension, realm, password, name) for name in LENGTHS}
    lines = [_HEADER, f'{REALM}: "{realm}"\n']
    for ext in sorted(hashes, key=lambda e: (len(e), e)):
        lines.append(f'"{ext}":\n')
        lines.extend(f'  {name}: "{value}"\n' for name, value in hashes[ext].items())
    _replace(path, "".join(lines))


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MAX_FILE).decode("utf-8-sig")


def _refused(path: Path, place: Place, message: Said, remedy: Said) -> OfficeErrors:
    findings = Findings(Source(str(path)))
    findings.error_at(place, message, remedy)
    return OfficeErrors(findings.sorted())


def _hashes(source: Source, findings: Findings) -> dict[str, dict[str, str]]:
    data = source.data if source.data is not None else {}
    if not isinstance(data, dict):
        findings.error((), say("no_secrets_file"), say("write_with_passwd_101"))
        return {}
    for duplicate in source.duplicates:
        findings.error_at(duplicate.place, say("second_time", key=duplicate.path[-1]))
    made = {}
    for extension, entry in data.items():
        if extension != REALM:
            made[extension] = _entry(extension, entry, findings)
    return made


def _entry(extension: str, entry: Any, findings: Findings) -> dict[str, str]:
    again = say("write_with_passwd", extension=extension)
    if not isinstance(entry, dict):
        message = say("no_hashes", extension=extension)
        findings.error((extension,), message, again)
        return {}
    made = {}
    for algorithm, written in entry.items():
        path = (extension, algorithm)
        value = str(written).lower()
        length = LENGTHS.get(algorithm)
        if length is None:
            known = ", ".join(LENGTHS)
            findings.error(
                path,
                say("no_digest", algorithm=algorithm),
                say("known_digests", known=known),
                at_key=True,
            )
        elif len(value) != length or not set(value) <= set("0123456789abcdef"):
            message = say("no_hash", algorithm=algorithm, extension=extension, length=length)
            findings.error(path, message, again)
        else:
            made[algorithm] = value
    return made


def _realm(source: Source, realm: str | None, findings: Findings) -> str | None:
    """The realm that stands in the file."""
    data = source.data if isinstance(source.data, dict) else {}
    written = data.get(REALM)
    if written is not None and not isinstance(written, str):
        findings.error((REALM,), say("realm_is_text"), say("write_realm"))
        return None
    if realm is not None and written is not None and written != realm:
        message = say("other_realm", written=written, realm=realm)
        findings.error((REALM,), message, say("passwords_again"))
    return written


def _warn_if_open(path: Path, findings: Findings) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        message = say("others_can_read", mode=f"{mode:o}")
        findings.warning((), message, say("run_chmod", file=path.name))
