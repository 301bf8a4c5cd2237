"""Business days between two dates, or from one on."""
