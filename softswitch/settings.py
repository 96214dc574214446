"""Process settings, read from the environment (`SOFTSWITCH_*`) and overridden by the command line.

What the *process* needs to know: addresses, ports, folders, the mail server, how to log. What the
*office* is (people, queues, routes) stands in the office's YAML and never here.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from softswitch import setting_values
from softswitch.wording import Slip, say

PREFIX = "SOFTSWITCH_"

Port = Annotated[int, Field(ge=0, le=65535)]
# Empty in the environment: there is none.
OptionalPort = Annotated[Port | None, BeforeValidator(lambda typed: None if typed == "" else typed)]
ReadableFile = Annotated[Path | None, AfterValidator(setting_values.readable)]


class LogFormat(StrEnum):
    """How a log line is written."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """What is worth a log line."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class SmtpSecurity(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Settings(BaseSettings):
    """One instance a process, made in `cli.py` and handed down by `server.py`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    data: Path = Field(Path("var"), description="Folder of the database, messages, recordings.")
    database: Annotated[str | None, AfterValidator(setting_values.database)] = Field(
        None, description="SQLAlchemy URL; without it SQLite in the data folder."
    )

    keys: Path | None = Field(
        None,
        description="Folder of the recordings' keys; without it beside the data folder, "
        "`<data>.keys`.",
    )
    office_key: SecretStr | None = Field(
        None,
        description="Office key that wraps them, 64 hexadecimal digits; older ones behind it. "
        "Without it, it is made in that folder.",
    )
    office_key_file: Path | None = Field(None, description="A file that holds it instead.")

    sip_host: str = Field("0.0.0.0", description="Address to listen on; '::' listens on IPv6.")
    sip_udp_port: OptionalPort = Field(5060, description="UDP port; empty switches UDP off.")
    sip_tcp_port: OptionalPort = Field(5060, description="TCP port; empty switches TCP off.")
    sip_tls_port: Port = Field(5061, description="TLS port, used when a certificate is given.")
    tls_certificate: ReadableFile = Field(None, description="PEM chain for TLS and WSS.")
    tls_key: ReadableFile = Field(None, description="PEM private key of it.")
    tls_trust: ReadableFile = Field(
        None,
        description="PEM file of authorities that are trusted beside the system's, for providers "
        "over TLS whose certificate comes from an own one.",
    )
    dns: Annotated[str, AfterValidator(setting_values.dns)] = Field(
        "",
        description="DNS servers in place of the system's: numeric addresses with commas between, "
        "a port other than 53 behind the last one (`192.0.2.53:5353`).",
    )
    sip_ws_port: OptionalPort = Field(
        None, description="WebSocket port (RFC 7118); empty switches it off."
    )
    sip_wss_port: OptionalPort = Field(
        None, description="WebSocket port over TLS, with the certificate below; empty: off."
    )
    sip_ws_origins: str = Field(
        "",
        description="Web pages whose scripts may connect, `https://office.example`, with commas "
        "between; `*` is any. Empty: no browser, only clients that are no browsers.",
    )
    sip_contacts: int = Field(
        10, ge=1, le=100, description="Devices that may register for one extension."
    )
    sip_keepalive: float = Field(
        27.0,
        ge=0,
        description="Seconds between questions (OPTIONS) to phones behind NAT; others are asked "
        "half as often. 0: nobody is asked.",
    )
    public_address: Annotated[str | None, AfterValidator(setting_values.address)] = Field(
        None, description="Numeric address told to phones and providers beyond the router (NAT)."
    )
    realm: str = Field(
        "softswitch", description="Digest realm. Password hashes depend on it: keep it."
    )

    spared: Annotated[str, AfterValidator(setting_values.networks)] = Field(
        "127.0.0.1,::1",
        description="Addresses and networks, by commas, that are never dropped as scanners.",
    )

    session_expires: int = Field(
        1800, ge=0, description="Session timer asked for (RFC 4028), seconds; 0: only if asked."
    )
    session_minimum: int = Field(
        90, ge=90, description="Shortest session timer that is accepted, seconds."
    )

    rtp_low: Port = Field(16384, description="First UDP port for sound (even).")
    rtp_high: Port = Field(
        32767, validate_default=True, description="Last UDP port for sound, behind the first one."
    )
    media_workers: int = Field(
        1, ge=1, le=64, description="Processes for sound; one carries some hundred calls of a core."
    )
    media_spare: bool = Field(
        True, description="One more waits to take a dead one's place at once (25 MB of memory)."
    )

    media_native: bool = Field(
        True, description="The packet loop is compiled, once for each machine; else Python runs it."
    )
    media_native_cache: Path | None = Field(
        None,
        description="Folder of what is compiled, ours or root's alone; without it beside the "
        "sources or in the user's cache.",
    )

    reload_trial: float = Field(
        600,
        ge=0,
        description="Seconds in which a new version of the office file that makes things worse is "
        "taken back; 0: only where `reload --confirm-within` asks for it.",
    )

    smtp_host: str | None = Field(None, description="Mail server; without it mails wait.")
    smtp_port: Port = 587
    smtp_security: SmtpSecurity = SmtpSecurity.STARTTLS
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    smtp_sender: str = "softswitch@localhost"

    trace_days: float = Field(
        14, ge=0, description="Days for which calls' SIP messages are kept; 0 keeps none."
    )
    trace_megabytes: int = Field(
        200, ge=0, description="Room for them in the database, oldest out first; 0 keeps none."
    )

    metrics_host: str = "127.0.0.1"
    metrics_port: OptionalPort = Field(None, description="Prometheus port; empty switches it off.")

    log_level: Annotated[LogLevel, BeforeValidator(lambda typed: str(typed).lower())] = (
        LogLevel.INFO
    )
    log_format: LogFormat = LogFormat.CONSOLE

    @field_validator("rtp_high")
    @classmethod
    def _is_behind(cls, last: int, info: ValidationInfo) -> int:
        first = info.data.get("rtp_low", 0)
        if last <= first:
            told = say("no_rtp_ports", first=f"{first}", last=f"{last}")
            raise Slip(told, say("write_rtp_ports"))
        return last

    @property
    def keys_folder(self) -> Path:
        """Apart from the data folder, so that no copy of that one opens a recording."""
        data = self.data.absolute()
        return self.keys or data.with_name(f"{data.name}.keys")

    def given_office_key(self) -> str | None:
        """The office's key from the environment or its file; None: it lies with the others.

        Raises OSError.
        """
        if self.office_key is not None:
            return self.office_key.get_secret_value()
        return self.office_key_file.read_text() if self.office_key_file is not None else None

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database or f"sqlite+aiosqlite:///{self.data / 'softswitch.db'}"
