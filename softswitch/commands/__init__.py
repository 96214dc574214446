"""What `softswitch`'s commands read and print; the commands themselves are in `cli.py`."""
