"""JMESPath over strict JSON."""
