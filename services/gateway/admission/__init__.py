"""Permits and queues."""
