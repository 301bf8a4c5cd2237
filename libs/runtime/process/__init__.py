"""A process: its services, subscriptions, probes."""
