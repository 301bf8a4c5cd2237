"""The public web, and HTTP on the wire."""
