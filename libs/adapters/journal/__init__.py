"""The journal in Postgres."""
