"""Zips whose bytes are the same on every machine for the same contents."""
from __future__ import annotations

import os

from osbot_aws import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def zip_folder(root_dir: str | os.PathLike[str]) -> str:
    """Zips what is in the folder, but for `__pycache__`, into `<folder>.zip` beside it, over what is there; answers that path.

    Raises Aws_Exception: FileError, naming what can't be read or written; CodeStorageExceeded, naming the five largest
    files, over Lambda's 262,144,000 bytes.
    """
    return _core.zip_folder(root_dir)


def zip_folder_to_bytes(root_dir: str | os.PathLike[str], files_to_ignore: Iterable[str] = ()) -> bytes:
    """The bytes of the same zip, written nowhere; `files_to_ignore` are globs of names and of relative paths."""
    return _core.zip_folder_to_bytes(root_dir, list(files_to_ignore))
