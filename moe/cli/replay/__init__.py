"""`moe replay`."""
