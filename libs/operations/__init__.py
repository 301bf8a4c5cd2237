"""What operators do, without a command line: keys, budgets, dead letters, erasure."""
