"""Hypothesis draws the same examples in every run, so that the suite gives everyone the same answer.

``pytest --hypothesis-profile default`` draws new ones, and keeps those that fail.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("repeatable")

os.environ["CONSTRAIN_CACHE"] = ""  # tests neither use the cache of whoever runs them, nor fill it
