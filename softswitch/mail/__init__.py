"""Mails of the office: composed here, kept in the store's outbox, sent when a server takes them."""
