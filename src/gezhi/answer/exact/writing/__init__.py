"""Queries that a chat model writes, held to what exists and put right by rules."""
