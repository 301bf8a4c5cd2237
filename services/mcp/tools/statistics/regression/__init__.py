"""Least-squares regression."""
