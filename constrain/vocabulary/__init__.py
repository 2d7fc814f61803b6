"""Tokenizer -> token bytes.

Reading order: ``vocabulary.py`` (what comes out), ``tokenizer_json.py`` and ``decoder.py`` (Hugging Face
files), ``generation_config.py`` (where texts end), ``transformers_tokenizer.py``, ``sentencepiece_model.py``,
``tiktoken_encoding.py`` and ``gguf.py`` (the other sources), ``selftest.py`` (the proof), ``cache.py`` and
``packed.py`` (what is kept on disk), ``trie.py`` (the form that masks are computed from).
"""

from constrain.vocabulary.vocabulary import Vocabulary

__all__ = ["Vocabulary"]
