"""Faults made on purpose in a running system, and a verdict on what became of them."""
