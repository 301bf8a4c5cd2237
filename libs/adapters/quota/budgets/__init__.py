"""Budgets of users and teams: set aside in chunks, spent locally, settled by the books."""
