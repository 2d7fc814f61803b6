"""The schema as a document: what its references name, and the dialect that it is written in.

It knows identifiers, anchors and meta-schemas, and no other keywords. Start with ``document``; only
schemas with identifiers below the root need ``resources``.
"""
