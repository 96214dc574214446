"""Routes as pictures: what is drawn (`picture`), where it stands (`layers`, `lines`), and how it is
written down: `svg` for people, `mermaid` for other programs. Pure text, no file is touched."""
