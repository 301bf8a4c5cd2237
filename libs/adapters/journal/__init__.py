"""Adapters of the Postgres journal."""
