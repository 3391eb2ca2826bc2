"""Keeps replicas healthy: observe, decide, act."""
