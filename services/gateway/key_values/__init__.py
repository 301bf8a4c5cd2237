"""State that gateways share in the key-value store, with a limited lifetime."""
