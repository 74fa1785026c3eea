#include "services/iam/iam.hpp"

#include "services/iam/policy/document.hpp"
#include "support/iam_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;
using test_support::Fails_with_message;
using test_support::Succeeds;
using testing::SizeIs;

const std::string basic_execution = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

struct Iam_Test : test_support::Iam_World {
    auto limit(const std::string& message) const { return Fails_with_message("LimitExceeded", message); }
    auto conflict(const std::string& reason) const {
        return Fails_with_message("DeleteConflict", "Cannot delete entity, must " + reason + " first.");
    }
    /// Returns a document of so many bytes without white space.
    std::string of_size(std::size_t size, std::string text) const {
        std::erase(text, ' ');
        text.insert(text.size() - 1, R"(,"Id":"")");
        return text.insert(text.size() - 2, size - text.size(), 'x');
    }
    /// Reads a list in pages of one item and returns the names of the users and policies on them.
    std::vector<std::string> names_on_pages_of_one(const std::string& operation, Json input) {
        constexpr std::size_t pages_max = 10;
        std::vector<std::string> names;
        input["MaxItems"] = 1;
        for (std::size_t count = 0; count < pages_max; ++count) {
            const Json page = done(operation, input);
            for (const Json& list : page)
                if (list.is_array())
                    for (const Json& each : list)
                        names.push_back(each[each.contains("UserName") ? "UserName" : "PolicyName"]);
            if (!page["IsTruncated"]) break;
            input["Marker"] = page["Marker"];
        }
        return names;
    }
};

TEST_F(Iam_Test, created_role_is_found_by_name_and_by_arn) {
    const Json role =
        done("CreateRole", {{"RoleName", "r"}, {"Path", "/team/"}, {"AssumeRolePolicyDocument", trust}})["Role"];

    EXPECT_EQ(role["Arn"], "arn:aws:iam::000000000000:role/team/r");
    EXPECT_THAT(role["RoleId"].get<std::string>(), testing::MatchesRegex("AROA[A-Z0-9]{17}"));
    EXPECT_EQ(done("GetRole", {{"RoleName", "r"}})["Role"]["Arn"], role["Arn"]);
    ASSERT_NE(iam.role_by_arn(role["Arn"]), nullptr);
    EXPECT_EQ(iam.role_by_arn("arn:aws:iam::000000000000:role/r"), nullptr) << "the path is part of the name";
    EXPECT_EQ(iam.role_by_arn("arn:aws:iam::111111111111:role/team/r"), nullptr);
    EXPECT_EQ(iam.role_by_arn("nonsense"), nullptr);
}

TEST_F(Iam_Test, partitions_have_separate_entities) {
    const auto create_all = [&] {
        create_role("r");
        create_user("u");
        create_policy("p");
        done("CreateInstanceProfile", {{"InstanceProfileName", "i"}});
        done("CreateOpenIDConnectProvider", {{"Url", "https://idp"}});
        done("CreateVirtualMFADevice", {{"VirtualMFADeviceName", "m"}});
        done("EnableMFADevice", {{"UserName", "u"},
                                 {"SerialNumber", "hardware-1"},
                                 {"AuthenticationCode1", "123456"},
                                 {"AuthenticationCode2", "654321"}});
        done("CreateAccountAlias", {{"AccountAlias", "mine"}});
        return done("GetAccountAuthorizationDetails", {{"Filter", {"User", "Role", "LocalManagedPolicy"}}});
    };
    const Json key = (create_user("ann"), done("CreateAccessKey", {{"UserName", "ann"}})["AccessKey"]);
    create_all();
    account.region = "cn-north-1";
    EXPECT_THAT(call("GetUser", {{"UserName", "ann"}}), Fails_with("NoSuchEntity"));
    const Json created = create_all();
    restart();

    EXPECT_EQ(done("GetAccountAuthorizationDetails", {{"Filter", {"User", "Role", "LocalManagedPolicy"}}}), created);
    ASSERT_THAT(created["RoleDetailList"], SizeIs(1));
    EXPECT_EQ(created["RoleDetailList"][0]["Arn"], "arn:aws-cn:iam::000000000000:role/r");
    EXPECT_NE(iam.role_by_arn("arn:aws-cn:iam::000000000000:role/r"), nullptr);
    EXPECT_NE(iam.role_by_arn("arn:aws:iam::000000000000:role/r"), nullptr);
    EXPECT_THAT(done("ListMFADevices", {{"UserName", "u"}})["MFADevices"], SizeIs(1));
    done("DeleteRole", {{"RoleName", "r"}});
    restart();
    EXPECT_EQ(iam.role_by_arn("arn:aws-cn:iam::000000000000:role/r"), nullptr);
    EXPECT_NE(iam.role_by_arn("arn:aws:iam::000000000000:role/r"), nullptr);
    account.region = "us-east-1";
    EXPECT_EQ(iam.user_of_key(key["AccessKeyId"])->arn, "arn:aws:iam::000000000000:user/ann");
    EXPECT_THAT(done("ListAccessKeys", {{"UserName", "ann"}})["AccessKeyMetadata"], SizeIs(1));
    EXPECT_EQ(done("ListAccountAliases")["AccountAliases"], Json({"mine"}));
}

TEST_F(Iam_Test, records_without_a_partition_are_of_aws) {
    store::Records<Mfa_Device> records(*store, {.name = "iam_mfa_device"});
    Mfa_Device device;
    device.account = account.id;
    device.serial = "hardware-1";
    device.partition.clear();  // an empty field is not stored
    records.put("000000000000:hardware-1", device);
    restart();

    EXPECT_NE(iam.all<Mfa_Device>().find(account, "hardware-1"), nullptr);
}

TEST_F(Iam_Test, names_that_differ_by_case_are_taken) {
    create_user("Alice");
    EXPECT_THAT(call("CreateUser", {{"UserName", "alice"}}),
                Fails_with_message("EntityAlreadyExists", "User with name alice already exists."));
    EXPECT_THAT(call("GetUser", {{"UserName", "alice"}}), Fails_with("NoSuchEntity"));
}

TEST_F(Iam_Test, kinds_of_principals_have_the_same_policies) {
    const std::string arn = create_policy("p");
    done("CreateGroup", {{"GroupName", "n"}});
    create_user("n");
    create_role("n");
    for (const std::string title : {"Group", "User", "Role"}) {
        SCOPED_TRACE(title);
        const std::string word = base::lower_case(title), member = title + "Name";
        const Json inline_policy{{member, "n"}, {"PolicyName", "i"}, {"PolicyDocument", document}};
        const Json attachment{{member, "n"}, {"PolicyArn", arn}}, name{{member, "n"}};
        EXPECT_THAT(call("Get" + title + "Policy", inline_policy),
                    Fails_with_message("NoSuchEntity", "The " + word + " policy with name i cannot be found."));
        done("Put" + title + "Policy", inline_policy);
        EXPECT_EQ(done("List" + title + "Policies", name)["PolicyNames"], Json({"i"}));
        done("Attach" + title + "Policy", attachment);
        done("Attach" + title + "Policy", attachment);  // again: nothing changes
        EXPECT_THAT(done("ListAttached" + title + "Policies", name)["AttachedPolicies"], SizeIs(1));
        EXPECT_THAT(call("Delete" + title, name), conflict("detach all policies"));
        done("Detach" + title + "Policy", attachment);
        EXPECT_THAT(call("Detach" + title + "Policy", attachment),
                    Fails_with_message("NoSuchEntity", "Policy " + arn + " was not found."));
        EXPECT_THAT(call("Delete" + title, name), conflict("delete policies"));
        done("Delete" + title + "Policy", inline_policy);
        EXPECT_THAT(call("Delete" + title, name), Succeeds());
        EXPECT_THAT(call("Delete" + title, name),
                    Fails_with_message("NoSuchEntity", "The " + word + " with name n cannot be found."));
    }
}

TEST_F(Iam_Test, state_survives_a_restart_and_is_removed_by_clear) {
    create_role("r");
    create_user("u");
    const std::string policy = create_policy("p");
    done("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", basic_execution}});
    done("PutUserPolicy", {{"UserName", "u"}, {"PolicyName", "i"}, {"PolicyDocument", document}});
    done("CreateGroup", {{"GroupName", "g"}});
    done("AddUserToGroup", {{"GroupName", "g"}, {"UserName", "u"}});
    const Json key = done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"];
    done("CreateLoginProfile", {{"UserName", "u"}, {"Password", "secret"}});
    done("CreateInstanceProfile", {{"InstanceProfileName", "ip"}});
    done("AddRoleToInstanceProfile", {{"InstanceProfileName", "ip"}, {"RoleName", "r"}});
    done("CreateOpenIDConnectProvider", {{"Url", "https://idp"}});
    done("CreateSAMLProvider", {{"Name", "s"}, {"SAMLMetadataDocument", "x"}});
    done("CreateVirtualMFADevice", {{"VirtualMFADeviceName", "m"}});
    done("CreateAccountAlias", {{"AccountAlias", "mine"}});
    done("UpdateAccountPasswordPolicy");
    done("UploadServerCertificate", {{"ServerCertificateName", "c"}, {"CertificateBody", "b"}, {"PrivateKey", "k"}});
    const Json before = done("GetAccountAuthorizationDetails"), summary = done("GetAccountSummary");

    restart();
    EXPECT_EQ(done("GetAccountAuthorizationDetails"), before);
    EXPECT_EQ(done("GetAccountSummary"), summary);
    EXPECT_EQ(context.keys.known_secret(key["AccessKeyId"].get<std::string>()),
              key["SecretAccessKey"].get<std::string>());
    EXPECT_THAT(call("GetLoginProfile", {{"UserName", "u"}}), Succeeds());
    EXPECT_THAT(call("GetAccountPasswordPolicy"), Succeeds());
    EXPECT_EQ(done("ListAccountAliases")["AccountAliases"], Json({"mine"}));

    store->clear();
    iam.clear();
    restart();
    EXPECT_NE(context.keys.known_secret(key["AccessKeyId"].get<std::string>()),
              key["SecretAccessKey"].get<std::string>());
    for (const char* count : {"Users", "Groups", "Roles", "Policies", "Providers", "MFADevices", "InstanceProfiles"})
        EXPECT_EQ(done("GetAccountSummary")["SummaryMap"][count], 0) << count;
}

TEST_F(Iam_Test, accounts_are_separate_and_regions_are_shared) {
    create_role("r");
    account.region = "eu-west-1";
    EXPECT_THAT(call("GetRole", {{"RoleName", "r"}}), Succeeds());
    account.id = "111111111111";
    EXPECT_THAT(call("GetRole", {{"RoleName", "r"}}), Fails_with("NoSuchEntity"));
}

TEST_F(Iam_Test, update_role_changes_only_the_given_fields) {
    create_role("r");
    done("UpdateRole", {{"RoleName", "r"}, {"Description", "mine"}});
    done("UpdateRole", {{"RoleName", "r"}, {"MaxSessionDuration", 7200}});
    const Json role = done("GetRole", {{"RoleName", "r"}})["Role"];
    EXPECT_EQ(role["Description"], "mine");
    EXPECT_EQ(role["MaxSessionDuration"], 7200);
}

TEST_F(Iam_Test, exceeded_limits_name_the_quota_of_the_service) {
    create_role("r");
    create_user("u");
    const auto trust_of = [&](std::size_t size) {
        return Json{{"RoleName", "r"}, {"PolicyDocument", of_size(size, trust)}};
    };
    const auto put = [&](const std::string& title, const char* name, std::size_t size) {
        return call("Put" + title + "Policy", {{title + "Name", title == "Role" ? "r" : "u"},
                                               {"PolicyName", name},
                                               {"PolicyDocument", of_size(size, document)}});
    };
    EXPECT_THAT(call("UpdateAssumeRolePolicy", trust_of(2048)), Succeeds());
    EXPECT_THAT(call("UpdateAssumeRolePolicy", trust_of(2049)), limit("Cannot exceed quota for ACLSizePerRole: 2048"));
    EXPECT_THAT(call("CreatePolicy", {{"PolicyName", "big"}, {"PolicyDocument", of_size(6145, document)}}),
                limit("Cannot exceed quota for PolicySize: 6144"));
    EXPECT_THAT(put("Role", "one", 10'000), Succeeds());
    EXPECT_THAT(put("Role", "two", 241), limit("Maximum policy size of 10240 bytes exceeded for role r"));
    EXPECT_THAT(put("Role", "two", 240), Succeeds());
    EXPECT_THAT(put("Role", "one", 9'000), Succeeds()) << "replaced, not added";
    EXPECT_THAT(put("User", "one", 2049), limit("Maximum policy size of 2048 bytes exceeded for user u"));

    const auto attach = [&](std::size_t at) {
        return call("AttachRolePolicy", {{"RoleName", "r"}, {"PolicyArn", iam.aws_policies("aws")[at].arn}});
    };
    for (std::size_t i = 0; i < 10; ++i) EXPECT_THAT(attach(i), Succeeds());
    EXPECT_THAT(attach(10), limit("Cannot exceed quota for PoliciesPerRole: 10"));
}

TEST_F(Iam_Test, tag_keys_are_case_insensitive_except_those_of_policies) {
    create_role("r");
    const auto tag = [&](const Json& tags) { return call("TagRole", {{"RoleName", "r"}, {"Tags", tags}}); };
    const auto tags = [&] { return done("ListRoleTags", {{"RoleName", "r"}})["Tags"]; };
    EXPECT_THAT(tag({{{"Key", "Team"}, {"Value", "a"}}, {{"Key", "cost"}, {"Value", "1"}}}), Succeeds());
    EXPECT_THAT(tag({{{"Key", "team"}, {"Value", "b"}}}), Succeeds());
    EXPECT_EQ(tags(), Json({{{"Key", "cost"}, {"Value", "1"}}, {{"Key", "team"}, {"Value", "b"}}}));
    done("UntagRole", {{"RoleName", "r"}, {"TagKeys", {"COST", "absent"}}});
    EXPECT_THAT(tags(), SizeIs(1));
    EXPECT_THAT(tag({{{"Key", "a"}, {"Value", ""}}, {{"Key", "A"}, {"Value", ""}}}), Fails_with("InvalidInput"));
    Json many = Json::array();
    for (int i = 0; i < 50; ++i) many.push_back({{"Key", std::to_string(i)}, {"Value", ""}});
    EXPECT_THAT(tag(many), limit("The number of tags has reached the maximum limit."));
    EXPECT_THAT(tags(), SizeIs(1)) << "adds all tags or none";

    const Json both{{{"Key", "a"}, {"Value", ""}}, {{"Key", "A"}, {"Value", ""}}};
    const std::string arn = create_policy("p");
    EXPECT_THAT(call("TagPolicy", {{"PolicyArn", arn}, {"Tags", both}}), Succeeds());
    EXPECT_THAT(done("ListPolicyTags", {{"PolicyArn", arn}})["Tags"], SizeIs(2));
}

TEST_F(Iam_Test, policy_has_at_most_five_versions_and_one_default) {
    const std::string arn = create_policy("p");
    const auto of_version = [&](const std::string& id) { return Json{{"PolicyArn", arn}, {"VersionId", id}}; };
    const auto create = [&](bool as_default) {
        return call("CreatePolicyVersion",
                    {{"PolicyArn", arn}, {"PolicyDocument", document}, {"SetAsDefault", as_default}});
    };
    EXPECT_EQ(create(true).value()["PolicyVersion"]["VersionId"], "v2");
    EXPECT_EQ(done("GetPolicy", {{"PolicyArn", arn}})["Policy"]["DefaultVersionId"], "v2");
    for (int i = 3; i <= 5; ++i) EXPECT_THAT(create(false), Succeeds());
    EXPECT_THAT(create(false), Fails_with("LimitExceeded"));
    EXPECT_THAT(call("DeletePolicyVersion", of_version("v2")),
                Fails_with_message("DeleteConflict", "Cannot delete the default version of a policy."));
    done("DeletePolicyVersion", of_version("v5"));
    EXPECT_EQ(create(false).value()["PolicyVersion"]["VersionId"], "v6") << "numbers are never reused";
    EXPECT_THAT(call("GetPolicyVersion", of_version("v5")), Fails_with("NoSuchEntity"));
    done("SetDefaultPolicyVersion", of_version("v1"));

    restart();
    EXPECT_EQ(done("GetPolicy", {{"PolicyArn", arn}})["Policy"]["DefaultVersionId"], "v1");
    EXPECT_THAT(done("ListPolicyVersions", {{"PolicyArn", arn}})["Versions"], SizeIs(5));
    EXPECT_THAT(call("DeletePolicy", {{"PolicyArn", arn}}), Fails_with("DeleteConflict"));
    for (const auto* id : {"v2", "v3", "v4", "v6"}) done("DeletePolicyVersion", of_version(id));
    EXPECT_THAT(call("DeletePolicy", {{"PolicyArn", arn}}), Succeeds());
}

TEST_F(Iam_Test, policy_used_as_a_boundary_cannot_be_deleted) {
    create_role("r");
    const std::string arn = create_policy("p");
    const auto put = [&](const std::string& boundary) {
        return call("PutRolePermissionsBoundary", {{"RoleName", "r"}, {"PermissionsBoundary", boundary}});
    };
    EXPECT_THAT(put(arn), Succeeds());
    EXPECT_EQ(done("GetPolicy", {{"PolicyArn", arn}})["Policy"]["PermissionsBoundaryUsageCount"], 1);
    EXPECT_THAT(call("DeletePolicy", {{"PolicyArn", arn}}), Fails_with("DeleteConflict"));
    restart();
    EXPECT_EQ(iam.all<Role>().find(account, "r")->permissions_boundary, arn);
    done("DeleteRolePermissionsBoundary", {{"RoleName", "r"}});
    EXPECT_THAT(call("DeleteRolePermissionsBoundary", {{"RoleName", "r"}}), Succeeds());
    EXPECT_THAT(put(arn + "x"),
                Fails_with_message("NoSuchEntity", "Scope ARN: " + arn + "x does not exist or is not attachable."));
    EXPECT_THAT(put("arn:aws:iam::000000000000:not_a_policy/x"), Fails_with("InvalidInput"));
}

TEST_F(Iam_Test, renamed_user_has_the_same_id_keys_and_groups) {
    create_user("u");
    done("CreateGroup", {{"GroupName", "g"}});
    done("AddUserToGroup", {{"GroupName", "g"}, {"UserName", "u"}});
    const std::string id = done("GetUser", {{"UserName", "u"}})["User"]["UserId"];
    as(done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"]["AccessKeyId"]);
    done("UpdateUser", {{"UserName", "u"}, {"NewUserName", "v"}, {"NewPath", "/p/"}});
    done("UpdateGroup", {{"GroupName", "g"}, {"NewGroupName", "h"}});

    const Json user = done("GetUser")["User"];
    EXPECT_EQ(user["UserName"], "v");
    EXPECT_EQ(user["UserId"], id);
    EXPECT_EQ(user["Arn"], "arn:aws:iam::000000000000:user/p/v");
    EXPECT_EQ(done("ListGroupsForUser", {{"UserName", "v"}})["Groups"][0]["GroupName"], "h");
    EXPECT_EQ(sts_call("GetCallerIdentity").value()["Arn"], user["Arn"]);
    restart();
    EXPECT_EQ(sts_call("GetCallerIdentity").value()["Arn"], user["Arn"]);
    EXPECT_THAT(call("GetUser", {{"UserName", "u"}}), Fails_with("NoSuchEntity"));
}

TEST_F(Iam_Test, user_with_credentials_cannot_be_deleted) {
    create_user("u");
    const Json user{{"UserName", "u"}};
    const std::string key = done("CreateAccessKey", user)["AccessKey"]["AccessKeyId"];
    EXPECT_THAT(call("DeleteUser", user), conflict("delete access keys"));
    done("DeleteAccessKey", {{"UserName", "u"}, {"AccessKeyId", key}});
    done("CreateLoginProfile", {{"UserName", "u"}, {"Password", "p"}});
    EXPECT_THAT(call("DeleteUser", user), conflict("delete login profile"));
    done("DeleteLoginProfile", user);
    done("CreateGroup", {{"GroupName", "g"}});
    done("AddUserToGroup", {{"GroupName", "g"}, {"UserName", "u"}});
    EXPECT_THAT(call("DeleteUser", user), conflict("remove users from group"));
    EXPECT_THAT(call("DeleteGroup", {{"GroupName", "g"}}), conflict("remove users from group"));
    done("RemoveUserFromGroup", {{"GroupName", "g"}, {"UserName", "u"}});
    EXPECT_THAT(call("DeleteUser", user), Succeeds());
}

TEST_F(Iam_Test, access_keys_are_accepted_while_active) {
    create_user("u");
    const Json key = done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"];
    const std::string id = key["AccessKeyId"];
    EXPECT_THAT(id, testing::MatchesRegex("AKIA[A-Z2-7]{16}"));
    const std::string secret = key["SecretAccessKey"];
    EXPECT_THAT(secret, SizeIs(40));
    EXPECT_EQ(account_of_key(id), account.id);
    EXPECT_EQ(context.keys.known_secret(id), secret);
    done("UpdateAccessKey", {{"AccessKeyId", id}, {"Status", "Inactive"}});
    EXPECT_NE(context.keys.known_secret(id), secret);
    done("UpdateAccessKey", {{"AccessKeyId", id}, {"Status", "Active"}});
    EXPECT_EQ(context.keys.known_secret(id), secret);
    done("CreateAccessKey", {{"UserName", "u"}});
    EXPECT_THAT(call("CreateAccessKey", {{"UserName", "u"}}), limit("Cannot exceed quota for AccessKeysPerUser: 2"));
    done("DeleteAccessKey", {{"AccessKeyId", id}});
    EXPECT_NE(context.keys.known_secret(id), secret);
    EXPECT_THAT(call("GetAccessKeyLastUsed", {{"AccessKeyId", id}}), Fails_with("AccessDenied"));
}

TEST_F(Iam_Test, last_use_of_a_key_is_stored_once_a_minute) {
    create_user("u");
    const std::string id = done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"]["AccessKeyId"];
    const auto used = [&] { return done("GetAccessKeyLastUsed", {{"AccessKeyId", id}})["AccessKeyLastUsed"]; };
    EXPECT_EQ(used(), Json({{"Region", "N/A"}, {"ServiceName", "N/A"}}));
    iam.record_key_use(id, "eu-west-1", "s3");
    const Json first = used();
    EXPECT_EQ(first["ServiceName"], "s3");
    const auto changes = store->last_change();
    loop.fake_clock.time += std::chrono::seconds{30};
    iam.record_key_use(id, "eu-west-1", "sqs");
    EXPECT_EQ(used()["ServiceName"], "sqs");
    EXPECT_EQ(store->last_change(), changes);
    loop.fake_clock.time += std::chrono::seconds{31};
    iam.record_key_use(id, "eu-west-1", "sqs");
    EXPECT_NE(used()["LastUsedDate"], first["LastUsedDate"]);
    restart();
    EXPECT_EQ(used()["ServiceName"], "sqs");
}

TEST_F(Iam_Test, passwords_follow_the_policy_of_the_account) {
    create_user("u");
    done("UpdateAccountPasswordPolicy", {{"MinimumPasswordLength", 8}, {"RequireNumbers", true}});
    const auto create = [&](const char* password) {
        return call("CreateLoginProfile", {{"UserName", "u"}, {"Password", password}});
    };
    EXPECT_THAT(create("short1"), Fails_with("PasswordPolicyViolation"));
    EXPECT_THAT(create("no-digits-here"), Fails_with("PasswordPolicyViolation"));
    EXPECT_THAT(create("long-enough-1"), Succeeds());
    as(done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"]["AccessKeyId"]);
    const auto change = [&](const char* from) {
        return call("ChangePassword", {{"OldPassword", from}, {"NewPassword", "another-one-2"}});
    };
    EXPECT_THAT(change("wrong"), Fails_with("AccessDenied"));
    EXPECT_THAT(change("long-enough-1"), Succeeds());
    EXPECT_THAT(change("long-enough-1"), Fails_with("AccessDenied"));
    for (const auto& record : store->load("iam_user"))
        EXPECT_THAT(record.value, testing::Not(testing::HasSubstr("another-one")));
}

TEST_F(Iam_Test, service_linked_role_is_changed_by_its_service_only) {
    const Json created =
        done("CreateServiceLinkedRole",
             {{"AWSServiceName", "autoscaling.amazonaws.com"}, {"CustomSuffix", "x"}, {"Description", "d"}})["Role"];
    EXPECT_EQ(created["RoleName"], "AWSServiceRoleForAutoScaling_x");
    EXPECT_EQ(created["Path"], "/aws-service-role/autoscaling.amazonaws.com/");
    const Json role{{"RoleName", created["RoleName"]}};
    EXPECT_EQ(done("ListAttachedRolePolicies", role)["AttachedPolicies"][0]["PolicyName"],
              "AutoScalingServiceRolePolicy");
    EXPECT_THAT(call("AttachRolePolicy", {{"RoleName", created["RoleName"]}, {"PolicyArn", basic_execution}}),
                Fails_with("UnmodifiableEntity"));
    const Json task = done("DeleteServiceLinkedRole", role);
    restart();
    EXPECT_EQ(done("GetServiceLinkedRoleDeletionStatus", task)["Status"], "SUCCEEDED");
    EXPECT_THAT(call("GetRole", role), Fails_with("NoSuchEntity"));
    EXPECT_THAT(call("GetServiceLinkedRoleDeletionStatus", {{"DeletionTaskId", "task/none"}}),
                Fails_with("NoSuchEntity"));
    EXPECT_THAT(call("CreateServiceLinkedRole", {{"AWSServiceName", "ecs.amazonaws.com"}, {"CustomSuffix", "x"}}),
                Fails_with("InvalidInput"));
}

TEST_F(Iam_Test, pages_continue_after_the_last_item) {
    for (const char* name : {"b", "A", "c"}) create_user(name);
    const Json first = done("ListUsers", {{"MaxItems", 2}});
    EXPECT_EQ(first["Users"][0]["UserName"], "A") << "sorted without case";
    EXPECT_EQ(first["IsTruncated"], true);
    done("DeleteUser", {{"UserName", "b"}});
    const Json second = done("ListUsers", {{"MaxItems", 2}, {"Marker", first["Marker"]}});
    EXPECT_EQ(second["Users"][0]["UserName"], "c");
    EXPECT_EQ(second["IsTruncated"], false);
    EXPECT_THAT(call("ListUsers", {{"Marker", "100"}}), Fails_with_message("ValidationError", "Invalid Marker."));
}

TEST_F(Iam_Test, pages_of_credentials_and_versions_continue_after_deletions) {
    create_user("u");
    const std::string first_key = done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"]["AccessKeyId"];
    const std::string second_key = done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"]["AccessKeyId"];
    const Json keys = done("ListAccessKeys", {{"UserName", "u"}, {"MaxItems", 1}});
    const std::string listed = keys["AccessKeyMetadata"][0]["AccessKeyId"];
    done("DeleteAccessKey", {{"UserName", "u"}, {"AccessKeyId", listed}});
    const Json rest = done("ListAccessKeys", {{"UserName", "u"}, {"Marker", keys["Marker"]}});
    ASSERT_EQ(rest["AccessKeyMetadata"].size(), 1U);
    EXPECT_EQ(rest["AccessKeyMetadata"][0]["AccessKeyId"], listed == first_key ? second_key : first_key);

    const std::string arn = create_policy("p");
    for (int version = 2; version <= 3; ++version)
        done("CreatePolicyVersion", {{"PolicyArn", arn}, {"PolicyDocument", document}});
    const Json newest = done("ListPolicyVersions", {{"PolicyArn", arn}, {"MaxItems", 1}});
    EXPECT_EQ(newest["Versions"][0]["VersionId"], "v3");
    done("CreatePolicyVersion", {{"PolicyArn", arn}, {"PolicyDocument", document}});
    const Json older = done("ListPolicyVersions", {{"PolicyArn", arn}, {"Marker", newest["Marker"]}});
    EXPECT_EQ(older["Versions"][0]["VersionId"], "v2");
    EXPECT_EQ(older["Versions"].size(), 2U);
}

TEST_F(Iam_Test, pages_of_authorization_details_have_each_item_once) {
    for (const char* name : {"a", "B", "c"}) {
        create_policy(name);
        create_user(name);
    }
    EXPECT_THAT(names_on_pages_of_one("GetAccountAuthorizationDetails", {{"Filter", {"User", "LocalManagedPolicy"}}}),
                testing::ElementsAre("a", "B", "c", "a", "B", "c"));
}

TEST_F(Iam_Test, pages_of_all_users_credentials_have_each_once) {
    for (const char* name : {"a", "B", "c"}) {
        create_user(name);
        done("CreateServiceSpecificCredential", {{"UserName", name}, {"ServiceName", "codecommit.amazonaws.com"}});
    }
    EXPECT_THAT(names_on_pages_of_one("ListServiceSpecificCredentials", {{"AllUsers", true}}),
                testing::ElementsAre("a", "B", "c"));
}

TEST_F(Iam_Test, names_of_service_credentials_are_unique) {
    create_user("u");
    const auto create = [&](const std::string& service) {
        return done("CreateServiceSpecificCredential",
                    {{"UserName", "u"}, {"ServiceName", service}})["ServiceSpecificCredential"];
    };
    const Json first = create("codecommit.amazonaws.com"), second = create("codecommit.amazonaws.com");
    EXPECT_EQ(first["ServiceUserName"], "u-at-000000000000");
    EXPECT_EQ(second["ServiceUserName"], "u+1-at-000000000000");
    done("DeleteServiceSpecificCredential",
         {{"UserName", "u"}, {"ServiceSpecificCredentialId", first["ServiceSpecificCredentialId"]}});
    EXPECT_EQ(create("codecommit.amazonaws.com")["ServiceUserName"], "u-at-000000000000");
    EXPECT_EQ(create("cassandra.amazonaws.com")["ServiceUserName"], "u-at-000000000000") << "of another service";
}

TEST_F(Iam_Test, virtual_mfa_devices_have_a_quota) {
    constexpr int quota = 5000;
    for (int device = 0; device < quota; ++device)
        done("CreateVirtualMFADevice", {{"VirtualMFADeviceName", std::to_string(device)}});
    EXPECT_THAT(call("CreateVirtualMFADevice", {{"VirtualMFADeviceName", "more"}}), Fails_with("LimitExceeded"));
}

TEST_F(Iam_Test, credential_report_lists_root_and_users) {
    create_user("u");
    done("CreateAccessKey", {{"UserName", "u"}});
    EXPECT_THAT(call("GetCredentialReport"), Fails_with("ReportNotPresent"));
    EXPECT_EQ(done("GenerateCredentialReport")["State"], "STARTED");
    EXPECT_EQ(done("GenerateCredentialReport")["State"], "COMPLETE");
    const std::string report = base::base64_decode(done("GetCredentialReport")["Content"].get<std::string>()).value();
    EXPECT_THAT(report, testing::HasSubstr("\n<root_account>,arn:aws:iam::000000000000:root,"));
    EXPECT_THAT(report,
                testing::ContainsRegex("\nu,arn:aws:iam::000000000000:user/u,[^,]*,false,N/A,N/A,N/A,false,true,"));
    loop.fake_clock.time += std::chrono::hours{4};
    EXPECT_THAT(call("GetCredentialReport"), Fails_with("ReportExpired"));
}

TEST_F(Iam_Test, policy_record_without_versions_loads_as_version_1) {
    const auto arn = "arn:aws:iam::000000000000:policy/old";
    const Json record{
        {"account", account.id}, {"name", "old"},     {"id", "ANPAX"},        {"arn", arn},
        {"path", "/"},           {"description", ""}, {"document", document}, {"created_at", "2026-01-01T00:00:00Z"}};
    store->put("iam_policy", arn, record.dump());
    restart();
    EXPECT_EQ(iam.policy(account, arn)->document(), document);
}

TEST(Aws_Policies_Test, aws_policies_have_valid_documents_and_arns) {
    const auto policies = read_aws_policies(all_aws_policies(), "aws");
    EXPECT_THAT(policies, SizeIs(testing::Ge(1500U)));
    for (const auto& policy : policies) {
        EXPECT_EQ(bad_identity_policy(policy.document(), "aws"), std::nullopt) << policy.name;
        EXPECT_EQ(policy.arn, "arn:aws:iam::aws:policy" + policy.path + policy.name);
        EXPECT_EQ(policy.id.size(), 21U) << policy.name;
    }
}

TEST_F(Iam_Test, policies_of_functions_are_in_the_whole_table) {
    const Iam whole(context, all_aws_policies);
    EXPECT_THAT(iam.aws_policies("aws"), SizeIs(32));
    for (const auto& policy : iam.aws_policies("aws")) {
        const auto* same = whole.policy(account, policy.arn);
        ASSERT_NE(same, nullptr) << policy.name;
        EXPECT_EQ(same->document(), policy.document());
    }
    EXPECT_NE(whole.policy(account, basic_execution), nullptr);
    const std::string other = "arn:aws:iam::aws:policy/job-function/Billing";
    EXPECT_NE(whole.policy(account, other), nullptr);
    EXPECT_EQ(iam.policy(account, other), nullptr);
}

TEST_F(Iam_Test, key_without_a_user_has_no_valid_signature) {
    create_user("u");
    const Json key = done("CreateAccessKey", {{"UserName", "u"}})["AccessKey"];
    const std::string id = key["AccessKeyId"], secret = key["SecretAccessKey"];
    EXPECT_EQ(context.keys.known_secret(id), secret);
    done("UpdateAccessKey", {{"UserName", "u"}, {"AccessKeyId", id}, {"Status", "Inactive"}});
    EXPECT_NE(context.keys.known_secret(id), std::nullopt) << "a signature of it is checked";
    EXPECT_NE(context.keys.known_secret(id), secret);
    done("DeleteAccessKey", {{"UserName", "u"}, {"AccessKeyId", id}});
    EXPECT_NE(context.keys.known_secret(id), std::nullopt);
    EXPECT_EQ(context.keys.known_secret("AKIAIOSFODNN7EXAMPLE"), std::nullopt);
}

TEST_F(Iam_Test, old_roles_whose_names_differ_by_case_are_all_loaded) {
    create_role("Worker");
    Role other = *iam.all<Role>().find(account, "Worker");
    other.name = "worker";
    other.arn = "arn:aws:iam::000000000000:role/worker";
    iam.all<Role>().put(other);
    restart();
    for (const char* name : {"Worker", "worker"})
        EXPECT_EQ(done("GetRole", {{"RoleName", name}})["Role"]["RoleName"], name);
    done("DeleteRole", {{"RoleName", "Worker"}});
    restart();
    EXPECT_THAT(call("GetRole", {{"RoleName", "Worker"}}), Fails_with("NoSuchEntity"));
    EXPECT_THAT(call("GetRole", {{"RoleName", "worker"}}), Succeeds());
}

TEST_F(Iam_Test, hardware_device_belongs_to_one_user) {
    create_user("a");
    create_user("b");
    Json enable{{"UserName", "a"}, {"SerialNumber", "gaht12345678"}, {"AuthenticationCode1", "123456"}};
    enable["AuthenticationCode2"] = "654321";
    done("EnableMFADevice", enable);
    enable.update({{"UserName", "b"}, {"SerialNumber", "GAHT12345678"}});
    EXPECT_THAT(call("EnableMFADevice", enable), Fails_with("EntityAlreadyExists"));
    EXPECT_THAT(done("ListMFADevices", {{"UserName", "a"}})["MFADevices"], SizeIs(1));
}

TEST_F(Iam_Test, service_linked_role_has_a_name_of_at_most_64_characters) {
    EXPECT_THAT(call("CreateServiceLinkedRole",
                     {{"AWSServiceName", "autoscaling.amazonaws.com"}, {"CustomSuffix", std::string(64, 'a')}}),
                Fails_with("InvalidInput"));
    done("CreateServiceLinkedRole", {{"AWSServiceName", "autoscaling.amazonaws.com"}});
    done("CreateInstanceProfile", {{"InstanceProfileName", "p"}});
    EXPECT_THAT(
        call("AddRoleToInstanceProfile", {{"InstanceProfileName", "p"}, {"RoleName", "AWSServiceRoleForAutoScaling"}}),
        Fails_with("UnmodifiableEntity"));
}

TEST_F(Iam_Test, invalid_policies_of_resources_are_rejected_by_simulations) {
    const auto simulate = [&](const std::string& statement) {
        return call("SimulateCustomPolicy", {{"PolicyInputList", {document}},
                                             {"ActionNames", {"s3:GetObject"}},
                                             {"CallerArn", "arn:aws:iam::000000000000:user/u"},
                                             {"ResourcePolicy", R"({"Statement": {)" + statement + "}}"}});
    };
    for (const std::string statement :
         {R"("Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": 5)",
          R"("Effect": "Allow", "Principal": "*", "Action": [1], "Resource": "*")",
          R"("Effect": "allow", "Principal": "*", "Action": "s3:*", "Resource": "*")", R"("Action": "s3:*")"})
        EXPECT_THAT(simulate(statement), Fails_with("InvalidInput")) << statement;
    const auto decision = [&](const std::string& statement) {
        return simulate(statement).value()["EvaluationResults"][0]["EvalDecision"].get<std::string>();
    };
    const std::string deny = R"("Effect": "Deny", "Action": "*", "Resource": "*", "Principal": {"AWS": )";
    EXPECT_EQ(decision(deny + R"("000000000000"})"), "explicitDeny") << "the account of the caller";
    EXPECT_THAT(simulate(deny + "{}}"), Fails_with("InvalidInput"));
}

}  // namespace
}  // namespace osbot_aws::services
