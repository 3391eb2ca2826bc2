"""Building releases of a service, and the environments that they run in."""
