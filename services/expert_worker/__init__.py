"""Answers one task with a model of its category."""
