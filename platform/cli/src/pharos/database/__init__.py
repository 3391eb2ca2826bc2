"""The life of one service's database: migrating it, backing it up, restoring it; in either mode."""
