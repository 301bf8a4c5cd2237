"""What of a partition is done, and what may be committed."""
