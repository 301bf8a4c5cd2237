"""The gateway: from HTTP to the first record, and from the final event back to HTTP."""
