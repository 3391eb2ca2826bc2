"""Asking for traces and logs: Jaeger's and Loki's HTTP reads, which lens answers in embedded mode."""
