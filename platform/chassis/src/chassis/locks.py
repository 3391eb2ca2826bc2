"""The advisory locks of a service's database, known also to commands that need nothing else of the database layer."""

from typing import Final

MIGRATION: Final = 0x7068_6172_6F73
"""Held by migrations and backups ("pharos"); each service has its own database and so its own lock."""
