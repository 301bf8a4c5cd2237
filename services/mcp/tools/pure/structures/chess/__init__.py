"""Chess positions and their legal moves."""
