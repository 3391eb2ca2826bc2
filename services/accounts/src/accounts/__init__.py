"""Customers, log-in and end-user tokens."""
