"""Worker processes of tools: pool, fork server, protocol, isolation."""
