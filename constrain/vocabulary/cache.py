"""Files that are kept between processes: vocabularies as they were read before.

When should I use this? Where reading a source again gives the same bytes as before, and takes long. A file is named by
a hash of everything that its content was made from, so it is never out of date, only unused:

* the bytes of the source, and every argument that matters (``key_of``);
* the code that read it: all modules of this package. No number has to be raised when one of them changes.

A file begins with ``MAGIC`` and a checksum that depends on its key as well, so a file that is cut short, damaged or
renamed is detected and made anew. Files are written under another name and then moved to their place: processes that
start together see a whole file or none. Where nothing can be read or written, nothing is kept, and everything else
works.
"""

from __future__ import annotations

import logging
import os
from functools import cache
from hashlib import blake2b
from pathlib import Path

__all__ = ["VARIABLE", "folder", "key_of", "load", "store"]

VARIABLE = "CONSTRAIN_CACHE"
"""The environment variable that names the folder. Empty: nothing is kept."""

MAGIC = b"constrain cache\n"
DIGEST_SIZE = 32

_log = logging.getLogger(__name__)


def folder() -> Path | None:
    """The folder of the files; None if there is none.

    ``$CONSTRAIN_CACHE``, or else ``constrain`` in ``$XDG_CACHE_HOME``, or else in ``~/.cache`` (XDG Base Directory
    Specification 0.8, which also has relative paths in its variables ignored).
    """
    named = os.environ.get(VARIABLE)
    if named is not None:
        return Path(named) if named else None
    shared = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(shared):
        return Path(shared, "constrain")
    home = os.path.expanduser("~")  # '~' itself where there is no home
    return Path(home, ".cache", "constrain") if os.path.isabs(home) else None


def key_of(*parts: bytes) -> bytes:
    """A hash of ``parts``, which are kept apart, and of the code that makes a vocabulary from them.

    BLAKE2b, because it is fast on every processor: 1 ms for 1 MB.
    """
    digest = blake2b(_code(), digest_size=DIGEST_SIZE)
    for part in parts:
        digest.update(b"%d\n" % len(part))
        digest.update(part)
    return digest.digest()


def load(key: bytes) -> bytes | None:
    """The content stored under ``key``, or None."""
    path = _path(key)
    if path is None:
        return None
    try:
        data = path.read_bytes()
    except OSError as problem:
        _log.debug("not in the cache: %s", problem)
        return None
    content = data[len(MAGIC) + DIGEST_SIZE :]
    if data[: len(MAGIC) + DIGEST_SIZE] != _head(key, content):
        _log.warning("%s is damaged and will be made anew", path)
        return None
    return content


def store(key: bytes, content: bytes) -> None:
    """Store ``content`` under ``key``, if possible."""
    path = _path(key)
    if path is None:
        return
    beside = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(beside, "xb") as file:
            file.write(_head(key, content))
            file.write(content)
        os.replace(beside, path)
    except OSError as problem:
        _log.info("not kept in the cache: %s", problem)
        _remove(beside)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as problem:
        _log.info("left behind: %s", problem)


def _path(key: bytes) -> Path | None:
    place = folder()
    return None if place is None or not _sources() else place / f"{key.hex()}.vocabulary"


def _head(key: bytes, content: bytes) -> bytes:
    return MAGIC + blake2b(content, digest_size=DIGEST_SIZE, key=key).digest()


@cache
def _code() -> bytes:
    """A hash of the modules of this package. 0.3 ms, once."""
    digest = blake2b(digest_size=DIGEST_SIZE)
    for path in _sources():
        digest.update(path.read_bytes())
    return digest.digest()


@cache
def _sources() -> list[Path]:
    """The modules of this package; none if they are shipped without their sources; nothing is kept then."""
    return sorted(Path(__file__).parent.rglob("*.py"))
