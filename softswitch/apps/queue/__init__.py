"""Queues: a line of callers (`line`), who is rung next (`strategy`), and the room (`room`)."""
