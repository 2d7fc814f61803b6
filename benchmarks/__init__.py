"""Benchmarks: real JSON Schemas replayed token by token on several engines. See ``README.md``.

In the order data flows: ``data`` reads schemas and tokenises instances, ``worker`` runs one engine in its
own process, ``replay`` times it, ``results`` holds what was measured, ``summary`` reduces it, ``report``
prints it. ``maskbench`` is the command that does all of this.
"""
