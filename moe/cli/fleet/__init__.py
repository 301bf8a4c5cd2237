"""Commands that start and set up a fleet."""
