"""Checks the answers that could hurt somebody."""
