"""Which files a Python module is, as this very interpreter finds it."""
from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


class Module_Files:
    """One of file, folders and source."""

    def __init__(self, name: str, file: str | None = None, folders: list[str] | None = None, source: str | None = None) -> None:
        self.name = name
        self.file = file
        self.folders = folders or []
        self.source = source

    def __repr__(self) -> str:
        return f"Module_Files({self.name!r}, file={self.file!r}, folders={self.folders!r})"


def find_module(name: str) -> Module_Files:
    """A package, all folders of a namespace package, or a single file; editable installs are found where they lie.

    Nothing of it is run, only the packages above it. Raises ModuleNotFoundError.
    """
    spec = spec_of(name)
    if spec is None:
        raise ModuleNotFoundError(f"there is no module '{name}' on sys.path: install it for this Python, or use add_file() "
                                  "or add_folder()", name=name)
    folders = [folder for folder in spec.submodule_search_locations or [] if os.path.isdir(folder)]
    if folders:
        return Module_Files(name, folders=folders)
    if spec.has_location and spec.origin is not None and os.path.isfile(spec.origin):
        return Module_Files(name, file=spec.origin)
    raise ModuleNotFoundError(f"the module '{name}' has no files of its own ({spec.origin}): only modules that lie in folders "
                              "can go into a package", name=name)


def spec_of(name: str) -> ModuleSpec | None:
    """How Python imports it, or has; None: it can't, or it is the program, which was not imported. Raises
    ModuleNotFoundError when a package above it is missing."""
    if name in sys.modules:
        return getattr(sys.modules[name], "__spec__", None)
    import importlib.util  # here: a deploy asks for modules that are imported, and this takes longer than they do

    return importlib.util.find_spec(name)
