"""Budgets of users and teams: leased by gateways, spent locally, settled by the usage store."""
