"""Typed tables in the store."""
