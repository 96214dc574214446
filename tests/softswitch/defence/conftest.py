"""An office for each test file, phones for each test, and at each end the proof of calm."""

from tests.helpers.office_fixtures import line, office, own_line, patch_waits

__all__ = ["line", "office", "own_line", "patch_waits"]
