"""The former names of Lambda__Dependency__Inside_Lambda; new code should use that class."""
from __future__ import annotations

import os
import warnings

from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__Inside_Lambda import Lambda__Dependency__Inside_Lambda
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Lambda__Dependencies(Checked_Attributes):
    """Loads packages from S3; deprecated. Each object emits a DeprecationWarning.

    Outside Lambda, where AWS_REGION is not set, the methods do nothing.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn("Lambda__Dependencies is deprecated: use Lambda__Dependency__Inside_Lambda", DeprecationWarning, 2)

    def load_dependencies(self, targets: str | list[str]) -> None:
        """Loads packages by name; `targets` is a list, or one string with names separated by commas."""
        names = targets if isinstance(targets, list) else targets.split(",")
        for name in names:
            self.load_dependency(name.strip())

    def load_dependency(self, target: str) -> None:
        """Makes the package importable. Raises RuntimeError if it is not in the bucket."""
        if os.getenv("AWS_REGION") is not None:
            Lambda__Dependency__Inside_Lambda(package_name=target).load()


def load_dependencies(targets: str | list[str]) -> None:
    """Calls Lambda__Dependencies().load_dependencies(targets)."""
    Lambda__Dependencies().load_dependencies(targets)


def load_dependency(target: str) -> None:
    """Calls Lambda__Dependencies().load_dependency(target)."""
    Lambda__Dependencies().load_dependency(target)
