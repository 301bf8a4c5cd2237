"""Messages and records: codec, signatures, bus, publisher."""
