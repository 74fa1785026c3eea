"""The older names of Lambda__Dependency__Inside_Lambda; new code uses that one."""
from __future__ import annotations

import os
import warnings

from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__Inside_Lambda import Lambda__Dependency__Inside_Lambda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Lambda__Dependencies:
    """Each object warns (DeprecationWarning). Without AWS_REGION, which Lambda sets, its methods do nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn("Lambda__Dependencies is deprecated: use Lambda__Dependency__Inside_Lambda", DeprecationWarning, 2)

    def load_dependencies(self, targets: str | list[str]) -> None:
        """A list of names, or one string with commas between them."""
        names = targets if isinstance(targets, list) else targets.split(",")
        for name in names:
            self.load_dependency(name.strip())

    def load_dependency(self, target: str) -> None:
        """Makes the package importable. Raises RuntimeError when it is not in the bucket."""
        if os.getenv("AWS_REGION") is not None:
            Lambda__Dependency__Inside_Lambda(package_name=target).load()


def load_dependencies(targets: str | list[str]) -> None:
    """Lambda__Dependencies().load_dependencies(targets)."""
    Lambda__Dependencies().load_dependencies(targets)


def load_dependency(target: str) -> None:
    """Lambda__Dependencies().load_dependency(target)."""
    Lambda__Dependencies().load_dependency(target)
