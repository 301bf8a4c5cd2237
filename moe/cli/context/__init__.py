"""What commands find where they are called: settings, keys, stores, operators."""
