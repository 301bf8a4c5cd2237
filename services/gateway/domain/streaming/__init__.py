"""The stream of one reply."""
