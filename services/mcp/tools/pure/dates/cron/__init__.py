"""The next runs of a cron expression."""
