"""Jaeger's query API (its UI's `/api/…` reads, as Jaeger 2.13 answers them)."""
