"""One IAM role, by name."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Error import Aws_Exception, error_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like

VERSIONS_MAX = 5  # of a managed policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html


class IAM_Role:
    """No name: a random one, osbot_temp_role_... An ARN is taken for its last part.

    Raises Aws_Exception unless a method says otherwise: NoSuchEntity (create() makes the role), MalformedPolicyDocument (its
    message names the fault), LimitExceeded (10 attached policies, 10,240 bytes of own ones, 6,144 of a managed one).
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
    """

    def __init__(self, role_name: str | None = None, role_arn: str | None = None, session_kwargs__iam: Session_Like = None) -> None:
        self.role_name = _core.role_name_of(role_name or role_arn)
        self._sessions = session_of(session_kwargs__iam)

    def __repr__(self) -> str:
        return f"IAM_Role({self.role_name!r})"

    def create(self, assume_policy_document: dict[str, Any]) -> dict[str, Any]:
        """A role that whom the document names can assume: {'status', 'data', 'role_name', 'role_arn'}, 'data' as info() has it.

        'warning': it existed, and is left as it is; 'data' says so. 'error', and then an 'error' with AWS's "CODE: why". On
        AWS it takes seconds until services see a new role: Lambda.create() waits. The document is {'Version': '2012-10-17',
        'Statement': [{'Effect': 'Allow', 'Principal': {'Service': 'lambda.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]}.
        """
        return _core.role_create(self, assume_policy_document)

    def create_from_statements(self, statements: list[dict[str, Any]]) -> dict[str, Any]:
        """As create(), of the document's statements: who may assume the role."""
        return self.create(document_of(statements))

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
        """A role that Lambda can assume, whose functions may write their logs; answers as create()."""
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
        """{'RoleName', 'RoleId', 'Arn', 'Path', 'CreateDate', 'AssumeRolePolicyDocument' (a dict), ...}; None: there is no such
        role."""
        return _core.role_info(self)

    def create_for_service_with_policies(self, service: str, policies: Mapping[str, dict[str, Any]], project_name: str,
                                         recreate_policy: bool = False) -> dict[str, Any]:
        """A role for a service, with managed policies `<key of policies>_<project_name>`: {'role_arn', 'policies_arns'}.

        A policy that the role has already stays as it is, unless `recreate_policy`.
        """
        made = self.create_for_service__assume_role(service)
        if made["status"] == "error":
            code, _, message = made["error"].partition(": ")
            raise error_of(code, message, 400)
        there = {name_of_arn(arn): arn for arn in self.attached_policies()}
        arns = []
        for key, document in policies.items():
            name = f"{key}_{project_name}"
            arns.append(there[name] if name in there and not recreate_policy else self.attach_policy(name, document))
        return {"role_arn": made["role_arn"], "policies_arns": arns}

    def add_policy_for__lambda(self) -> str:
        """A managed policy `policy_<role_name>` that lets functions write their logs; answers its ARN."""
        actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        return self.attach_policy(f"policy_{self.role_name}", document_of([{"Effect": "Allow", "Action": actions, "Resource": "*"}]))

    def attach_policy(self, policy_name: str, policy_document: dict[str, Any]) -> str:
        """Makes a managed policy of this name and attaches it; answers its ARN. One that exists gets the document as its new default
        version, for all that have it; the oldest version goes when there are five, as IAM allows no more."""
        arn = self._policy_arn(policy_name)
        text = json_of(policy_document)
        try:
            self._iam("CreatePolicy", PolicyName=policy_name, PolicyDocument=text)
        except Aws_Exception as failed:
            if failed.code != "EntityAlreadyExists":
                raise
            self._new_policy_version(arn, text)
        self.attach_policy_arn(arn)
        return arn

    def delete_policy(self, policy_arn: str | None = None, policy_name: str | None = None) -> bool:
        """Deletes a managed policy, by its ARN or, of those that this role has, by its name, whoever has it. False: there is none."""
        if policy_arn is None:
            policy_arn = next((arn for arn in self.attached_policies() if name_of_arn(arn) == policy_name), None)
        if policy_arn is None:
            return False
        try:
            users = self._iam("ListEntitiesForPolicy", PolicyArn=policy_arn, EntityFilter="Role")["PolicyRoles"]
        except Aws_Exception as failed:
            if failed.code != "NoSuchEntity":
                raise
            return False
        for user in users:
            self._iam("DetachRolePolicy", RoleName=user["RoleName"], PolicyArn=policy_arn)
        for version in self._policy_versions(policy_arn):
            if version["IsDefaultVersion"] != "true":
                self._iam("DeletePolicyVersion", PolicyArn=policy_arn, VersionId=version["VersionId"])
        self._iam("DeletePolicy", PolicyArn=policy_arn)
        return True

    def policies_statements(self) -> dict[str, list[dict[str, Any]]]:
        """{name: its statements} of the managed policies that are attached, and of the role's own ones."""
        documents = {}
        for arn in self.attached_policies():
            version = self._iam("GetPolicy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
            documents[name_of_arn(arn)] = self._iam("GetPolicyVersion", PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        for name in self.inline_policies():
            documents[name] = self._iam("GetRolePolicy", RoleName=self.role_name, PolicyName=name)["PolicyDocument"]
        return {name: statements_of(document) for name, document in documents.items()}

    def _iam(self, action: str, **parameters: str) -> Any:
        return _core.query(self, "iam", action, parameters)

    def _policy_arn(self, policy_name: str) -> str:
        """In the role's own account and partition."""
        role_arn = self.arn()
        if role_arn is None:
            raise error_of("NoSuchEntity", f"The role with name {self.role_name} cannot be found.", 404)
        return f"{role_arn.partition(':role/')[0]}:policy/{policy_name}"

    def _policy_versions(self, policy_arn: str) -> list[dict[str, str]]:
        versions: list[dict[str, str]] = self._iam("ListPolicyVersions", PolicyArn=policy_arn)["Versions"]
        return versions

    def _new_policy_version(self, policy_arn: str, document: str) -> None:
        versions = self._policy_versions(policy_arn)
        if len(versions) >= VERSIONS_MAX:
            oldest = min((version for version in versions if version["IsDefaultVersion"] != "true"), key=lambda version: int(version["VersionId"][1:]))
            self._iam("DeletePolicyVersion", PolicyArn=policy_arn, VersionId=oldest["VersionId"])
        self._iam("CreatePolicyVersion", PolicyArn=policy_arn, PolicyDocument=document, SetAsDefault="true")

    def attach_policy_arn(self, policy_arn: str) -> Self:
        """Attaches a managed policy; one that is attached already stays."""
        _core.role_attach_policy(self, policy_arn)
        return self

    def put_policy(self, policy_name: str, policy_document: dict[str, Any]) -> Self:
        """A policy of this role alone; replaces the one of that name: {'Version', 'Statement': [{'Effect', 'Action', 'Resource'}]}."""
        _core.role_put_policy(self, policy_name, policy_document)
        return self

    def attached_policies(self) -> list[str]:
        """ARNs."""
        return _core.role_attached_policies(self)

    def inline_policies(self) -> list[str]:
        """Names."""
        return _core.role_inline_policies(self)

    def delete(self) -> bool:
        """Detaches and deletes what hangs on it first. False: there was none."""
        return _core.role_delete(self)


def document_of(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": statements}


def statements_of(document: str) -> list[dict[str, Any]]:
    """The statements of a document as IAM answers it, percent-encoded; it may have one without a list around it."""
    import json
    from urllib.parse import unquote

    statements: Any = json.loads(unquote(document))["Statement"]
    return statements if isinstance(statements, list) else [statements]


def json_of(document: dict[str, Any]) -> str:
    """As IAM takes it."""
    import json

    return json.dumps(document)


def name_of_arn(arn: str) -> str:
    """A policy's name, which comes after its path."""
    return arn.rpartition("/")[2]
