"""Exact arithmetic: tokens, tree, exact values, intervals for what is irrational."""
