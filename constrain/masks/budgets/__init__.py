"""What it costs to complete a text: in bytes, and in tokens. This package does not know masks.

Start at ``byte_costs.py``, which explains the questions and their order; ``token_costs.py`` counts the tokens of short
texts exactly.
"""
