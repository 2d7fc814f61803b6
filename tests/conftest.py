"""Hypothesis draws the same examples in every run, so that the suite gives everyone the same answer.

``pytest --hypothesis-profile default`` draws new ones, and keeps those that fail.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")
