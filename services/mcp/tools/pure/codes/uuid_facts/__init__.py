"""Facts encoded in a UUID."""
