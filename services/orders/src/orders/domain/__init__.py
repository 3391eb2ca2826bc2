"""The business of orders: the standard library only."""
