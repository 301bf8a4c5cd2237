"""Commands for the directory: tenants, users, keys, templates, budgets."""
