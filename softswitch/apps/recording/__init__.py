"""Recording of talks: by policy, after a notice, never of who is privileged."""
