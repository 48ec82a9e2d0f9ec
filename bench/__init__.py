"""How fast the API is, compared with what this very machine allows at this very moment."""
