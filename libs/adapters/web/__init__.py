"""Clients of the public web, and HTTP on the wire."""
