"""Users, groups, roles and managed policies of IAM, under the original's names."""
from __future__ import annotations

import time

from osbot_aws.aws.iam.IAM_Role import IAM_Role, json_of
from osbot_aws.aws.session.Boto3_Client import Boto3_Client, Botocore_Errors, boto3_client, boto3_resource, boto3_session, endpoint_of
from osbot_aws.aws.session.Session__Kwargs import session_of
from osbot_aws.core.Error import Aws_Exception

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from typing_extensions import Self

    from osbot_aws.aws.session.Session__Kwargs import Session_Like

    Document = dict[str, Any] | str


class IAM(Boto3_Client):
    """Calls IAM for the user `user_name`, the role `role_name` and managed policies. Needs boto3.

    IAM_Role has the operations of roles with fewer names and without boto3. Unless a method documents otherwise, it raises
    Aws_Exception with IAM's code, for example NoSuchEntity or MalformedPolicyDocument.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
    """

    _service = "iam"

    def __init__(self, user_name: str | None = None, role_name: str | None = None, *, session_kwargs__iam: Session_Like = None) -> None:
        self.user_name = user_name
        self.role_name = role_name
        self._sessions = session_of(session_kwargs__iam)

    def set_role_name(self, value: str | None) -> Self:
        """Sets the role of the role_* methods."""
        self.role_name = value
        return self

    def resource(self) -> Any:
        """Returns boto3's resource of IAM for the same target, region and credentials."""
        return boto3_resource(self._sessions, self._service)

    def session(self) -> Any:
        """Returns a boto3 session with the same region and credentials."""
        return boto3_session(self._sessions, self._service)

    def caller_identity(self) -> dict[str, Any]:
        """Returns STS's {'UserId', 'Account', 'Arn'} of the caller."""
        return identity_of(boto3_client(self._sessions, "sts"))

    def check_aws_security_tokens(self) -> dict[str, Any]:
        """Returns {'status': 'Ok', 'error': None, 'data': caller_identity()}, or 'Error' with the exception and no data."""
        try:
            return {"status": "Ok", "error": None, "data": self.caller_identity()}
        except Exception as error:  # also those of botocore without a request, such as missing credentials
            return {"status": "Error", "error": error, "data": None}

    def account_id(self) -> str:
        """Returns the account that STS reports."""
        return self._sessions.account_id()

    def region(self) -> str:
        """Returns the session's region."""
        return self._sessions.region()

    def get_data(self, method: str, field_id: str, use_paginator: bool, **kwargs: Any) -> Iterator[Any]:
        """Iterates the items of a list operation, method='list_roles' and field_id='Roles', on its first or on all pages."""
        for page in self._pages(method, **kwargs):
            yield from page[field_id]
            if not use_paginator:
                return

    # ---- users and groups

    def set_user_name(self, value: str | None) -> Self:
        """Sets the user of the user_* and login_profile* methods."""
        self.user_name = value
        return self

    def groups(self) -> list[dict[str, Any]]:
        """Lists the groups of the account."""
        return list(self.get_data("list_groups", "Groups", True))

    def users(self, index_by: str | None = None) -> Any:
        """Lists the users of the account. With index_by, returns {value of that member: user}."""
        return indexed(self.get_data("list_users", "Users", True), index_by)

    def users_by_username(self) -> dict[str, dict[str, Any]]:
        """Returns {name: user} of the account."""
        users: dict[str, dict[str, Any]] = self.users(index_by="UserName")
        return users

    def user_info(self) -> dict[str, Any] | None:
        """Returns {'UserName', 'UserId', 'Arn', 'CreateDate' (a datetime), ...}, or None if the user does not exist."""
        return self._found("get_user", "User", UserName=self.user_name)

    def user_exists(self) -> bool:
        """Returns whether the user exists."""
        return self.user_info() is not None

    def user_create(self) -> dict[str, Any]:
        """Creates the user, unless it exists, and returns the same dict as user_info()."""
        existing = self.user_info()
        if existing:
            return existing
        user: dict[str, Any] = self._boto3("create_user", UserName=self.user_name)["User"]
        return user

    def user_delete(self) -> bool:
        """Deletes the user with its login profile, access keys, policies and memberships. Returns False if it did not exist."""
        if not self.user_exists():
            return False
        name = self.user_name
        self.login_profile_delete()
        self.user_access_keys_delete_all()
        for policy in list(self.get_data("list_attached_user_policies", "AttachedPolicies", True, UserName=name)):
            self._boto3("detach_user_policy", UserName=name, PolicyArn=policy["PolicyArn"])
        for policy_name in list(self.get_data("list_user_policies", "PolicyNames", True, UserName=name)):
            self._boto3("delete_user_policy", UserName=name, PolicyName=policy_name)
        for group in list(self.get_data("list_groups_for_user", "Groups", True, UserName=name)):
            self._boto3("remove_user_from_group", UserName=name, GroupName=group["GroupName"])
        self._boto3("delete_user", UserName=name)
        return True

    def user_attach_policy(self, policy_arn: str) -> dict[str, Any]:
        """Attaches a managed policy to the user and returns boto3's response."""
        response: dict[str, Any] = self._boto3("attach_user_policy", UserName=self.user_name, PolicyArn=policy_arn)
        return response

    def user_polices(self) -> dict[str, Any]:
        """Returns boto3's response with 'PolicyNames', the names of the user's inline policies. The name is the original's."""
        response: dict[str, Any] = self._boto3("list_user_policies", UserName=self.user_name)
        return response

    def login_profile(self) -> dict[str, Any] | None:
        """Returns {'UserName', 'CreateDate', 'PasswordResetRequired'}, or None if the user has no password."""
        return self._found("get_login_profile", "LoginProfile", UserName=self.user_name)

    def login_profile_exists(self) -> bool:
        """Returns whether the user has a password."""
        return self.login_profile() is not None

    def login_profile_create(self, password: str, reset_required: bool = True) -> dict[str, Any]:
        """Sets the user's first password and returns boto3's response. Raises Aws_Exception: PasswordPolicyViolation."""
        response: dict[str, Any] = self._boto3("create_login_profile", UserName=self.user_name, Password=password, PasswordResetRequired=reset_required)
        return response

    def login_profile_delete(self) -> None:
        """Deletes the user's password, if there is one."""
        if self.login_profile_exists():
            self._boto3("delete_login_profile", UserName=self.user_name)

    # ---- access keys

    def access_keys(self, index_by: str | None = None, group_by: str | None = None) -> Any:
        """Lists the access keys of the caller.

        With index_by, returns {value of that member: key}; with group_by, {value of that member: [keys]}.
        """
        return grouped(self._boto3("list_access_keys")["AccessKeyMetadata"], index_by, group_by)

    def user_access_keys(self, index_by: str | None = None) -> Any:
        """Lists the access keys of the user. With index_by, returns {value of that member: key}."""
        return indexed(self._boto3("list_access_keys", UserName=self.user_name)["AccessKeyMetadata"], index_by)

    def user_access_key_create(self, wait_for_key_working: bool = False) -> dict[str, Any]:
        """Creates an access key and returns {'AccessKeyId', 'SecretAccessKey', 'UserName', 'Status', 'CreateDate'}.

        With wait_for_key_working, waits until STS accepts it (access_key__wait_until_key_is_working()).
        """
        access_key: dict[str, Any] = self._boto3("create_access_key", UserName=self.user_name)["AccessKey"]
        if wait_for_key_working:
            self.access_key__wait_until_key_is_working(access_key)
        return access_key

    def user_access_key_delete(self, access_key_id: str) -> dict[str, Any]:
        """Deletes an access key of the user and returns boto3's response."""
        response: dict[str, Any] = self._boto3("delete_access_key", UserName=self.user_name, AccessKeyId=access_key_id)
        return response

    def user_access_keys_delete_all(self) -> bool:
        """Deletes all access keys of the user and returns whether none is left."""
        for access_key in self.user_access_keys():
            self.user_access_key_delete(access_key["AccessKeyId"])
        return not self.user_access_keys()

    def access_key__is_key_working(self, access_key: Mapping[str, str]) -> bool:
        """Returns whether STS accepts the key, a dict of user_access_key_create(). The local engine accepts every key.

        Raises Aws_Exception for errors other than InvalidClientTokenId.
        """
        boto3_of_key = boto3_session(self._sessions, "sts")
        client = boto3_of_key.client("sts", endpoint_url=endpoint_of(self._sessions), aws_access_key_id=access_key["AccessKeyId"],
                                     aws_secret_access_key=access_key["SecretAccessKey"])
        try:
            return bool(identity_of(client))
        except Aws_Exception as error:
            if error.code != "InvalidClientTokenId":
                raise
            return False

    def access_key__wait_until_key_is_working(self, access_key: Mapping[str, str], wait_for: float = 0.5, wait_count: int = 20,
                                              success_count: int = 5) -> dict[str, Any]:
        """Waits until STS has accepted the key success_count times: on AWS, a new key is accepted by some hosts first.

        Tries wait_count times, and pauses for wait_for seconds after each refusal. Returns {'status': 'ok' or 'error', 'message'}.
        """
        accepted = self._count_key_states(access_key, True, wait_for, wait_count, success_count)
        status = "ok" if accepted >= success_count else "error"
        return {"status": status, "message": f"access key {access_key['AccessKeyId']} was accepted {accepted} times"}

    def access_key__wait_until_key_is_not_working(self, access_key: Mapping[str, str], wait_count: int = 100, success_count: int = 30) -> bool:
        """Waits until STS has refused the key success_count times, and returns whether it did. Tries wait_count times."""
        return self._count_key_states(access_key, False, 0, wait_count, success_count) >= success_count

    def _count_key_states(self, access_key: Mapping[str, str], working: bool, wait_for: float, tries: int, needed: int) -> int:
        found = 0
        for _ in range(tries):
            if found >= needed:
                break
            if self.access_key__is_key_working(access_key) is working:
                found += 1
            else:
                time.sleep(wait_for)
        return found

    # ---- managed policies

    def policies(self, index_by: str | None = None) -> Any:
        """Lists the managed policies of the account and of AWS. With index_by, returns {value of that member: policy}."""
        return indexed(self.get_data("list_policies", "Policies", True), index_by)

    def policy_arn(self, policy_name: str | None, policy_path: str | None = "/", account_id: str | None = None) -> str | None:
        """Returns the ARN that a policy of this name has, or would have if it existed."""
        if policy_name is None:
            return None
        path = (policy_path or "").rstrip("/")
        return f"arn:aws:iam::{account_id or self.account_id()}:policy{path}/{policy_name}"

    def policy_info(self, policy_arn: str) -> dict[str, Any] | None:
        """Returns {'PolicyName', 'Arn', 'DefaultVersionId', ...}, or None if the policy does not exist."""
        return self._found("get_policy", "Policy", PolicyArn=policy_arn)

    def policy_exists(self, policy_arn: str) -> bool:
        """Returns whether the policy exists."""
        return self.policy_info(policy_arn) is not None

    def policy_not_exists(self, policy_arn: str) -> bool:
        """Returns whether the policy does not exist."""
        return not self.policy_exists(policy_arn)

    def policy_exists_by_name(self, policy_name: str, policy_path: str = "/", account_id: str | None = None) -> bool:
        """Returns whether the account has a policy of this name."""
        return self.policy_exists(str(self.policy_arn(policy_name, policy_path, account_id)))

    def policy_details(self, policy_arn: str) -> dict[str, Any] | None:
        """Returns {'policy_arn', 'policy_name', 'policy_info', 'policy_version'}, or None if the policy does not exist.

        'policy_version' is the default version; its 'Document' is a dict.
        """
        info = self.policy_info(policy_arn)
        if info is None:
            return None
        version = self._boto3("get_policy_version", PolicyArn=policy_arn, VersionId=info["DefaultVersionId"])["PolicyVersion"]
        return {"policy_arn": info["Arn"], "policy_name": info["PolicyName"], "policy_info": info, "policy_version": version}

    def policy_statement(self, policy_arn: str) -> Any:
        """Returns the statements of the policy's default version, or None if the policy does not exist."""
        details = self.policy_details(policy_arn)
        return details and details["policy_version"]["Document"]["Statement"]

    def policy_create(self, policy_name: str, policy_document: Document, policy_path: str = "/", account_id: str | None = None,
                      delete_before_create: bool = False) -> dict[str, Any]:
        """Creates a managed policy. With delete_before_create, an existing one is deleted first.

        Returns {'status', 'policy_name', 'policy_arn', 'data'}. If the policy exists, 'status' is 'warning' and the policy
        is not changed. If the request failed, 'status' is 'error' and 'data' is IAM's "CODE: message".
        """
        arn = self.policy_arn(policy_name, policy_path, account_id)
        if delete_before_create:
            self.policy_delete(arn)
        try:
            created = self._boto3("create_policy", PolicyName=policy_name, Path=folder_of(policy_path), PolicyDocument=json_of(policy_document))["Policy"]
        except Aws_Exception as error:
            if error.code == "EntityAlreadyExists":
                return {"status": "warning", "policy_name": policy_name, "policy_arn": arn, "data": "policy already existed"}
            return {"status": "error", "policy_name": policy_name, "policy_arn": None, "data": str(error)}
        return {"status": "ok", "policy_name": policy_name, "policy_arn": created["Arn"], "data": created}

    def policy_create_version(self, policy_name: str, policy_document: Document, policy_path: str = "/", account_id: str | None = None) -> dict[str, Any]:
        """Adds a version to the policy and makes it the default. IAM keeps at most five versions.

        Returns {'status', 'policy_name', 'policy_arn', 'data'}.
        """
        arn = self.policy_arn(policy_name, policy_path, account_id)
        version = self._boto3("create_policy_version", PolicyArn=arn, PolicyDocument=json_of(policy_document), SetAsDefault=True)["PolicyVersion"]
        return {"status": "ok", "policy_name": policy_name, "policy_arn": arn, "data": version}

    def policy_delete(self, policy_arn: str | None = None, policy_name: str | None = None) -> bool:
        """Calls IAM_Role.delete_policy()."""
        return self._role().delete_policy(policy_arn, policy_name)

    def policy_delete_by_name(self, policy_name: str, policy_path: str = "/", account_id: str | None = None) -> bool:
        """Deletes the account's policy of this name, like policy_delete()."""
        return self.policy_delete(self.policy_arn(policy_name, policy_path, account_id))

    def policy_detach_roles(self, policy_arn: str) -> Self:
        """Detaches the policy from all roles."""
        for role in list(self.get_data("list_entities_for_policy", "PolicyRoles", True, PolicyArn=policy_arn)):
            self._boto3("detach_role_policy", RoleName=role["RoleName"], PolicyArn=policy_arn)
        return self

    def policies_create(self, policies: Mapping[str, Document], project_name: str, recreate_policy: bool = False) -> list[str]:
        """Creates the policies `<key of policies>_<project_name>` and returns their ARNs.

        A policy that is attached to the role is not changed unless recreate_policy is set.
        """
        attached = self.role_policies_attached()
        arns = []
        for key, document in policies.items():
            name = f"{key}_{project_name}"
            if name in attached and not recreate_policy:
                arns.append(attached[name])
                continue
            created = self.policy_create(name, document, delete_before_create=recreate_policy)
            if created["status"] == "error":
                raise Aws_Exception(*created["data"].split(": ", 1))
            arns.append(created["policy_arn"])
        return arns

    def policies_delete(self, policies_arns: Iterable[str]) -> None:
        """Calls policy_delete() for each ARN."""
        for policy_arn in policies_arns:
            self.policy_delete(policy_arn)

    # ---- the role

    def roles(self, index_by: str | None = None) -> Any:
        """Lists the roles of the account. With index_by, returns {value of that member: role}."""
        return indexed(self.get_data("list_roles", "Roles", True), index_by)

    def role_arn(self) -> str | None:
        """Returns the role's ARN, or None if the role does not exist."""
        return self._role().arn()

    def role_info(self) -> dict[str, Any] | None:
        """Returns {'RoleName', 'RoleId', 'Arn', 'CreateDate' (a datetime), ...}, or None if the role does not exist."""
        return self._found("get_role", "Role", RoleName=self.role_name)

    def role_exists(self) -> bool:
        """Returns whether the role exists."""
        return self.role_info() is not None

    def role_not_exists(self) -> bool:
        """Returns whether the role does not exist."""
        return not self.role_exists()

    def role_create(self, assume_policy_document: Document, skip_if_exists: bool = True) -> dict[str, Any]:
        """Creates the role with this trust policy and returns the same dict as role_info().

        An existing role is returned unchanged; with skip_if_exists=False, it is deleted first, with its policies.
        """
        existing = self.role_info()
        if existing and skip_if_exists:
            return existing
        if existing:
            self.role_delete()
        role: dict[str, Any] = self._boto3("create_role", RoleName=self.role_name, AssumeRolePolicyDocument=json_of(assume_policy_document))["Role"]
        return role

    def role_delete(self) -> bool:
        """Calls IAM_Role.delete()."""
        return self._role().delete()

    def role_assume_policy(self) -> Any:
        """Returns the role's trust policy as a dict, or None if the role does not exist."""
        info = self.role_info()
        return info and info["AssumeRolePolicyDocument"]

    def role_assume_policy_update(self, policy_document: Document) -> dict[str, Any]:
        """Replaces the role's trust policy and returns boto3's response."""
        response: dict[str, Any] = self._boto3("update_assume_role_policy", RoleName=self.role_name, PolicyDocument=json_of(policy_document))
        return response

    def role_create_instance_profile(self, role_name: str) -> dict[str, Any]:
        """Creates an instance profile of this name and returns boto3's response."""
        response: dict[str, Any] = self._boto3("create_instance_profile", InstanceProfileName=role_name)
        return response

    def role_add_to_instance_profile(self, role_name: str, instance_profile_name: str) -> dict[str, Any]:
        """Adds a role to an instance profile and returns boto3's response."""
        response: dict[str, Any] = self._boto3("add_role_to_instance_profile", InstanceProfileName=instance_profile_name, RoleName=role_name)
        return response

    # ---- the role's policies

    def role_policy_add(self, policy_name: str, policy_document: Document) -> dict[str, Any]:
        """Adds an inline policy, or replaces the one of this name, and returns boto3's response."""
        response: dict[str, Any] = self._boto3("put_role_policy", RoleName=self.role_name, PolicyName=policy_name, PolicyDocument=json_of(policy_document))
        return response

    def policy_inline_delete(self, policy_name: str) -> dict[str, Any]:
        """Deletes an inline policy of the role and returns boto3's response."""
        response: dict[str, Any] = self._boto3("delete_role_policy", RoleName=self.role_name, PolicyName=policy_name)
        return response

    def role_policy_attach(self, policy_arn: str) -> dict[str, Any]:
        """Attaches a managed policy and returns boto3's response."""
        response: dict[str, Any] = self._boto3("attach_role_policy", RoleName=self.role_name, PolicyArn=policy_arn)
        return response

    def role_policy_detach(self, policy_arn: str) -> None:
        """Detaches a managed policy."""
        self._boto3("detach_role_policy", RoleName=self.role_name, PolicyArn=policy_arn)

    def role_policies_attach(self, policies_arn: Iterable[str]) -> Self:
        """Calls role_policy_attach() for each ARN."""
        for policy_arn in policies_arn:
            self.role_policy_attach(policy_arn)
        return self

    def role_policies_detach(self, policies_arn: Iterable[str]) -> Self:
        """Calls role_policy_detach() for each ARN."""
        for policy_arn in policies_arn:
            self.role_policy_detach(policy_arn)
        return self

    def role_policies_delete(self) -> Self:
        """Deletes all inline policies of the role."""
        for policy_name in self.role_policies_inline():
            self.policy_inline_delete(policy_name)
        return self

    def role_policies_detach_and_delete(self) -> None:
        """Detaches all managed policies from the role, and deletes its inline policies."""
        self.role_policies_detach(self.role_policies_attached().values())
        self.role_policies_delete()

    def role_policies(self) -> dict[str, Any]:
        """Returns {name: ARN} of the attached policies and {name: {'PolicyName'}} of the inline policies, in one dict."""
        return {**self.role_policies_attached(), **self.role_policies_inline()}

    def role_policies_attached(self) -> dict[str, str]:
        """Returns {name: ARN} of the attached managed policies; {} without a role_name."""
        if not self.role_name:
            return {}
        policies = self.get_data("list_attached_role_policies", "AttachedPolicies", True, RoleName=self.role_name)
        return {policy["PolicyName"]: policy["PolicyArn"] for policy in policies}

    def role_policies_inline(self, fetch_inline_policies: bool = False) -> dict[str, Any]:
        """Returns {name: {'PolicyName'}} of the inline policies; with fetch_inline_policies, {name: document}."""
        if not self.role_name:
            return {}
        names = list(self.get_data("list_role_policies", "PolicyNames", True, RoleName=self.role_name))
        if not fetch_inline_policies:
            return {name: {"PolicyName": name} for name in names}
        return {name: self._boto3("get_role_policy", RoleName=self.role_name, PolicyName=name)["PolicyDocument"] for name in names}

    def role_policies_statements(self, just_statements: bool = False) -> Any:
        """Calls IAM_Role.policies_statements(). With just_statements, returns one list of all statements."""
        statements = self._role().policies_statements()
        return [statement for policy in statements.values() for statement in policy] if just_statements else statements

    # ---- waiting

    def wait_for_policy(self, policy_arn: str, delay: int | None = None, max_attempts: int | None = None) -> Any:
        """Waits until the policy exists, and returns boto3's waiter. By default, makes 20 attempts, a second apart."""
        return self.wait_for_waiter("policy_exists", "PolicyArn", policy_arn, delay, max_attempts)

    def wait_for_role(self, role_name: str, delay: int | None = None, max_attempts: int | None = None) -> Any:
        """Waits until the role exists, and returns boto3's waiter. By default, makes 20 attempts, a second apart."""
        return self.wait_for_waiter("role_exists", "RoleName", role_name, delay, max_attempts)

    def wait_for_waiter(self, waiter_name: str, arg_name: str, arg_value: str, delay: int | None = None, max_attempts: int | None = None) -> Any:
        """Runs a waiter of boto3 for one argument and returns it."""
        waiter = self.client().get_waiter(waiter_name)
        waiter.wait(**{arg_name: arg_value}, WaiterConfig={"Delay": delay or 1, "MaxAttempts": max_attempts or 20})
        return waiter

    def _role(self) -> IAM_Role:
        return IAM_Role(self.role_name, session_kwargs__iam=self._sessions)

    def _found(self, operation: str, member: str, **members: Any) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._boto3(operation, **members)[member]
        except Aws_Exception as error:
            if error.code != "NoSuchEntity":
                raise
            return None
        return found


def indexed(items: Iterable[dict[str, Any]], index_by: str | None) -> Any:
    """Returns a list, or {value of the member index_by: item}."""
    return {item[index_by]: item for item in items} if index_by else list(items)


def grouped(items: Iterable[dict[str, Any]], index_by: str | None, group_by: str | None) -> Any:
    """Returns {value of the member group_by: [items]}, or what indexed() returns."""
    if not group_by:
        return indexed(items, index_by)
    groups: dict[Any, list[dict[str, Any]]] = {}
    for item in items:
        groups.setdefault(item[group_by], []).append(item)
    return groups


def identity_of(sts: Any) -> dict[str, Any]:
    """Returns the caller of a client of STS, without the metadata of the response."""
    with Botocore_Errors():
        response = sts.get_caller_identity()
    return {name: response[name] for name in ("UserId", "Account", "Arn")}


def folder_of(policy_path: str | None) -> str:
    """Returns a path as IAM expects it: `/a` becomes `/a/`."""
    return f"{(policy_path or '').rstrip('/')}/"
