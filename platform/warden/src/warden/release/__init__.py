"""Releases of one service: what was built, which of them serves, and how one takes the place of another."""
