"""Which modules are compiled, and how. Everything else about the package is in ``pyproject.toml``.

``CONSTRAIN_CHECKED=1 pip install .`` builds with bounds, overflow and ``None`` checks, so that an
error of index arithmetic raises instead of reading foreign memory; CI runs the suite on both.

Three more builds are made by scripts that also run them: ``CONSTRAIN_SANITIZED=1`` by ``.ci/sanitize``, with
AddressSanitizer and UndefinedBehaviorSanitizer; ``CONSTRAIN_TRACED=1`` by ``.ci/coverage``, which tells a tracing tool
each line that runs; and ``CONSTRAIN_FUZZED=1`` by ``.ci/fuzz``, a checked build that tells libFuzzer each edge.
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
    "constrain/masks/bits/bitmask.py",
    "constrain/masks/leaves/bounded.py",
    "constrain/masks/walk/captures.py",
    "constrain/masks/leaves/character_sets.py",
    "constrain/masks/leaves/arithmetic_states.py",
    "constrain/masks/budgets/allowance.py",
    "constrain/masks/budgets/byte_costs.py",
    "constrain/masks/budgets/token_costs.py",
    "constrain/masks/leaves/character_run.py",
    "constrain/masks/leaves/safe_distance.py",
    "constrain/masks/leaves/counter_relaxation.py",
    "constrain/masks/leaves/leaf.py",
    "constrain/masks/leaves/leaf_mask.py",
    "constrain/masks/leaves/loops.py",
    "constrain/masks/walk/masker.py",
    "constrain/masks/walk/records.py",
    "constrain/masks/leaves/character_run_cache.py",
    "constrain/masks/bits/score_rows.py",
    "constrain/masks/leaves/leaf_classes.py",
    "constrain/masks/walk/alternatives.py",
    "constrain/masks/walk/collected.py",
    "constrain/masks/walk/derivatives.py",
    "constrain/masks/walk/leaf_walk.py",
    "constrain/masks/walk/walk.py",
    "constrain/decoding/automaton.py",
    "constrain/decoding/steps.py",
    "constrain/decoding/matcher.py",
]

FUZZED = os.environ.get("CONSTRAIN_FUZZED") == "1"
CHECKED = FUZZED or os.environ.get("CONSTRAIN_CHECKED") == "1"
SANITIZED = os.environ.get("CONSTRAIN_SANITIZED") == "1"
TRACED = os.environ.get("CONSTRAIN_TRACED") == "1"

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
    "linetrace": TRACED,
}

# Python itself is compiled with -fwrapv, and hands it on to extensions; without it, overflow of signed numbers is
# reported. Both compilers leave conversions of numbers with a point out of their `undefined`. A report of undefined
# behaviour ends nothing, so that one run finds all; the script fails for it.
SANITIZERS = [
    "-fsanitize=address,undefined,float-cast-overflow",
    "-fsanitize-recover=undefined,float-cast-overflow",
    "-fno-omit-frame-pointer",
    "-fno-wrapv",
]

# Clang only: edges and comparisons are reported to functions that the fuzzer brings along. AddressSanitizer sees what
# is reached by an address, which the checks of Cython do not.
FUZZING = ["-fsanitize=fuzzer-no-link,address", "-fno-omit-frame-pointer"]


def compiler_arguments() -> list[str]:
    if FUZZED:
        return [*FUZZING, "-gline-tables-only", "-O1"]
    if SANITIZED:
        return [*SANITIZERS, "-g", "-O1"]
    if TRACED:
        return ["-O1", "-g0", "-DCYTHON_TRACE_NOGIL=1"]  # which implies CYTHON_TRACE
    return ["/O2"] if os.name == "nt" else ["-O2", "-g0"]


def extension(path: str) -> Extension:
    name = path.removesuffix(".py").replace("/", ".")
    link = SANITIZERS if SANITIZED else []
    return Extension(name, [path], extra_compile_args=compiler_arguments(), extra_link_args=link)


def folder_of_c() -> str | None:
    """Apart for each build, because a C file is made anew when its source has changed, not when directives have.

    Of a traced build the C files lie beside the sources, where the plugin of coverage.py looks for them.
    """
    if TRACED:
        return None
    return "build/c-checked" if CHECKED else "build/c"


if __name__ == "__main__":  # where processes are spawned, those of `nthreads` import this file again
    setup(
        ext_modules=cythonize(
            [extension(path) for path in HOT],
            build_dir=folder_of_c(),
            compiler_directives=DIRECTIVES,
            nthreads=0 if os.name == "nt" else 2,
        ),
        options={"build_ext": {"parallel": os.name != "nt"}},
    )
