"""The gateway: accepts HTTP requests, publishes them to the fleet, and sends the answers."""
