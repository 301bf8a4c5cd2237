"""Commands for the journal: audits, erasures, legal holds."""
