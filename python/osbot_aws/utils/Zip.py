"""Creates zips; the same contents give the same bytes on every machine."""
from __future__ import annotations

import os

from osbot_aws import _core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def zip_folder(root_dir: str | os.PathLike[str]) -> str:
    """Zips the contents of a folder into `<folder>.zip` next to it, and returns that path.

    Excludes secrets, caches and what its .osbotignore excludes, as Deploy_Lambda.add_folder(). Overwrites an existing file. Raises Aws_Exception: FileError (the message names the file
    that cannot be read or written), CodeStorageExceeded (more than Lambda's 262,144,000 bytes; the message names the
    five largest files).
    """
    return _core.zip_folder(root_dir)


def zip_folder_to_bytes(root_dir: str | os.PathLike[str], files_to_ignore: Iterable[str] = ()) -> bytes:
    """Returns the bytes of the zip that zip_folder() would write, without writing a file.

    `files_to_ignore` are more patterns, with the syntax of .gitignore.
    """
    return _core.zip_folder_to_bytes(root_dir, list(files_to_ignore))
