"""Exact arithmetic: tokens, tree, exact values, intervals for irrational numbers."""
