"""Embedded telemetry store, its reads, and the mail sink."""
