"""Running recorded work again: to verify it, to ask what would have been otherwise, to look into it."""
