"""Turns a question into the parts of a plan; pure."""
