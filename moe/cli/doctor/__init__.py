"""`moe doctor`."""
