"""The commands `backup` and `restore`. The store's libraries are imported when one of them runs."""

from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from softswitch.commands.asker import asker
from softswitch.commands.speech import LangOption
from softswitch.commands.terminal import DataOption, when
from softswitch.wording import say

if TYPE_CHECKING:
    from softswitch.backup import Manifest


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write, `office-2026-12-24.tar.gz`.")],
    data: DataOption = None,
    office: Annotated[
        Path | None, typer.Option(help="The office's file: its folder goes in too.")
    ] = None,
    lang: LangOption = None,
) -> None:
    """Everything of an office in one file, while it runs; from SQLite and PostgreSQL alike.

    Recordings stay sealed in it: their keys lie elsewhere and are to be kept elsewhere.
    """
    from softswitch.backup import BackupError, make_backup
    from softswitch.store.ports import StoreError

    who = asker(data, lang)
    settings = who.settings
    try:
        manifest = make_backup(target, settings.database_url, settings.data, office)
    except (BackupError, StoreError, OSError) as error:
        raise who.give_up(error) from None
    size = f"{target.stat().st_size / 1_000_000:.1f}"
    who.tell(say("backup_made", file=str(target), size=size, made=_made(manifest, who.zone)))


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `softswitch backup` wrote.")],
    data: DataOption = None,
    lang: LangOption = None,
) -> None:
    """Bring a backup back, into a new data folder and a new database."""
    from softswitch.backup import BackupError, restore_backup
    from softswitch.store.ports import StoreError

    who = asker(data, lang)
    settings = who.settings
    try:
        restored = restore_backup(source, settings.database_url, settings.data)
    except (BackupError, StoreError, OSError) as error:
        raise who.give_up(error) from None
    made, folder = _made(restored.manifest, who.zone), str(settings.data)
    rows, files = restored.rows, restored.files
    who.tell(say("backup_restored", rows=rows, files=files, made=made, folder=folder))


def _made(manifest: "Manifest", zone: tzinfo | None) -> str:
    return when(datetime.fromisoformat(manifest.made), zone)


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    app.command()(backup)
    app.command()(restore)
