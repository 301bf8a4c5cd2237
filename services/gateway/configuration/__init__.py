"""The gateway's settings, in groups, each with the policies built from it."""
