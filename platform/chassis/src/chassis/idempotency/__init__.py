"""Idempotency-Key."""
