"""Directory commands: tenants, users, keys, templates, budgets."""
