"""The straight way: a request that one model answers, passed on by the gateway itself."""
