"""What the gateway decides: pure and synchronous."""
