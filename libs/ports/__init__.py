"""Protocols for the systems outside a service. Adapters and fakes implement them."""
