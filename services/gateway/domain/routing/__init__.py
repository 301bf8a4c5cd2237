"""Which model or mode serves a request."""
