"""The local installation of a dependency."""
from __future__ import annotations

import os

from osbot_aws import _core
from osbot_aws.aws.lambda_.dependencies.Package_For_Lambda import Package_For_Lambda
from osbot_aws.aws.lambda_.schemas.Schema__Lambda__Dependency__Local_Install__Data import (
    Schema__Lambda__Dependency__Local_Install__Data,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self


class Lambda__Dependency__Local(Package_For_Lambda):
    """Installs a package for the target of functions, once, on this machine."""

    target_aws_lambda = True  # packages are always installed for Lambda's platform

    def setup(self) -> Self:
        """Creates folder__bucket(), which install() does too, and returns the object."""
        os.makedirs(self.folder__bucket(), exist_ok=True)
        return self

    def install(self) -> Schema__Lambda__Dependency__Local_Install__Data:
        """Installs wheels for the target within 15 minutes. If exists(), returns the result of the first installation.

        Uses uv, else pip, else pip in a virtual environment that the first call creates in the user's cache folder. A
        failed installation leaves no files. Raises Aws_Exception: PackageNotFound (PyPI has no package of this name),
        WheelNotFound (the message names the newest version that has a wheel), InstallerNotFound, InstallFailed (with the
        installer's output), InvalidRequirement, InvalidRuntime, InvalidArchitecture.
        """
        return Schema__Lambda__Dependency__Local_Install__Data.from_json(_core.dependency_install(self))

    def exists(self) -> bool:
        """Returns whether a complete installation exists."""
        return _core.dependency_local_exists(self)

    def files(self) -> list[str]:
        """Lists the paths below path(), sorted; [] before install()."""
        return _core.dependency_local_files(self)

    def files__zipped(self) -> bytes:
        """Returns a zip of the files; the same files give the same bytes.

        Raises Aws_Exception: NotInstalled before install(), CodeStorageExceeded for more than 262,144,000 bytes
        unpacked.
        """
        return _core.dependency_local_zip(self)

    def delete(self) -> bool:
        """Deletes the installation. Returns False if it did not exist."""
        return _core.dependency_local_delete(self)

    def path(self) -> str:
        """Returns the folder of the installation, below the system's temporary folder.

        Each combination of runtime and architecture has its own folder.
        """
        return _core.dependency_local_path(self)

    # ---- names of the original

    def base_folder(self) -> str:
        """Returns the system's temporary folder."""
        return self.temp_folder

    def folder__bucket(self) -> str:
        """Returns the folder of the installations for this runtime and architecture."""
        return os.path.dirname(self.path())

    def folder__lambda_dependencies_storage(self) -> str:
        """Returns the folder of all installations."""
        return os.path.dirname(self.folder__bucket())

    def s3__bucket__name(self) -> str:
        """Returns the bucket to which Lambda__Dependency__S3 uploads packages."""
        return self.aws_config.lambda_s3_bucket()

    def install__data(self) -> Schema__Lambda__Dependency__Local_Install__Data | None:
        """Returns the result of the installation, or None if the package is not installed."""
        return self.install() if self.exists() else None

    def install__data__exists(self) -> bool:
        """Returns whether the result of an installation is stored, like exists()."""
        return self.exists()

    def install__data__path(self) -> str:
        """Returns the file in which the result of the installation is stored."""
        return f"{self.path()}.json"

    def install__data__save(self, local_install_data: Schema__Lambda__Dependency__Local_Install__Data) -> str:
        """Stores the result of an installation and returns the path of the file."""
        import json

        self.setup()
        with open(self.install__data__path(), "w", encoding="utf-8") as file:
            json.dump(local_install_data.json(), file)
        return self.install__data__path()

    def install__data__delete(self) -> bool:
        """Deletes the stored result. Returns False if it did not exist."""
        exists = self.exists()
        if exists:
            os.remove(self.install__data__path())
        return exists
