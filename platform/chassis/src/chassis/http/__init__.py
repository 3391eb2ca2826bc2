"""What stands between Litestar and the parts of chassis that do not know it."""
