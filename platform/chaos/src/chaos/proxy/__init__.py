"""A TCP proxy on loopback that does to connections what networks do."""
