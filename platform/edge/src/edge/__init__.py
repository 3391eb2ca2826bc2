"""The one public port in front of the services."""
