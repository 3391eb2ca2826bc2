"""Who is calling: service tokens, user tokens, and what either of them opens. Imports no web framework by itself."""
