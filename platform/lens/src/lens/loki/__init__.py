"""Loki's reads (`/loki/api/v1/…`, as Loki 3 answers for lines that came by OTLP) for a subset of LogQL."""
