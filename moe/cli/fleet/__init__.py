"""Commands that set up and start a fleet."""
