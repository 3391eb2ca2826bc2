"""Orders, and the saga that carries each of them to its end."""
