"""Which modules are compiled, and how. Everything else about the package is in ``pyproject.toml``.

``CONSTRAIN_CHECKED=1 pip install .`` builds with bounds, overflow and ``None`` checks, so that an
error of index arithmetic raises instead of reading foreign memory; CI runs the suite on both.
"""

import os

from Cython.Build import cythonize
from setuptools import Extension, setup

# Hot modules: typed, with a .pxd beside them.
HOT = [
    "constrain/work.py",
    "constrain/expression/interning.py",
    "constrain/expression/inclusion.py",
    "constrain/expression/alternatives.py",
    "constrain/expression/text_sets.py",
    "constrain/expression/arena.py",
    "constrain/engine/edges.py",
    "constrain/engine/derivative.py",
    "constrain/vocabulary/packed.py",
    "constrain/vocabulary/segmentation.py",
    "constrain/vocabulary/trie.py",
    "constrain/masks/bitmask.py",
    "constrain/masks/bounded.py",
    "constrain/masks/captures.py",
    "constrain/masks/characters.py",
    "constrain/masks/claims.py",
    "constrain/masks/costs.py",
    "constrain/masks/prices.py",
    "constrain/masks/counted.py",
    "constrain/masks/dead_ends.py",
    "constrain/masks/horizons.py",
    "constrain/masks/leaf.py",
    "constrain/masks/leaf_mask.py",
    "constrain/masks/loops.py",
    "constrain/masks/masker.py",
    "constrain/masks/records.py",
    "constrain/masks/runs.py",
    "constrain/masks/score_rows.py",
    "constrain/masks/shapes.py",
    "constrain/masks/walker.py",
    "constrain/automaton.py",
    "constrain/steps.py",
    "constrain/matcher.py",
]

CHECKED = os.environ.get("CONSTRAIN_CHECKED") == "1"

DIRECTIVES = {
    "language_level": "3",
    "boundscheck": CHECKED,
    "wraparound": False,
    "initializedcheck": CHECKED,
    "nonecheck": CHECKED,
    "overflowcheck": CHECKED,
    "cdivision": True,
    "embedsignature": True,
    "annotation_typing": True,
    "auto_pickle": False,  # arrays and indexes of one process mean nothing in another
}


def extension(path: str) -> Extension:
    name = path.removesuffix(".py").replace("/", ".")
    arguments = ["/O2"] if os.name == "nt" else ["-O2", "-g0"]
    return Extension(name, [path], extra_compile_args=arguments)


if __name__ == "__main__":  # where processes are spawned, those of `nthreads` import this file again
    setup(
        ext_modules=cythonize(
            [extension(path) for path in HOT],
            # Apart, because a C file is made anew when its source has changed, not when directives have.
            build_dir="build/c-checked" if CHECKED else "build/c",
            compiler_directives=DIRECTIVES,
            nthreads=0 if os.name == "nt" else 2,
        ),
        options={"build_ext": {"parallel": os.name != "nt"}},
    )
