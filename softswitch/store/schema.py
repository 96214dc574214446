"""The tables of the store, as SQLAlchemy Core describes them.

Portable on purpose: text, big integers and floats only, so that SQLite and PostgreSQL hold the same
values. A moment is an integer: microseconds since 1970, UTC. It sorts, it is exact, and no driver
reads a time zone into it. Floor 5; knows nothing of SIP, routes or people.

`migrations/` brings an old database here, `create` makes a new one; `HEAD` names the newest
revision, and tests keep all of them equal.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

HEAD = "0007"

metadata = MetaData()
# Where Alembic looks for the revision of a database; its own table.
_REVISION = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
)

# What happened. The key is (call, id): a call lives on one node, whose ids only rise, so a line
# that is replayed from the journal meets itself and changes nothing.
events = Table(
    "events",
    metadata,
    Column("call", Text, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
    sqlite_with_rowid=False,
)

# One row a call, read from its events. `ended` is null while the call is up.
calls = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("started", BigInteger, nullable=False),
    Column("answered", BigInteger),
    Column("ended", BigInteger),
    Column("direction", Text, nullable=False),
    Column("number", Text),
    Column("name", Text),
    Column("called", Text),
    Column("trunk", Text),
    Column("device", Text),
    Column("result", Text),
    Column("handled_by", Text),
    Column("queue", Text),
    Column("wait", Float, nullable=False),
    Column("talk", Float, nullable=False),
    Column("message", Text),
    Column("recording", Text),
    Column("ended_by", Text),
    Column("status", Integer),
    Column("reason", Text),
    Column("forwarded", Text),
    # Both numbers from behind: who looks for a number knows its end, and an index its beginning.
    Column("number_reversed", Text),
    Column("called_reversed", Text),
)
Index("calls_started", calls.c.started)
# The newest of each person, number, queue or result are read off an index, however many there are.
for _column in ("handled_by", "number_reversed", "called_reversed", "queue", "result"):
    Index(f"calls_{_column}", calls.c[_column], calls.c.started)

# Where the phones are. `identity` is the instance with its reg-id, or the contact (RFC 5626 4.2).
bindings = Table(
    "bindings",
    metadata,
    Column("extension", Text, primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("contact", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("local_host", Text, nullable=False),
    Column("local_port", Integer, nullable=False),
    Column("remote_host", Text, nullable=False),
    Column("remote_port", Integer, nullable=False),
    Column("connection", BigInteger),
    Column("path", Text, nullable=False),
    Column("instance", Text),
    Column("reg_id", Integer),
    Column("q", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("call_id", Text, nullable=False),
    Column("cseq", BigInteger, nullable=False),
    Column("user_agent", Text),
    Column("registered", Float, nullable=False),
    Column("behind_nat", Integer),
    Column("away", Integer),
    Column("latency", Float),
)

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("mailbox", Text, nullable=False),
    Column("call", Text),
    Column("number", Text),
    Column("name", Text),
    Column("at", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("path", Text, nullable=False),
    Column("heard_at", BigInteger),
    Column("heard_by", Text),
    Column("handled_at", BigInteger),
    Column("handled_by", Text),
    Column("number_reversed", Text),
)
Index("messages_mailbox", messages.c.mailbox, messages.c.at)
Index("messages_number_reversed", messages.c.number_reversed)

mails = Table(
    "mails",
    metadata,
    Column("id", Text, primary_key=True),
    Column("recipients", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("missing", Text, nullable=False),
    Column("attachment", Text),
    Column("attachment_name", Text),
    Column("created", BigInteger, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try", BigInteger, nullable=False),
    Column("last_error", Text),
    Column("sent_at", BigInteger),
    Column("html", Text),
)
Index("mails_waiting", mails.c.sent_at, mails.c.next_try)

# Who watches what (RFC 6665): enough of each dialog to send the next NOTIFY after a restart.
# `notified` runs ahead of the truth by a gap, so that it is written seldom and never falls behind.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("local_tag", Text, primary_key=True),
    Column("remote_tag", Text, primary_key=True),
    Column("watcher", Text, nullable=False),
    Column("package", Text, nullable=False),
    Column("event_id", Text),
    Column("watched", Text, nullable=False),
    Column("local", Text, nullable=False),
    Column("remote", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("routes", Text, nullable=False),
    Column("secure", Integer, nullable=False),
    Column("transport", Text, nullable=False),
    Column("local_host", Text, nullable=False),
    Column("local_port", Integer, nullable=False),
    Column("remote_host", Text, nullable=False),
    Column("remote_port", Integer, nullable=False),
    Column("remote_cseq", BigInteger, nullable=False),
    Column("notified", BigInteger, nullable=False),
    Column("expires", Float, nullable=False),
)

# SIP messages of calls: one row for what one call said in a second or two. `data` is packed text
# (`trace/message.py`); the index answers age and size without reading it.
traces = Table(
    "traces",
    metadata,
    Column("call", Text, primary_key=True),
    Column("part", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("data", Text, nullable=False),
)
Index("traces_age", traces.c.at, traces.c.size)

# What people have set for themselves: one row a person and setting, on or off.
standing = Table(
    "standing",
    metadata,
    Column("extension", Text, primary_key=True),
    Column("setting", Text, primary_key=True),
    Column("is_on", Integer, nullable=False),
    Column("target", Text),
    Column("seconds", Float),
    Column("until", BigInteger),
    Column("since", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
)

# What is switched on by hand; what is off has no row.
switches = Table(
    "switches",
    metadata,
    Column("name", Text, primary_key=True),
    Column("until", BigInteger),
    Column("since", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
)

# Whom the office must call back, and has: one row a run of attempts of one number.
callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Text),
    Column("name", Text),
    Column("owner", Text),
    Column("is_asked", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("called", Text),
    Column("queue", Text),
    Column("message", Text),
    Column("due", BigInteger),
    Column("escalate", BigInteger),
    Column("escalated", BigInteger),
    Column("closed", BigInteger),
    Column("reason", Text),
    Column("closed_by", Text),
    Column("closing_call", Text),
)
Index("callbacks_open", callbacks.c.closed, callbacks.c.due)
Index("callbacks_reason", callbacks.c.reason)

# What became of each inbound call without a talk: an item, or why there is none.
callback_calls = Table(
    "callback_calls",
    metadata,
    Column("call", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("item", Text),
)

# Text messages between phones that wait for their recipient's phone; never for long. Moments are
# seconds since 1970, `body` is base64.
texts = Table(
    "texts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("recipient", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
)

# What was recorded of calls. `path` from the data folder; the keys lie elsewhere (`vault/`), so an
# erased row and any older copy of it open nothing. `gaps` and `hear` are JSON.
recordings = Table(
    "recordings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("call", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("seconds", Float),
    Column("path", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("basis", Text),
    Column("hear", Text, nullable=False),
    Column("notice", Text, nullable=False),
    Column("direction", Text, nullable=False),
    Column("number", Text),
    Column("called", Text),
    Column("person", Text),
    Column("queue", Text),
    Column("keep_until", BigInteger, nullable=False),
    Column("gaps", Text),
    Column("how", Text),
    Column("hold", Text),
    Column("held_by", Text),
    Column("erased", BigInteger),
    Column("erased_by", Text),
    Column("erased_why", Text),
    Column("number_reversed", Text),
    Column("called_reversed", Text),
)
Index("recordings_call", recordings.c.call)
Index("recordings_started", recordings.c.started)
for _column in ("person", "number_reversed", "called_reversed", "queue"):
    Index(f"recordings_{_column}", recordings.c[_column], recordings.c.started)
Index("recordings_due", recordings.c.erased, recordings.c.keep_until)

# Who heard, exported, held or erased what: a chain (`vault/chain.py`).
audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("by", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("seal", Text, nullable=False),
)


def create(connection: Connection) -> None:
    """All tables in a database that has none, as the migrations would leave them."""
    metadata.create_all(connection)
    _REVISION.create(connection)
    connection.execute(_REVISION.insert().values(version_num=HEAD))


def to_micros(at: datetime) -> int:
    """An aware moment as the store keeps it: microseconds since 1970, UTC."""
    # Rounded: a float of seconds holds each microsecond until 2106, but some a hair below.
    return round(at.timestamp() * 1_000_000)


def from_micros(micros: int) -> datetime:
    """The aware UTC moment of a stored number."""
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def moment(micros: int | None) -> datetime | None:
    """`from_micros`, with null kept."""
    return None if micros is None else from_micros(micros)


def micros(at: datetime | None) -> int | None:
    """`to_micros`, with None kept."""
    return None if at is None else to_micros(at)
