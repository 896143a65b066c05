"""Whether a database cannot be used for want of room, which SQLite calls an I/O error."""

import errno
import os
import shutil
from pathlib import Path

LEAST = 2**20
"""Bytes; with less SQLite cannot make the files that it needs beside a database even to read it."""


def lacks_room(path: Path, said: str) -> bool:
    """Whether what SQLite said of a file comes of a full disk: the file is whole, and nothing is to be restored."""
    return "disk I/O error" in said and shutil.disk_usage(path.parent).free < LEAST


def no_room(path: Path) -> OSError:
    """The error of a full disk."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
