"""Sources of parts: one module a kind, which defines `SOURCE`."""
