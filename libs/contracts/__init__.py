"""Messages of the fleet, one module per area. A message is frozen; its value on the wire is its payload alone."""
