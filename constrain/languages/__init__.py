"""Front ends: from source text to ``Grammar``. They know bytes and expressions, but not tokens."""
