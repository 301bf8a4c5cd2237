"""Joins: aggregates folded from the log."""
