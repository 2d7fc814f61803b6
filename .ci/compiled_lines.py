"""What coverage.py has recorded of compiled modules, for ``.ci/coverage``: ``python compiled_lines.py SETTINGS LEAST``.

Prints how many lines of each module have run, and which have not of modules with less than LEAST per cent.

While tests run, coverage.py takes these modules for Python's own: the lines that Cython reports are those of the
sources, and a plugin asked for each of them makes it several times slower. Which lines there are to run is only known
from the C files, so the plugin of Cython that reads them is named afterwards.
"""

from __future__ import annotations

import sys
from pathlib import Path

import coverage

import setup

PLUGIN = "Cython.Coverage.Plugin"


def main(settings: str, least: float) -> None:
    measured = coverage.Coverage(config_file=settings)
    measured.load()
    data = measured.get_data()
    found = data.measured_files()
    data.add_file_tracers({path: PLUGIN for path in found if not data.file_tracer(path)})
    data.write()
    paths = {path: str(Path(path).resolve()) for path in setup.HOT}
    never = [path for path, absolute in paths.items() if absolute not in found]
    measured.report(morfs=[path for path in paths.values() if path in found], sort="cover")
    measured.html_report()
    print(f"\nbelow {least:g} %:")
    for path, absolute in paths.items():
        if absolute in found:
            _, lines, _, missing, ranges = measured.analysis2(absolute)
            share = 100 * (1 - len(missing) / max(len(lines), 1))
            if share < least:
                print(f"{path}: {share:.1f} %, without lines {ranges}")
    for path in never:
        print(f"{path}: nothing")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
