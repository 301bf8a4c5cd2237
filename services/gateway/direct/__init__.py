"""Direct requests: requests that one model answers, proxied by the gateway itself."""
