"""`moe dlq`."""
