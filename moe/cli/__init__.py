"""Operator commands, one module each. Heavy imports happen when a command runs."""
