"""A temporary folder with the module of a function."""
from __future__ import annotations

import inspect
import os
import shutil
import tempfile
from textwrap import dedent

from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Any

    from typing_extensions import Self

DEFAULT_CODE = "def run(event, context):\n    return 'hello {0}'.format(event.get('name'))\n"


class Temp_Folder_With_Lambda_File(Checked_Attributes):
    """Contains the file `<file_name>.py`; create_temp_file() or a `with` block creates it.

    `lambda_code` is the source of a module with a function `run`, or a function named `run` that uses no other names of
    its module.
    """

    def __init__(self, file_name: str | None = None, lambda_code: str | Callable[..., Any] | None = None) -> None:
        self.file_name = file_name or "simple_lambda"
        self.lambda_code = dedent(inspect.getsource(lambda_code)) if callable(lambda_code) else lambda_code or DEFAULT_CODE
        self.folder = ""
        self.tmp_file = ""

    def __enter__(self) -> Self:
        return self.create_temp_file()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.delete()

    def create_temp_file(self, new_code: str | None = None) -> Self:
        """Writes the file, with `new_code` if it is passed. The first call creates the folder."""
        self.lambda_code = new_code or self.lambda_code
        self.folder = self.folder or tempfile.mkdtemp(prefix="tmp_lambda_")
        self.tmp_file = os.path.join(self.folder, f"{self.file_name}.py")
        with open(self.tmp_file, "w", encoding="utf-8") as file:
            file.write(self.lambda_code)
        return self

    def delete(self) -> bool:
        """Deletes the folder. Returns False if it does not exist."""
        existed = self.exists()
        shutil.rmtree(self.folder, ignore_errors=True)
        return existed

    def exists(self) -> bool:
        """Returns whether the folder exists."""
        return os.path.isdir(self.folder)
