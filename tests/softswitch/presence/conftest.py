"""The office in process, for the room as the server wires it."""

from tests.helpers.office_fixtures import line, office, own_line, patch_waits

__all__ = ["line", "office", "own_line", "patch_waits"]
