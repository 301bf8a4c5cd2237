"""Colours in their notations."""
