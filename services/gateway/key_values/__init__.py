"""What gateways note for each other, for a while."""
