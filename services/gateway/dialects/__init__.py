"""The protocols of the clients, a package each: pure translations from their bodies and into their frames."""
