"""Payments and their double-entry ledger."""
