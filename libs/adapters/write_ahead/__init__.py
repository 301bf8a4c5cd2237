"""Requests and replies, stored before they are on the log."""
