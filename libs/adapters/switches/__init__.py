"""Tool switches, in a file or in Postgres."""
