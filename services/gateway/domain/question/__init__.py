"""Conversion of a request into a question for the fleet."""
