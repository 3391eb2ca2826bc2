"""Migrations of the tables that chassis keeps in every service's database."""
