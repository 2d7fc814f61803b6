"""Ready-made grammars in Lark's syntax, and ``common``, the terminals that others import."""
