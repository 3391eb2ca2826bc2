from lens_store import pharos, store

__all__ = ["pharos", "store"]
