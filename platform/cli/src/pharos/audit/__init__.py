"""Checking that nothing was lost and nothing doubled: what all services keep, held against each other."""
