"""Which ways callers took through the routes: how often each node was left by each outcome."""

import json
from collections import Counter
from datetime import datetime

from sqlalchemy import select

from softswitch.store.ports import Shelf
from softswitch.store.schema import events, to_micros

# A busy office's month; of more, the newest tell enough.
MOST = 500_000


async def ways_taken(shelf: Shelf, since: datetime) -> Counter[tuple[str, str]]:
    """(node, outcome) → how often, since an aware moment. Raises StoreError."""
    query = (
        select(events.c.data)
        .where(events.c.kind == "route.left", events.c.at >= to_micros(since))
        .order_by(events.c.at.desc())
        .limit(MOST)
    )
    told = (json.loads(row.data) for row in await shelf.read(query))
    return Counter((str(one.get("node")), str(one.get("outcome"))) for one in told)
