"""The facts that a UUID tells."""
