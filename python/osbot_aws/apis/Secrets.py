"""One secret of Secrets Manager."""
from __future__ import annotations

import json

from osbot_aws.aws.session.Boto3_Client import Boto3_Client
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Error import Aws_Exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class Secrets(Boto3_Client):
    """Represents one secret, addressed by name. Needs boto3.

    The local engine does not have Secrets Manager: every call raises Aws_Exception NotImplemented, unless the engine
    forwards the service to an endpoint that has it (`osbot local start --forward secretsmanager=URL`). Otherwise it raises
    Aws_Exception with AWS's code: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
    """

    _service = "secretsmanager"

    def __init__(self, secret_id: str, session_kwargs: Session_Like = None) -> None:
        self.secret_id = secret_id
        self._sessions = session_of(session_kwargs)

    def __repr__(self) -> str:
        return f"Secrets({self.secret_id!r})"

    def set_id(self, value: str) -> Self:
        """Selects another secret."""
        self.secret_id = value
        return self

    def create(self, value: Any = "{}") -> bool:
        """Creates the secret with this text, or with the JSON of another value. Returns False if it exists."""
        try:
            self._boto3("create_secret", Name=self.secret_id, SecretString=value if isinstance(value, str) else json.dumps(value))
        except Aws_Exception as error:
            if error.code != "ResourceExistsException":
                raise
            return False
        return True

    def details(self) -> dict[str, Any] | None:
        """Returns {'ARN', 'Name', 'LastChangedDate', ...}, or None if the secret does not exist."""
        try:
            details: dict[str, Any] = self._boto3("describe_secret", SecretId=self.secret_id)
        except Aws_Exception as error:
            if error.code != "ResourceNotFoundException":
                raise
            return None
        return details

    def deleted(self) -> bool:
        """Returns whether the secret will be deleted and can still be restored."""
        return "DeletedDate" in (self.details() or {})

    def exists(self) -> bool:
        """Returns whether the secret exists and is not deleted()."""
        details = self.details()
        return details is not None and "DeletedDate" not in details

    def delete(self) -> bool:
        """Schedules the deletion, which undelete() cancels. Returns whether the secret is deleted."""
        self._boto3("delete_secret", SecretId=self.secret_id)
        return not self.exists()

    def delete_no_recovery(self) -> bool:
        """Deletes the secret immediately. Returns whether it is deleted."""
        self._boto3("delete_secret", SecretId=self.secret_id, ForceDeleteWithoutRecovery=True)
        return not self.exists()

    def undelete(self) -> dict[str, Any]:
        """Restores a secret of delete() and returns boto3's response."""
        response: dict[str, Any] = self._boto3("restore_secret", SecretId=self.secret_id)
        return response

    def list(self, index_by: str | None = None) -> Any:
        """Lists the secrets of the account. With index_by, returns {value of that member: secret}."""
        secrets = [secret for page in self._pages("list_secrets") for secret in page["SecretList"]]
        return {secret[index_by]: secret for secret in secrets} if index_by else secrets

    def print(self) -> None:
        """Prints details()."""
        import pprint

        pprint.pprint(self.details())

    def update(self, value: str) -> bool:
        """Replaces the text of the secret. Returns whether the secret exists."""
        self._boto3("update_secret", SecretId=self.secret_id, SecretString=value)
        return self.exists()

    def update_to_json_string(self, data: Any) -> bool:
        """Replaces the secret by the JSON of `data`, or creates it. Returns whether the secret exists."""
        return self.create(data) or self.update(json.dumps(data))

    def value(self) -> str | None:
        """Returns the text of the secret, or None if it does not exist."""
        if not self.exists():
            return None
        text: str = self._boto3("get_secret_value", SecretId=self.secret_id)["SecretString"]
        return text

    def value_from_json_string(self) -> Any:
        """Returns the value of a secret whose text is JSON, or None if the secret does not exist."""
        text = self.value()
        return None if text is None else json.loads(text)
