"""Alembic's folder: one file a revision, run by `softswitch/store/migrate.py`."""
