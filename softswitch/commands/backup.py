"""The commands `backup` and `restore`. The store's libraries are imported when one of them runs."""

from pathlib import Path
from typing import Annotated

import typer

from softswitch.commands.terminal import DataOption, give_up, out, process_settings


def backup(
    target: Annotated[Path, typer.Argument(help="The file to write, `office-2026-12-24.tar.gz`.")],
    data: DataOption = None,
    office: Annotated[
        Path | None, typer.Option(help="The office's file: its folder goes in too.")
    ] = None,
) -> None:
    """Everything of an office in one file, while it runs; from SQLite and PostgreSQL alike.

    Recordings stay sealed in it: their keys lie elsewhere and are to be kept elsewhere.
    """
    from softswitch.backup import BackupError, make_backup
    from softswitch.store.ports import StoreError

    settings = process_settings(data)
    try:
        manifest = make_backup(target, settings.database_url, settings.data, office)
    except (BackupError, StoreError, OSError) as error:
        raise give_up(error) from None
    size = target.stat().st_size / 1_000_000
    out.print(f"{target}: {size:.1f} MB, of {manifest.made}", highlight=False, soft_wrap=True)


def restore(
    source: Annotated[Path, typer.Argument(help="A file that `softswitch backup` wrote.")],
    data: DataOption = None,
) -> None:
    """Bring a backup back, into a new data folder and a new database."""
    from softswitch.backup import BackupError, restore_backup
    from softswitch.store.ports import StoreError

    settings = process_settings(data)
    try:
        restored = restore_backup(source, settings.database_url, settings.data)
    except (BackupError, StoreError, OSError) as error:
        raise give_up(error) from None
    text = f"{restored.rows} rows and {restored.files} files of {restored.manifest.made}"
    out.print(f"{text} are in {settings.data}", highlight=False, soft_wrap=True)


def add_commands(app: typer.Typer) -> None:
    """Make them commands of the program."""
    app.command()(backup)
    app.command()(restore)
