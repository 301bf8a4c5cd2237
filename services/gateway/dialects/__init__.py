"""The clients' protocols, a package each: pure translations from their bodies and into their frames."""
