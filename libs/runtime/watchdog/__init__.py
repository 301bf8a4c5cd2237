"""Watchdogs over handlers and the event loop."""
