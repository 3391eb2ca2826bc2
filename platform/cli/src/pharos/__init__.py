"""The pharos command."""
