"""The tools over HTTP: authentication, limits, REST routes and MCP transports."""
