"""Names in texts: found, made comparable, and resolved."""
