"""What an expert is told, and how its answer is read. Pure."""
