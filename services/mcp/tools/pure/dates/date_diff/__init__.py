"""The distance between two calendar dates."""
