"""A package from S3, inside a Lambda function. Imports only the standard library."""
from __future__ import annotations

import os
import sys

from osbot_aws.aws.lambda_ import boto3__lambda
from osbot_aws.core.Checked_Attributes import Checked_Attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from osbot_aws.AWS_Config import AWS_Config
    from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__S3 import Lambda__Dependency__S3


class Lambda__Dependency__Inside_Lambda(Checked_Attributes):
    """Loads a package from S3.

        Lambda__Dependency__Inside_Lambda(package_name='pandas').load()
        import pandas
    """

    def __init__(self, *, package_name: str) -> None:
        self.package_name = package_name

    def load(self) -> bool:
        """Makes the package importable and returns True. A second call downloads nothing.

        Raises RuntimeError with bucket and key if the package is not in the bucket (S3 responds with 404, or with 403
        if the role may not read it), or with the missing environment variable outside of Lambda. Raises urllib's HTTPError or OSError after three attempts of up to a minute each.
        """
        if not self.exists():
            boto3__lambda._extract(boto3__lambda._dependency_bytes(self.package_name), self.folder())
        self.system_path__add_folder()
        return self.enabled()

    def folder(self) -> str:
        """Returns the folder, below the temporary folder, to which load() extracts the package."""
        return boto3__lambda.dependency_folder(self.package_name)

    def exists(self) -> bool:
        """Returns whether the package's files are on this host."""
        return os.path.isdir(self.folder())

    def enabled(self) -> bool:
        """Returns whether the package's files exist and its folder is on sys.path."""
        return self.exists() and self.system_path__contains_folder()

    def files(self) -> list[str]:
        """Lists the paths below folder(), sorted; [] before load()."""
        return sorted(
            os.path.relpath(os.path.join(folder, name), self.folder())
            for folder, _, names in os.walk(self.folder())
            for name in names
        )

    # ---- names of the original

    def dependencies_folder(self) -> str:
        """Returns the folder, below the temporary folder, that contains the folders of all packages."""
        return os.path.dirname(self.folder())

    def system_path(self) -> list[str]:
        """Returns sys.path."""
        return sys.path

    def system_path__add_folder(self) -> bool:
        """Appends folder() to sys.path. Returns False if it is already there."""
        if self.system_path__contains_folder():
            return False
        sys.path.append(self.folder())
        return True

    def system_path__contains_folder(self) -> bool:
        """Returns whether folder() is on sys.path."""
        return self.folder() in sys.path

    @property
    def temp_folder(self) -> str:
        """The temporary folder, which contains dependencies_folder()."""
        return os.path.dirname(self.dependencies_folder())

    @property
    def aws_config(self) -> AWS_Config:
        """The settings that are read from the environment; only outside of Lambda, because they need the native module."""
        from osbot_aws.AWS_Config import AWS_Config

        return AWS_Config()

    @property
    def lambda_dependency_s3(self) -> Lambda__Dependency__S3:
        """The package's zip in S3; only outside of Lambda, because it needs the native module."""
        from osbot_aws.aws.lambda_.dependencies.Lambda__Dependency__S3 import Lambda__Dependency__S3

        return Lambda__Dependency__S3(self.package_name)
