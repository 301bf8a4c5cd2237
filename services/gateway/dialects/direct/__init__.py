"""Direct answers of one model in each protocol."""
