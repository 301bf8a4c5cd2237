"""What became of a response, wherever it was answered."""
