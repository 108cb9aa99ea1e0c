"""Durable jobs and their items."""
