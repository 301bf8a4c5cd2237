"""The lines in which two texts differ."""
