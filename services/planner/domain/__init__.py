"""How a question becomes parts. Pure."""
