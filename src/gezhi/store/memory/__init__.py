"""The derived indexes in memory: caches of rows, never the truth."""
