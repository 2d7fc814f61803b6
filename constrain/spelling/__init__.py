"""The part of a language that a vocabulary can spell.

A mask leads into a dead end where a text can go on but no token spells its continuation. So a constraint admits only
the texts that some sequence of tokens spells: the others are removed from the language when it is compiled. Where every
byte is a token, nothing is removed.

Reading order: ``atoms``; ``skeleton`` (what the structure of an expression tells) with ``suppliers`` and ``tables``;
``liveness`` (whether anything is left of a part) with ``texts``; ``restriction``. ``lost`` says in words what is
removed, with ``characters``. ``fewest`` is the fallback for vocabularies whose atoms do not permit this.
"""

from constrain.spelling.atoms import Alphabet, alphabet_of
from constrain.spelling.fewest import Viability
from constrain.spelling.lost import Unspellable, lost
from constrain.spelling.start import names_in, start_of

__all__ = ["Alphabet", "Unspellable", "Viability", "alphabet_of", "lost", "names_in", "start_of"]
