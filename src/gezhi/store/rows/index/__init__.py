"""Rows as indexes in memory."""
