"""One IAM role, by name."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.session.Session__Kwargs import session_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like


class IAM_Role:
    """No name: a random one, osbot_temp_role_... Raises Aws_Exception unless a method says otherwise."""

    def __init__(self, role_name: str | None = None, role_arn: str | None = None, session_kwargs__iam: Session_Like = None) -> None:
        self.role_name = _core.role_name_of(role_name or role_arn)
        self._sessions = session_of(session_kwargs__iam)

    def __repr__(self) -> str:
        return f"IAM_Role({self.role_name!r})"

    def create(self, assume_policy_document: dict[str, Any]) -> dict[str, Any]:
        """A role that whom the document names can assume: {'status', 'data', 'role_name', 'role_arn'}.

        'warning': it existed, and is left as it is.
        """
        return _core.role_create(self, assume_policy_document)

    def create_from_statements(self, statements: list[dict[str, Any]]) -> dict[str, Any]:
        """As create(), of the document's statements: who may assume the role."""
        return self.create({"Version": "2012-10-17", "Statement": statements})

    def create_from_statement(self, statement: dict[str, Any]) -> dict[str, Any]:
        """As create(), of a document with this one statement."""
        return self.create_from_statements([statement])

    def create_for_service(self, service: str, statement: dict[str, Any]) -> dict[str, Any]:
        """`statement` without its Principal, which is the service."""
        return self.create_from_statement({**statement, "Principal": {"Service": service}})

    def create_for_service__assume_role(self, service: str) -> dict[str, Any]:
        """A role that a service, e.g. lambda.amazonaws.com, can assume; answers as create()."""
        return self.create_for_service(service, {"Action": "sts:AssumeRole", "Effect": "Allow"})

    def create_for__code_build(self) -> dict[str, Any]:
        """A role that CodeBuild can assume, without policies; answers as create()."""
        return self.create_for_service__assume_role("codebuild.amazonaws.com")

    def create_for__lambda(self) -> dict[str, Any]:
        """A role that Lambda can assume, whose functions may write their logs: {'status', 'data', 'role_name', 'role_arn'}.

        'warning': it existed, and is left as it is.
        """
        return _core.role_create_for_lambda(self)

    def arn(self) -> str | None:
        """None: there is no such role."""
        return _core.role_arn(self) or None

    def exists(self) -> bool:
        """True: there is such a role."""
        return self.info() is not None

    def not_exists(self) -> bool:
        """True: there is no such role."""
        return not self.exists()

    def info(self) -> dict[str, Any] | None:
        """None: there is no such role."""
        return _core.role_info(self)

    def attach_policy_arn(self, policy_arn: str) -> Self:
        """Attaches a managed policy; one that is attached already stays."""
        _core.role_attach_policy(self, policy_arn)
        return self

    def put_policy(self, policy_name: str, policy_document: dict[str, Any]) -> Self:
        """A policy of this role alone; replaces the one of that name."""
        _core.role_put_policy(self, policy_name, policy_document)
        return self

    def attached_policies(self) -> list[str]:
        """ARNs."""
        return _core.role_attached_policies(self)

    def own_policies(self) -> list[str]:
        """Names."""
        return _core.role_own_policies(self)

    def delete(self) -> bool:
        """Detaches and deletes what hangs on it first. False: there was none."""
        return _core.role_delete(self)
