"""Reads the requirements of a requirements.txt or a pyproject.toml."""
from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE_BYTES_MAX = 1 << 20
INCLUDE_DEPTH_MAX = 5


def requirements_of(file: str | os.PathLike[str]) -> list[str]:
    """Lists the requirements of a file: `project.dependencies` of a pyproject.toml, the lines of any other file.

    Raises ValueError with the fix for a file that cannot be used, and OSError for a file that cannot be read.
    """
    path = os.fspath(file)
    return of_project(path) if path.endswith(".toml") else of_lines(path, INCLUDE_DEPTH_MAX)


def text_of(path: str) -> str:
    """Returns the text of a file of at most 1 MiB."""
    with open(path, encoding="utf-8") as file:
        text = file.read(FILE_BYTES_MAX + 1)
    if len(text) > FILE_BYTES_MAX:
        raise ValueError(f"{path} has more than {FILE_BYTES_MAX} characters, which is the limit for a file of requirements")
    return text


def of_project(path: str) -> list[str]:
    """Lists `project.dependencies` of a pyproject.toml."""
    if sys.version_info < (3, 11):
        raise ValueError(f"reading {path} needs Python 3.11: pass a requirements.txt, or the packages themselves")
    import importlib

    tomllib: Any = importlib.import_module("tomllib")  # not an import statement: type checkers may check for Python 3.10
    try:
        project: dict[str, Any] = tomllib.loads(text_of(path)).get("project", {})
    except ValueError as error:
        raise ValueError(f"{path} is not valid TOML: {error}") from None
    if "dependencies" not in project:
        raise ValueError(f"{path} has no list project.dependencies (PEP 621): pass a requirements.txt, for example the output of "
                         "`uv export` or `poetry export`")
    return list(project["dependencies"])


def of_lines(path: str, includes_left: int) -> list[str]:
    """Lists the requirements of a requirements.txt and of the files that it includes with `-r`."""
    requirements: list[str] = []
    for line in text_of(path).replace("\\\n", " ").splitlines():
        words = line.partition(" #")[0].split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] in ("-r", "--requirement") and len(words) == 2:
            if includes_left == 0:
                raise ValueError(f"{path} includes files more than {INCLUDE_DEPTH_MAX} levels deep")
            requirements += of_lines(os.path.join(os.path.dirname(path), words[1]), includes_left - 1)
        elif option := next((word for word in words if word.startswith("-")), None):
            raise ValueError(f"{path}: the option {option.partition('=')[0]} is not supported. Indexes are settings of the installer "
                             "(PIP_INDEX_URL, UV_INDEX); remove hashes, and add local packages with add_folder()")
        else:
            requirements.append(" ".join(words))
    return requirements
