"""Docker mode: the parts as containers of ``compose.yaml``."""
