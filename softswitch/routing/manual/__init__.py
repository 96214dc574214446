"""The language of office files, described from its own declarations: for editors as JSON Schema
(`schema`), for people as Markdown (`pages`). What a verb or a field says of itself is said once."""
