"""What Python does once a packet, compiled from that same Python (docs/architecture.md)."""
