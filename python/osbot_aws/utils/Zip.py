"""Zips whose bytes are the same on every machine for the same contents."""
from __future__ import annotations

import os

from osbot_aws import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def zip_folder(root_dir: str | os.PathLike[str]) -> str:
    """Zips what is in the folder into `<folder>.zip` beside it, and answers that path."""
    return _core.zip_folder(root_dir)


def zip_folder_to_bytes(root_dir: str | os.PathLike[str], files_to_ignore: Iterable[str] = ()) -> bytes:
    """The same, in memory; `files_to_ignore` are globs."""
    return _core.zip_folder_to_bytes(root_dir, list(files_to_ignore))
