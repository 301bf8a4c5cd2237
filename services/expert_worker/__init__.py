"""The expert worker service: answers one task with a model of its category."""
