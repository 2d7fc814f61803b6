"""The keywords of JSON Schema: the eager check of a schema, and remarks on it that need no compiling.

It knows the form of every keyword, but not what values they admit (``reading``). Start with ``rules``,
the list of all keywords; what comes after ``schema_check`` may rely on the form of the schema.
"""
