"""Rate limits and budgets, as clients see them."""
