"""From tokenizers to token bytes. This layer does not know languages.

Start at ``vocabulary.py`` (the result), then ``readers/`` (the sources, from ``tokenizer_json.py`` on).
``selftest.py`` proves each vocabulary against its tokenizer, ``cache.py`` and ``packed.py`` keep it on disk,
``trie.py`` is the form that masks are computed from, ``segmentation.py`` finds the fewest tokens that spell a text.
"""

from constrain.vocabulary.vocabulary import Vocabulary

__all__ = ["Vocabulary"]
