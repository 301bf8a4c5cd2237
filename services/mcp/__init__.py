"""The mcp service: deterministic tools, each run in a killable worker process."""
