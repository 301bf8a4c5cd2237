"""Files generated from contracts, wiring and settings. `make generate` writes them, `make check` compares."""
