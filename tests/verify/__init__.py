"""The proofs of docs/proofs.md: what holds under faults, with figures."""
