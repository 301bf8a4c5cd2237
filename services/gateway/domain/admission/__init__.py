"""Which requests are admitted, and when."""
