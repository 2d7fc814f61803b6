"""Tokenizer -> token bytes.

Reading order: ``vocabulary.py`` (what comes out), ``tokenizer_json.py`` and ``decoder.py`` (Hugging Face
files), ``transformers_tokenizer.py``, ``sentencepiece_model.py`` and ``tiktoken_encoding.py`` (the other
sources), ``selftest.py`` (the proof), ``cache.py`` and ``packed.py`` (what is kept on disk), ``trie.py`` (the form that
masks are computed from).
"""

from constrain.vocabulary.vocabulary import Vocabulary

__all__ = ["Vocabulary"]
