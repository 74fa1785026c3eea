"""Requests to IAM for users and groups: tags, policies, memberships, access keys and login profiles."""

import urllib.parse

from .iam import AWS_POLICY, document, tags_in
from .model import ABSENT, Step

USERS, GROUPS, KEYS_MAX = 3, 2, 2


class Iam_User_Requests:
    kinds = ("user", "usergroup")

    def __init__(self, client):
        self.client, self.model = client, client.model

    def call(self, action, expect=(200,), **params):
        return self.client.wire.query("iam", action, expect, **params)

    def plan(self, random):
        return random.choice([self.change_user] * 4 + [self.change_group])(random)

    def name(self, random, kind, count):
        return f"{self.client.name}-{kind}{random.randrange(count)}"

    # ---- users ------------------------------------------------------------------------------------------------------

    def change_user(self, random):
        name = self.name(random, "u", USERS)
        if f"user/{name}" not in self.model.state:
            tags = {"a": str(random.randrange(100))}
            state = {"tags": tags, "attached": [], "inline": {}, "groups": [], "keys": {}, "login": False}
            return Step(f"CreateUser {name}", lambda: self.call("CreateUser", UserName=name, Tags=tags), {f"user/{name}": state})
        choices = [self.create_key] * 3 + [self.update_key, self.delete_key, self.tag_user, self.join, self.join, self.login, self.delete_user]
        choices += [lambda *of: self.put_policy(*of, "User"), lambda *of: self.attach(*of, "User")] * 2
        return random.choice(choices)(random, name, self.model.copy_of(f"user/{name}"))

    def tag_user(self, random, name, state):
        added = {f"t{random.randrange(4)}": str(random.randrange(100))}
        state["tags"].update(added)
        return Step(f"TagUser {name}", lambda: self.call("TagUser", UserName=name, Tags=added), {f"user/{name}": state})

    def create_key(self, random, name, state):
        if len(state["keys"]) == KEYS_MAX:
            return self.delete_key(random, name, state)

        def created(root):
            return {f"user/{name}": {**state, "keys": {**state["keys"], root.findtext(".//AccessKeyId"): "Active"}}}

        def accepts(before, observed):
            """The id of the new key is not known."""
            keys, old = observed[f"user/{name}"]["keys"], before[f"user/{name}"]["keys"]
            return {**observed[f"user/{name}"], "keys": old} == before[f"user/{name}"] and len(keys) == len(old) + 1 and old.items() <= keys.items()

        return Step(f"CreateAccessKey {name}", lambda: self.call("CreateAccessKey", UserName=name), created, accepts=accepts, names=(f"user/{name}",))

    def update_key(self, random, name, state):
        if not state["keys"]:
            return self.create_key(random, name, state)
        key, status = random.choice(sorted(state["keys"])), random.choice(["Active", "Inactive"])
        state["keys"][key] = status
        return Step(f"UpdateAccessKey {name} {key} {status}", lambda: self.call("UpdateAccessKey", UserName=name, AccessKeyId=key, Status=status),
                    {f"user/{name}": state})

    def delete_key(self, random, name, state):
        if not state["keys"]:
            return self.create_key(random, name, state)
        key = random.choice(sorted(state["keys"]))
        del state["keys"][key]
        return Step(f"DeleteAccessKey {name} {key}", lambda: self.call("DeleteAccessKey", UserName=name, AccessKeyId=key), {f"user/{name}": state})

    def login(self, random, name, state):
        state["login"] = not state["login"]
        if state["login"]:
            return Step(f"CreateLoginProfile {name}", lambda: self.call("CreateLoginProfile", UserName=name, Password="Secret-1-Password"),
                        {f"user/{name}": state})
        return Step(f"DeleteLoginProfile {name}", lambda: self.call("DeleteLoginProfile", UserName=name), {f"user/{name}": state})

    def join(self, random, name, state):
        groups = sorted(each.partition("/")[2] for each in self.model.of_kind("usergroup"))
        if not groups:
            return self.change_group(random)
        group = random.choice(groups)
        action = "RemoveUserFromGroup" if group in state["groups"] else "AddUserToGroup"
        state["groups"] = sorted(set(state["groups"]) ^ {group})
        return Step(f"{action} {name} {group}", lambda: self.call(action, UserName=name, GroupName=group), {f"user/{name}": state})

    def delete_user(self, random, name, state):
        if state["keys"]:
            return self.delete_key(random, name, state)
        if state["login"]:
            return self.login(random, name, state)
        if state["groups"]:
            group = state["groups"].pop()
            return Step(f"RemoveUserFromGroup {name} {group}", lambda: self.call("RemoveUserFromGroup", UserName=name, GroupName=group),
                        {f"user/{name}": state})
        return self.delete_principal(random, name, state, "User")

    # ---- groups -----------------------------------------------------------------------------------------------------

    def change_group(self, random):
        name = self.name(random, "ug", GROUPS)
        if f"usergroup/{name}" not in self.model.state:
            return Step(f"CreateGroup {name}", lambda: self.call("CreateGroup", GroupName=name), {f"usergroup/{name}": {"attached": [], "inline": {}}})
        choices = [lambda *of: self.put_policy(*of, "Group"), lambda *of: self.attach(*of, "Group"), self.delete_group]
        return random.choice(choices)(random, name, self.model.copy_of(f"usergroup/{name}"))

    def delete_group(self, random, name, state):
        if any(name in user["groups"] for user in self.model.of_kind("user").values()):
            return self.put_policy(random, name, state, "Group")
        return self.delete_principal(random, name, state, "Group")

    # ---- of both ----------------------------------------------------------------------------------------------------

    @staticmethod
    def resource(principal, name):
        return f"{'user' if principal == 'User' else 'usergroup'}/{name}"

    def put_policy(self, random, name, state, principal):
        policy = f"p{random.randrange(2)}"
        state["inline"][policy] = document(random.randrange(1000))
        return Step(f"Put{principal}Policy {name} {policy}", lambda: self.call(
            f"Put{principal}Policy", **{f"{principal}Name": name}, PolicyName=policy, PolicyDocument=state["inline"][policy]),
            {self.resource(principal, name): state})

    def attach(self, random, name, state, principal):
        verb = "Detach" if state["attached"] else "Attach"
        state["attached"] = [] if state["attached"] else [AWS_POLICY]
        return Step(f"{verb}{principal}Policy {name}", lambda: self.call(
            f"{verb}{principal}Policy", **{f"{principal}Name": name}, PolicyArn=AWS_POLICY), {self.resource(principal, name): state})

    def delete_principal(self, random, name, state, principal):
        if state["attached"]:
            return self.attach(random, name, state, principal)
        if state["inline"]:
            policy = sorted(state["inline"])[0]
            del state["inline"][policy]
            return Step(f"Delete{principal}Policy {name} {policy}", lambda: self.call(
                f"Delete{principal}Policy", **{f"{principal}Name": name}, PolicyName=policy), {self.resource(principal, name): state})
        return Step(f"Delete{principal} {name}", lambda: self.call(f"Delete{principal}", **{f"{principal}Name": name}),
                    {self.resource(principal, name): ABSENT})

    # ---- observation ------------------------------------------------------------------------------------------------

    def observe(self, kind, name):
        principal = "User" if kind == "user" else "Group"
        of = {f"{principal}Name": name}
        root = self.call(f"Get{principal}", (200, 404), **of)
        if root is None:
            return ABSENT
        inline = [each.text for each in self.call(f"List{principal}Policies", **of).findall(".//PolicyNames/member")]
        documents = {each: self.call(f"Get{principal}Policy", **of, PolicyName=each).findtext(".//PolicyDocument") for each in inline}
        state = {"attached": sorted(each.text for each in self.call(f"ListAttached{principal}Policies", **of).iter("PolicyArn")),
                 "inline": {each: urllib.parse.unquote(text) for each, text in documents.items()}}
        if kind == "usergroup":
            return state
        keys = self.call("ListAccessKeys", **of).findall(".//AccessKeyMetadata/member")
        return {**state, "tags": tags_in(root.find(".//User")), "keys": {key.findtext("AccessKeyId"): key.findtext("Status") for key in keys},
                "groups": sorted(each.text for each in self.call("ListGroupsForUser", **of).iter("GroupName")),
                "login": self.call("GetLoginProfile", (200, 404), **of) is not None}

    def names(self):
        users = {f"user/{each.text}" for each in self.call("ListUsers", MaxItems=1000).iter("UserName")}
        groups = {f"usergroup/{each.text}" for each in self.call("ListGroups", MaxItems=1000).iter("GroupName")}
        return {name for name in users | groups if name.partition("/")[2].startswith(f"{self.client.name}-")}
