"""Context of operator commands: settings, keys, stores, operator names."""
