"""Child processes that serve all tests of a file, though one of the tests started them.

Whoever starts one notes it here; `tests/conftest` then does not ask the test for it.
"""

kept_processes: set[int] = set()
