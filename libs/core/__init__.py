"""Ids, clock, errors and text rules. Standard library only."""
