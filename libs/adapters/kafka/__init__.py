"""Topics of a broker, compared with the declared ones."""
