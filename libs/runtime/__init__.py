"""How a service runs: consuming without loss, one policy, one way to start and to stop."""
