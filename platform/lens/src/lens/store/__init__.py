"""The SQLite store: one writer thread, many read connections."""
