"""What the vocabulary can spell of a language.

A mask leads into a dead end where a text can go on but no tokens can. So a constraint is on the texts that some
sequence of tokens spells: the others are taken out of the language when it is compiled. Where every byte is a token,
nothing is.

Reading order: ``atoms``; ``skeleton`` (what the structure of an expression tells) with ``suppliers`` and ``tables``;
``liveness`` (whether anything is left of a part) with ``texts``; ``restriction``. ``lost`` says in words what is taken
out, with ``characters``. ``fewest`` is what is done where the atoms are not such that this is possible.
"""

from constrain.spelling.atoms import Alphabet, alphabet_of
from constrain.spelling.fewest import Viability
from constrain.spelling.lost import Unspellable, lost
from constrain.spelling.start import names_in, start_of

__all__ = ["Alphabet", "Unspellable", "Viability", "alphabet_of", "lost", "names_in", "start_of"]
