"""Readers of token bytes from all kinds of tokenizers: Hugging Face, transformers, SentencePiece, tiktoken, GGUF.

Start at ``tokenizer_json.py`` and ``decoder.py``. Each reader returns a ``TokenTable`` (``vocabulary/table.py``).
"""
