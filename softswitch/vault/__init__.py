"""What is kept under a key: the office's key, a key for each recording, the chain of who heard."""
