"""Requests to IAM and STS: roles, policies with versions, attachments, tags, and the last use of a role."""

import json
import urllib.parse

from .model import ABSENT, Step

ROLES, POLICIES, VERSIONS_MAX = 3, 3, 5
AWS_POLICY = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def document(number):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b{number}/*"}]})


def trust(number):
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Sid": f"s{number}", "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def tags_in(element):
    return {tag.findtext("Key"): tag.findtext("Value") for tag in element.findall("./Tags/member")}


class Iam_Requests:
    kinds = ("role", "policy")

    def __init__(self, client):
        self.client, self.model = client, client.model

    def call(self, action, expect=(200,), **params):
        return self.client.wire.query("iam", action, expect, **params)

    def plan(self, random):
        return random.choice([self.change_role] * 5 + [self.change_policy] * 4 + [self.assume_role])(random)

    # ---- roles ------------------------------------------------------------------------------------------------------

    def change_role(self, random):
        name = f"{self.client.name}-r{random.randrange(ROLES)}"
        state = self.model.state.get(f"role/{name}")
        if state is None:
            return self.create_role(random, name)
        choices = [self.update_role, self.update_trust, self.tag_role, self.attach, self.attach, self.put_inline, self.put_inline, self.delete_role]
        return random.choice(choices)(random, name, self.model.copy_of(f"role/{name}"))

    def create_role(self, random, name):
        tags = {"a": str(random.randrange(100))}
        state = {"description": f"d{random.randrange(1000)}", "session": "3600", "trust": trust(random.randrange(1000)), "tags": tags,
                 "attached": [], "inline": {}, "used": ABSENT}
        return Step(f"CreateRole {name}", lambda: self.call(
            "CreateRole", RoleName=name, Description=state["description"], AssumeRolePolicyDocument=state["trust"], Tags=tags), {f"role/{name}": state})

    def delete_role(self, random, name, state):
        if state["attached"]:
            return self.detach(random, name, state)
        if state["inline"]:
            return self.delete_inline(random, name, state)
        return Step(f"DeleteRole {name}", lambda: self.call("DeleteRole", RoleName=name), {f"role/{name}": ABSENT})

    def update_role(self, random, name, state):
        state["description"], state["session"] = f"d{random.randrange(1000)}", str(random.randrange(3600, 43_200))
        return Step(f"UpdateRole {name}", lambda: self.call(
            "UpdateRole", RoleName=name, Description=state["description"], MaxSessionDuration=state["session"]), {f"role/{name}": state})

    def update_trust(self, random, name, state):
        state["trust"] = trust(random.randrange(1000))
        return Step(f"UpdateAssumeRolePolicy {name}", lambda: self.call(
            "UpdateAssumeRolePolicy", RoleName=name, PolicyDocument=state["trust"]), {f"role/{name}": state})

    def tag_role(self, random, name, state):
        if len(state["tags"]) > 3:
            removed = sorted(state["tags"])
            state["tags"] = {}
            return Step(f"UntagRole {name}", lambda: self.call("UntagRole", RoleName=name, TagKeys=removed), {f"role/{name}": state})
        added = {f"t{random.randrange(4)}": str(random.randrange(100)) for _ in range(2)}
        state["tags"].update(added)
        return Step(f"TagRole {name}", lambda: self.call("TagRole", RoleName=name, Tags=added), {f"role/{name}": state})

    def attach(self, random, name, state):
        arns = [AWS_POLICY, *(self.arn(policy.partition("/")[2]) for policy in sorted(self.model.of_kind("policy")))]
        arn = random.choice(arns)
        if arn in state["attached"]:
            return self.detach(random, name, state)
        state["attached"] = sorted([*state["attached"], arn])
        return Step(f"AttachRolePolicy {name} {arn}", lambda: self.call("AttachRolePolicy", RoleName=name, PolicyArn=arn), {f"role/{name}": state})

    def detach(self, random, name, state):
        arn = random.choice(state["attached"])
        state["attached"].remove(arn)
        return Step(f"DetachRolePolicy {name} {arn}", lambda: self.call("DetachRolePolicy", RoleName=name, PolicyArn=arn), {f"role/{name}": state})

    def put_inline(self, random, name, state):
        policy = f"p{random.randrange(2)}"
        state["inline"][policy] = document(random.randrange(1000))
        return Step(f"PutRolePolicy {name} {policy}", lambda: self.call(
            "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=state["inline"][policy]), {f"role/{name}": state})

    def delete_inline(self, random, name, state):
        policy = random.choice(sorted(state["inline"]))
        del state["inline"][policy]
        return Step(f"DeleteRolePolicy {name} {policy}", lambda: self.call("DeleteRolePolicy", RoleName=name, PolicyName=policy), {f"role/{name}": state})

    # ---- policies ---------------------------------------------------------------------------------------------------

    @staticmethod
    def arn(name):
        return f"arn:aws:iam::000000000000:policy/{name}"

    def is_attached(self, name):
        return any(self.arn(name) in role["attached"] for role in self.model.of_kind("role").values())

    def change_policy(self, random):
        name = f"{self.client.name}-p{random.randrange(POLICIES)}"
        if f"policy/{name}" not in self.model.state:
            text = document(random.randrange(1000))
            return Step(f"CreatePolicy {name}", lambda: self.call("CreatePolicy", PolicyName=name, PolicyDocument=text),
                        {f"policy/{name}": {"versions": {"v1": text}, "default": "v1", "newest": 1, "tags": {}}})
        return random.choice([self.create_version] * 3 + [self.set_default, self.delete_version, self.tag_policy, self.delete_policy])(
            random, name, self.model.copy_of(f"policy/{name}"))

    def create_version(self, random, name, state):
        if len(state["versions"]) == VERSIONS_MAX or not state["newest"]:
            return self.delete_version(random, name, state)
        text, version, default = document(random.randrange(1000)), f"v{state['newest'] + 1}", random.random() < 0.5
        state["versions"][version], state["newest"] = text, state["newest"] + 1
        state["default"] = version if default else state["default"]
        return Step(f"CreatePolicyVersion {name} {version}", lambda: self.call(
            "CreatePolicyVersion", PolicyArn=self.arn(name), PolicyDocument=text, SetAsDefault=str(default).lower()), {f"policy/{name}": state})

    def set_default(self, random, name, state):
        state["default"] = random.choice(sorted(state["versions"]))
        return Step(f"SetDefaultPolicyVersion {name} {state['default']}", lambda: self.call(
            "SetDefaultPolicyVersion", PolicyArn=self.arn(name), VersionId=state["default"]), {f"policy/{name}": state})

    def delete_version(self, random, name, state):
        others = sorted(set(state["versions"]) - {state["default"], f"v{state['newest']}"})  # the newest stays: its number is observed
        if not others:
            return self.set_default(random, name, state)
        version = random.choice(others)
        del state["versions"][version]
        return Step(f"DeletePolicyVersion {name} {version}", lambda: self.call(
            "DeletePolicyVersion", PolicyArn=self.arn(name), VersionId=version), {f"policy/{name}": state})

    def tag_policy(self, random, name, state):
        added = {f"t{random.randrange(4)}": str(random.randrange(100))}
        state["tags"].update(added)
        return Step(f"TagPolicy {name}", lambda: self.call("TagPolicy", PolicyArn=self.arn(name), Tags=added), {f"policy/{name}": state})

    def delete_policy(self, random, name, state):
        if self.is_attached(name) or len(state["versions"]) > 1:
            return self.create_version(random, name, state)
        return Step(f"DeletePolicy {name}", lambda: self.call("DeletePolicy", PolicyArn=self.arn(name)), {f"policy/{name}": ABSENT})

    # ---- sessions ---------------------------------------------------------------------------------------------------

    def assume_role(self, random):
        """STS stores when and where a role was last used. Its credentials end with the engine, so they are used immediately."""
        names = sorted(self.model.of_kind("role"))
        if not names:
            return self.change_role(random)
        name = random.choice(names).partition("/")[2]
        return Step(f"AssumeRole {name}", lambda: self.client.wire.query(
            "sts", "AssumeRole", RoleArn=f"arn:aws:iam::000000000000:role/{name}", RoleSessionName="session"),
            {f"role/{name}": self.model.copy_of(f"role/{name}", used="us-east-1")}, lambda root: self.use_credentials(name, root))

    def use_credentials(self, name, root):
        headers = {"X-Amz-Security-Token": root.findtext(".//SessionToken")}
        caller = self.client.wire.query("sts", "GetCallerIdentity", headers=headers, access_key=root.findtext(".//AccessKeyId"))
        assert caller.findtext(".//Arn") == f"arn:aws:sts::000000000000:assumed-role/{name}/session", caller.findtext(".//Arn")

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        return {"role": self.observe_role, "policy": self.observe_policy}[kind](name)

    def observe_role(self, name):
        root = self.call("GetRole", (200, 404), RoleName=name)
        if root is None:
            return ABSENT
        role = root.find(".//Role")
        inline = [each.text for each in self.call("ListRolePolicies", RoleName=name).findall(".//PolicyNames/member")]
        documents = {each: self.call("GetRolePolicy", RoleName=name, PolicyName=each).findtext(".//PolicyDocument") for each in inline}
        return {"description": role.findtext("Description"), "session": role.findtext("MaxSessionDuration"),
                "trust": urllib.parse.unquote(role.findtext("AssumeRolePolicyDocument")), "tags": tags_in(role),
                "attached": sorted(each.text for each in self.call("ListAttachedRolePolicies", RoleName=name).iter("PolicyArn")),
                "inline": {each: urllib.parse.unquote(text) for each, text in documents.items()}, "used": role.findtext("RoleLastUsed/Region")}

    def observe_policy(self, name):
        root = self.call("GetPolicy", (200, 404), PolicyArn=self.arn(name))
        if root is None:
            return ABSENT
        listed = self.call("ListPolicyVersions", PolicyArn=self.arn(name))
        versions = {member.findtext("VersionId"): member.findtext("IsDefaultVersion") for member in listed.findall(".//Versions/member")}
        default = root.findtext(".//DefaultVersionId")
        assert [version for version, is_default in versions.items() if is_default == "true"] == [default], versions
        documents = {version: urllib.parse.unquote(self.call("GetPolicyVersion", PolicyArn=self.arn(name), VersionId=version).findtext(".//Document"))
                     for version in versions}
        return {"versions": documents, "default": default, "newest": max(int(version[1:]) for version in versions),
                "tags": tags_in(root.find(".//Policy"))}

    def names(self):
        roles = {f"role/{each.text}" for each in self.call("ListRoles", MaxItems=1000).iter("RoleName")}
        policies = {f"policy/{each.text}" for each in self.call("ListPolicies", Scope="Local", MaxItems=1000).iter("PolicyName")}
        return {name for name in roles | policies if name.partition("/")[2].startswith(f"{self.client.name}-")}
