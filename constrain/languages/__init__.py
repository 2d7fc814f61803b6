"""Front ends: text in, ``Grammar`` out. They know bytes and expressions, and nothing of tokens."""
