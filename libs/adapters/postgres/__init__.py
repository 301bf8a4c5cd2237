"""Postgres: addresses, connections, roles, sessions, migrations."""
