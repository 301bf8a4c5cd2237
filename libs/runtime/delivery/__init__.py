"""One record, one handler: attempts, retries, dead letters."""
