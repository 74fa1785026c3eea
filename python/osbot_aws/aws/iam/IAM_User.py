"""One IAM user, addressed by name."""
from __future__ import annotations

from osbot_aws.aws.iam.IAM import IAM, indexed
from osbot_aws.aws.session.Boto3_Client import Botocore_Errors
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Checked_Attributes import Checked_Attributes
from osbot_aws.core.Error import Aws_Exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from osbot_aws.aws.session.Session__Kwargs import Session_Like

ATTRIBUTES_OF_USER = ("arn", "create_date", "password_last_used", "path", "permissions_boundary", "tags", "user_id", "user_name")
ATTRIBUTES_OF_KEY = ("user_name", "id", "access_key_id", "create_date", "status")
ATTRIBUTES_OF_GROUP = ("arn", "create_date", "group_id", "group_name", "path")
ATTRIBUTES_OF_POLICY = ("arn", "attachment_count", "create_date", "default_version_id", "description", "is_attachable", "path",
                        "permissions_boundary_usage_count", "policy_id", "policy_name", "update_date")
ATTRIBUTES_OF_INLINE_POLICY = ("user_name", "policy_name", "policy_document")


class IAM_User(Checked_Attributes):
    """Represents one IAM user. Needs boto3, whose attribute names its dicts have.

    Unless a method documents otherwise, it raises Aws_Exception with IAM's code, for example NoSuchEntity.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
    """

    def __init__(self, user_name: str | None = None, session_kwargs__iam: Session_Like = None) -> None:
        self.user_name = user_name
        self._sessions = session_of(session_kwargs__iam)

    def __repr__(self) -> str:
        return f"IAM_User({self.user_name!r})"

    def iam(self) -> IAM:
        """Returns the object with all operations of this user."""
        return IAM(user_name=self.user_name, session_kwargs__iam=self._sessions)

    def user(self) -> Any:
        """Returns boto3's resource of the user."""
        return self.iam().resource().User(self.user_name)

    def create(self) -> dict[str, Any]:
        """Calls IAM.user_create()."""
        return self.iam().user_create()

    def delete(self) -> bool:
        """Calls IAM.user_delete()."""
        return self.iam().user_delete()

    def exists(self) -> bool:
        """Returns whether the user exists."""
        return self.iam().user_exists()

    def arn(self) -> str:
        """Returns the user's ARN."""
        return str(self._existing().arn)

    def user_id(self) -> str:
        """Returns the user's id, which begins with AIDA."""
        return str(self._existing().user_id)

    def info(self) -> dict[str, Any]:
        """Returns {'arn', 'create_date', 'path', 'tags', 'user_id', 'user_name', ...}."""
        return attributes_of(self._existing(), ATTRIBUTES_OF_USER)

    def tags(self) -> list[dict[str, str]]:
        """Returns the user's tags, [{'Key', 'Value'}]."""
        tags: list[dict[str, str]] | None = self._existing().tags
        return tags or []

    def access_keys(self, index_by: str | None = None) -> Any:
        """Lists the user's access keys. With index_by, returns {value of that member: key}."""
        return self._collection("access_keys", ATTRIBUTES_OF_KEY, index_by)

    def groups(self, index_by: str | None = None) -> Any:
        """Lists the groups of the user. With index_by, returns {value of that member: group}."""
        return self._collection("groups", ATTRIBUTES_OF_GROUP, index_by)

    def policies(self, index_by: str | None = None) -> Any:
        """Lists the attached managed policies. With index_by, returns {value of that member: policy}."""
        return self._collection("attached_policies", ATTRIBUTES_OF_POLICY, index_by)

    def user_policies(self, index_by: str | None = None) -> Any:
        """Lists the inline policies, with their documents. With index_by, returns {value of that member: policy}."""
        return self._collection("policies", ATTRIBUTES_OF_INLINE_POLICY, index_by)

    def set_password(self, password: str, reset_required: bool = True) -> dict[str, Any]:
        """Sets the user's first password. Returns {'LoginProfile': {...}}, or {'error': "CODE: message"}."""
        try:
            response = self.iam().login_profile_create(password, reset_required)
        except Aws_Exception as error:
            return {"error": str(error)}
        return {"LoginProfile": response["LoginProfile"]}

    def _existing(self) -> Any:
        with Botocore_Errors():
            user = self.user()
            user.load()
        return user

    def _collection(self, name: str, attributes: Iterable[str], index_by: str | None) -> Any:
        with Botocore_Errors():
            items = [attributes_of(item, attributes) for item in getattr(self.user(), name).all()]
        return indexed(items, index_by)


def attributes_of(resource: Any, names: Iterable[str]) -> dict[str, Any]:
    """Returns attributes of a resource of boto3, which loads it if they need that."""
    return {name: getattr(resource, name) for name in names}
