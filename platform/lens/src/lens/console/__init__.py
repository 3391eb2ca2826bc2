"""The web console: its pages, and what they ask beside Jaeger's and Loki's reads."""
