"""Whether a text is well-formed JSON, YAML, XML or CSV, and fits a JSON Schema."""
