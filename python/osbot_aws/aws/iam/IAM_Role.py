"""One IAM role, addressed by name."""
from __future__ import annotations

from osbot_aws import _core
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Checked_Attributes import Checked_Attributes
from osbot_aws.core.Error import Aws_Exception, error_of, error_of_result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.iam.IAM import IAM
    from osbot_aws.aws.session.Session__Kwargs import Session_Like

# Versions of a managed policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
VERSIONS_MAX = 5


class IAM_Role(Checked_Attributes):
    """Represents one IAM role. Without a name, a random one is used: osbot_temp_role_...

    role_name may also be an ARN; its last part is the name. Unless a method documents otherwise, it raises
    Aws_Exception: NoSuchEntity (the role does not exist), MalformedPolicyDocument (the message names the error),
    LimitExceeded (10 attached policies; 10,240 bytes of inline policies; 6,144 bytes of a managed policy).
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
    """

    def __init__(self, role_name: str | None = None, role_arn: str | None = None, session_kwargs__iam: Session_Like = None) -> None:
        self.role_name = _core.role_name_of(role_name or role_arn)
        self._sessions = session_of(session_kwargs__iam)

    def __repr__(self) -> str:
        return f"IAM_Role({self.role_name!r})"

    @property
    def iam(self) -> IAM:
        """The original's object for this role, which needs boto3."""
        from osbot_aws.aws.iam.IAM import IAM

        return IAM(role_name=self.role_name, session_kwargs__iam=self._sessions)

    def create_instance_profile(self) -> dict[str, Any]:
        """Creates an instance profile with the role's name and returns it. Needs boto3.

        The dict is {'InstanceProfileName', 'Arn', 'Roles', ...}. EC2 instances use instance profiles.
        """
        profile: dict[str, Any] = self.iam.role_create_instance_profile(self.role_name)["InstanceProfile"]
        return profile

    def add_to_instance_profile(self) -> dict[str, Any]:
        """Adds the role to the instance profile of its name and returns boto3's response."""
        return self.iam.role_add_to_instance_profile(self.role_name, self.role_name)

    def create(self, assume_policy_document: dict[str, Any], skip_if_exists: bool = True) -> dict[str, Any]:
        """Creates a role that the principals in the trust policy may assume.

        With skip_if_exists=False, an existing role is deleted first, with its policies.

        Returns {'status', 'data', 'role_name', 'role_arn'}; 'data' is as in info(). If the role already exists, it is
        not changed, 'status' is 'warning' and 'data' is a message. If the request failed, 'status' is 'error' and
        'error' is AWS's "CODE: message". On AWS, services cannot use a new role for some seconds; Lambda.create() waits
        for it.

        A trust policy for Lambda is {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal':
        {'Service': 'lambda.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]}.
        """
        if not skip_if_exists:
            self.delete()
        return _core.role_create(self, assume_policy_document)

    def create_from_statements(self, statements: list[dict[str, Any]]) -> dict[str, Any]:
        """Creates a role from the statements of its trust policy; returns the same dict as create()."""
        return self.create(document_of(statements))

    def create_from_statement(self, statement: dict[str, Any]) -> dict[str, Any]:
        """Creates a role from the only statement of its trust policy; returns the same dict as create()."""
        return self.create_from_statements([statement])

    def create_for_service(self, service: str, statement: dict[str, Any]) -> dict[str, Any]:
        """Creates a role that a service may assume; `statement` is the trust policy's statement without its Principal.

        Returns the same dict as create().
        """
        return self.create_from_statement({**statement, "Principal": {"Service": service}})

    def create_for_service__assume_role(self, service: str) -> dict[str, Any]:
        """Creates a role that a service (lambda.amazonaws.com) may assume; returns the same dict as create()."""
        return self.create_for_service(service, {"Action": "sts:AssumeRole", "Effect": "Allow"})

    def create_for__code_build(self) -> dict[str, Any]:
        """Creates a role without policies that CodeBuild may assume; returns the same dict as create()."""
        return self.create_for_service__assume_role("codebuild.amazonaws.com")

    def create_for__lambda(self) -> dict[str, Any]:
        """Creates a role that Lambda may assume and that allows functions to write logs.

        Returns the same dict as create().
        """
        return _core.role_create_for_lambda(self)

    def arn(self) -> str | None:
        """Returns the role's ARN, or None if the role does not exist."""
        return _core.role_arn(self) or None

    def exists(self) -> bool:
        """Returns whether the role exists."""
        return self.info() is not None

    def not_exists(self) -> bool:
        """Returns whether the role does not exist."""
        return not self.exists()

    def info(self) -> dict[str, Any] | None:
        """Returns the role, or None if it does not exist.

        The dict is {'RoleName', 'RoleId', 'Arn', 'Path', 'CreateDate', 'AssumeRolePolicyDocument' (a dict), ...}.
        """
        return _core.role_info(self)

    def create_for_service_with_policies(self, service: str, policies: Mapping[str, dict[str, Any]], project_name: str,
                                         recreate_policy: bool = False) -> dict[str, Any]:
        """Creates a role for a service and attaches the managed policies `<key of policies>_<project_name>` to it.

        Returns {'role_arn', 'policies_arns'}. A policy that is already attached is not changed unless recreate_policy
        is set.
        """
        role = self.create_for_service__assume_role(service)
        if role["status"] == "error":
            raise error_of_result(role)
        existing = {name_of_arn(arn): arn for arn in self.attached_policies()}
        arns = []
        for key, document in policies.items():
            name = f"{key}_{project_name}"
            keep = name in existing and not recreate_policy
            arns.append(existing[name] if keep else self.attach_policy(name, document))
        return {"role_arn": role["role_arn"], "policies_arns": arns}

    def add_policy_for__lambda(self) -> str:
        """Attaches the managed policy `policy_<role_name>`, which allows writing logs, and returns its ARN."""
        actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
        return self.attach_policy(f"policy_{self.role_name}", document_of([{"Effect": "Allow", "Action": actions, "Resource": "*"}]))

    def attach_policy(self, policy_name: str, policy_document: dict[str, Any]) -> str:
        """Creates a managed policy, attaches it to the role and returns its ARN.

        If the policy exists, the document becomes its new default version, including for other roles that use it. IAM
        keeps at most five versions: the oldest one is deleted if necessary.
        """
        arn = self._policy_arn(policy_name)
        text = json_of(policy_document)
        try:
            self._iam("CreatePolicy", PolicyName=policy_name, PolicyDocument=text)
        except Aws_Exception as error:
            if error.code != "EntityAlreadyExists":
                raise
            self._new_policy_version(arn, text)
        self.attach_policy_arn(arn)
        return arn

    def delete_policy(self, policy_arn: str | None = None, policy_name: str | None = None) -> bool:
        """Detaches a managed policy from all roles and deletes it. Returns False if it does not exist.

        Select the policy by its ARN, or by its name among the policies that are attached to this role.
        """
        if policy_arn is None:
            policy_arn = next((arn for arn in self.attached_policies() if name_of_arn(arn) == policy_name), None)
        if policy_arn is None:
            return False
        try:
            roles = self._iam("ListEntitiesForPolicy", PolicyArn=policy_arn, EntityFilter="Role")["PolicyRoles"]
        except Aws_Exception as error:
            if error.code != "NoSuchEntity":
                raise
            return False
        for role in roles:
            self._iam("DetachRolePolicy", RoleName=role["RoleName"], PolicyArn=policy_arn)
        for version in self._policy_versions(policy_arn):
            if version["IsDefaultVersion"] != "true":
                self._iam("DeletePolicyVersion", PolicyArn=policy_arn, VersionId=version["VersionId"])
        self._iam("DeletePolicy", PolicyArn=policy_arn)
        return True

    def policies_statements(self) -> dict[str, list[dict[str, Any]]]:
        """Returns {policy name: its statements} for the attached and the inline policies of the role."""
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
        """Returns the ARN of a policy of this name in the role's account and partition."""
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
        """Attaches an existing managed policy; has no effect if it is already attached."""
        _core.role_attach_policy(self, policy_arn)
        return self

    def put_policy(self, policy_name: str, policy_document: dict[str, Any]) -> Self:
        """Adds an inline policy to the role, or replaces the policy of this name.

        The document is {'Version', 'Statement': [{'Effect', 'Action', 'Resource'}]}.
        """
        _core.role_put_policy(self, policy_name, policy_document)
        return self

    def attached_policies(self) -> list[str]:
        """Lists the ARNs of the attached managed policies."""
        return _core.role_attached_policies(self)

    def inline_policies(self) -> list[str]:
        """Lists the names of the role's inline policies."""
        return _core.role_inline_policies(self)

    def delete(self) -> bool:
        """Deletes the role, after detaching and deleting its policies. Returns False if it did not exist."""
        return _core.role_delete(self)


def document_of(statements: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns a policy document with these statements."""
    return {"Version": "2012-10-17", "Statement": statements}


def statements_of(document: str) -> list[dict[str, Any]]:
    """Lists the statements of a percent-encoded policy document, as IAM returns it.

    A document may have a single statement instead of a list.
    """
    import json
    from urllib.parse import unquote

    statements: Any = json.loads(unquote(document))["Statement"]
    return statements if isinstance(statements, list) else [statements]


def json_of(document: dict[str, Any] | str) -> str:
    """Returns a policy document as the JSON text that IAM expects; a text is returned unchanged."""
    import json

    return document if isinstance(document, str) else json.dumps(document)


def name_of_arn(arn: str) -> str:
    """Returns the policy's name, the last part of its ARN."""
    return arn.rpartition("/")[2]
