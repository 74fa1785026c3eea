"""Finds the files of a Python module in this interpreter."""
from __future__ import annotations

import os
import sys

from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class Module_Files(Checked_Attributes):
    """Describes the files of a module; exactly one of file, folders and source is set."""

    def __init__(self, name: str, file: str | None = None, folders: list[str] | None = None, source: str | None = None) -> None:
        self.name = name
        self.file = file
        self.folders = folders or []
        self.source = source

    def __repr__(self) -> str:
        return f"Module_Files({self.name!r}, file={self.file!r}, folders={self.folders!r})"


def find_module(name: str) -> Module_Files:
    """Finds a package, all folders of a namespace package, or a single file; supports editable installs.

    Runs only the parent packages, not the module itself. Raises ModuleNotFoundError.
    """
    spec = spec_of(name)
    if spec is None:
        raise ModuleNotFoundError(f"no module '{name}' on sys.path: install it for this Python, or use add_file() "
                                  "or add_folder()", name=name)
    folders = [folder for folder in spec.submodule_search_locations or [] if os.path.isdir(folder)]
    if folders:
        return Module_Files(name, folders=folders)
    if spec.has_location and spec.origin is not None and os.path.isfile(spec.origin):
        return Module_Files(name, file=spec.origin)
    raise ModuleNotFoundError(f"the module '{name}' cannot be packed: it is not stored as files ({spec.origin})", name=name)


def spec_of(name: str) -> ModuleSpec | None:
    """Returns the import spec of a module; None if it cannot be imported or is the main program.

    Raises ModuleNotFoundError if a parent package is missing.
    """
    if name in sys.modules:
        return getattr(sys.modules[name], "__spec__", None)
    import importlib.util  # not at the top: most deploys need only imported modules, and this import is slow

    return importlib.util.find_spec(name)
