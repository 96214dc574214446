"""The store: event log, history, registrations, messages and mails, on SQLite or PostgreSQL.

`database.py` is the front door. Writes go through one task and never fail a call (`writer.py`);
while the database is away they lie in a journal file (`journal.py`). Exceptions:
`ports.StoreError`, raised by reading only; `connection.DatabaseDown` stays inside.
"""
