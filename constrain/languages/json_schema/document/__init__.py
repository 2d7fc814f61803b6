"""The schema as a document: what its references name, and the dialect that it is written in.

It knows identifiers, anchors and meta-schemas, and of the other keywords nothing. Start with ``document``; only
schemas with identifiers below the root need ``resources``.
"""
