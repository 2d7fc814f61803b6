"""What it costs to complete a text: in bytes, and in tokens. Knows no masks.

Start at ``byte_costs.py``, which says what is asked and in which order; ``token_costs.py`` prices short texts exactly.
"""
