"""Catalogue, stock and reservations."""
