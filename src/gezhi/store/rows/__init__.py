"""The SQL of the store, shared by all engines."""
