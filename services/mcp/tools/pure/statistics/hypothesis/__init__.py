"""Tests of hypotheses by name."""
