"""Text messages between the phones of the office (RFC 3428, pager mode)."""
