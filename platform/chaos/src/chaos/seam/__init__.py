"""A service's process with a seam: faults can be made at its HTTP handlers, its event loop, its memory and its clock.

Only ``python -m chaos.seam SERVICE`` has it; ``python -m SERVICE`` knows nothing of it.
"""
