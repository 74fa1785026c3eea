"""The local installation of a dependency."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.lambda_.dependencies.Package_For_Lambda import Package_For_Lambda

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


class Lambda__Dependency__Local(Package_For_Lambda):
    """Installs a package for the target of functions, once, on this machine."""

    def setup(self) -> Self:
        """Does nothing and returns the object: install() creates the folder."""
        return self

    def install(self) -> dict[str, Any]:
        """Installs wheels for the target within 15 minutes. If exists(), returns the result of the first installation.

        Uses uv, else pip, else pip in a virtual environment that the first call creates in the user's cache folder.
        Returns {'package_name', 'target_path', 'installed_files' (paths below it), 'time_stamp' (ms since 1970),
        'duration' (s)}. A failed installation leaves no files. Raises Aws_Exception: WheelNotFound (the message names
        the newest version that has a wheel), InstallerNotFound, InstallFailed (with the installer's output),
        InvalidRequirement, InvalidRuntime, InvalidArchitecture.
        """
        return _core.dependency_install(self)

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
