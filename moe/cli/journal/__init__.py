"""Journal commands: audits, erasures, legal holds."""
