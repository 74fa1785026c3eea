"""A package from S3 inside a Lambda function; imports nothing but the standard library."""
from __future__ import annotations

import os
import sys

from osbot_aws.aws.lambda_ import boto3__lambda


class Lambda__Dependency__Inside_Lambda:
    """Lambda__Dependency__Inside_Lambda(package_name='pandas').load(), then `import pandas`."""

    def __init__(self, *, package_name: str) -> None:
        self.package_name = package_name

    def load(self) -> bool:
        """True: the package can be imported. A second call downloads nothing.

        Raises RuntimeError, naming bucket and key, when it is not in the bucket (S3's 404, or 403 where the role may not
        read it), and urllib's HTTPError and OSError after three attempts of a minute each.
        """
        if not self.exists():
            boto3__lambda._extract(boto3__lambda._dependency_bytes(self.package_name), self.folder())
        if self.folder() not in sys.path:
            sys.path.append(self.folder())
        return self.enabled()

    def folder(self) -> str:
        """Where load() puts the package's files, below the temporary folder."""
        return boto3__lambda.dependency_folder(self.package_name)

    def exists(self) -> bool:
        """True: its files are there."""
        return os.path.isdir(self.folder())

    def enabled(self) -> bool:
        """True: its files are there, and Python looks for modules among them."""
        return self.exists() and self.folder() in sys.path

    def files(self) -> list[str]:
        """Paths below folder(), in order; [] before load()."""
        return sorted(
            os.path.relpath(os.path.join(folder, name), self.folder())
            for folder, _, names in os.walk(self.folder())
            for name in names
        )
