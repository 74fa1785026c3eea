#include "services/lambda/functions.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;
using test_support::Fails_with_message;
using test_support::zip_of;

struct Functions_Test : testing::Test, test_support::Lambda_World {
    Update_Function_Code new_code(const std::string& source = "print(2)") {
        Update_Function_Code request;
        request.name = "hello";
        request.code.zip = store_zip(store->blobs(), zip_of({{"app.py", source}}));
        return request;
    }
    /// Returns what the policy of a URL's function permits to everyone.
    Public_Access anonymous_access(const std::string& url_id) const {
        const auto target = functions.urls.target(url_id).value();
        return public_access(*target.record, target.url->qualifier, [] { return Condition_Keys(); });
    }
};

TEST_F(Functions_Test, create_returns_pending_then_active_after_unpacking) {
    const Function_Ptr created = functions.deployment.create(account, hello()).value();
    EXPECT_EQ(created->arn, "arn:aws:lambda:us-east-1:000000000000:function:hello");
    EXPECT_EQ(created->state, "Pending");
    EXPECT_EQ(created->modified_at, loop.fake_clock.time);
    EXPECT_THAT(functions.registry.invocable(account, "hello"), Fails_with("ResourceConflictException"));

    loop.run();

    const Function_Ptr found = functions.registry.find(account, "hello").value();
    EXPECT_EQ(found->state, "Active");
    EXPECT_EQ(found->last_update_status, "Successful");
    EXPECT_EQ(functions.registry.invocable(account, "hello").value().function, found);
    EXPECT_EQ(base::read_file(code.find(found->zip->sha256()) / "app.py").value(), "print(1)");
}

TEST_F(Functions_Test, create_rejects_existing_name_and_keeps_function) {
    active();
    auto second = hello();
    second.memory_mb = 512;
    EXPECT_THAT(functions.deployment.create(account, second),
                Fails_with_message("ResourceConflictException", "Function already exist: hello"));
    EXPECT_EQ(functions.registry.find(account, "hello").value()->memory_mb, 128);
}

TEST_F(Functions_Test, create_rejects_missing_role) {
    auto request = hello();
    request.role = "arn:aws:iam::000000000000:role/missing";
    EXPECT_THAT(functions.deployment.create(account, request),
                Fails_with_message("InvalidParameterValueException",
                                   "The role defined for the function cannot be assumed by Lambda."));
}

struct Zip_Case {
    const char* name;
    std::string bytes;
    const char* message;
};
void PrintTo(const Zip_Case& c, std::ostream* out) { *out << c.name; }
struct Functions_Zip_Test : Functions_Test, testing::WithParamInterface<Zip_Case> {};

TEST_P(Functions_Zip_Test, create_rejects_bad_zip_with_aws_message) {
    auto request = hello();
    request.code.zip = store_zip(store->blobs(), GetParam().bytes);
    EXPECT_THAT(functions.deployment.create(account, request),
                Fails_with_message("InvalidParameterValueException", GetParam().message));
    EXPECT_THAT(functions.registry.find(account, "hello"), Fails_with("ResourceNotFoundException"));
}

constexpr const char* not_a_zip = "Could not unzip uploaded file. Please check your file, then try to upload again.";
INSTANTIATE_TEST_SUITE_P(zips, Functions_Zip_Test,
                         testing::Values(Zip_Case{"not_a_zip", "this is not a zip", not_a_zip},
                                         Zip_Case{"outside", zip_of({{"../../etc/cron.d/x", "boo"}}), not_a_zip},
                                         Zip_Case{"absolute", zip_of({{"/etc/cron.d/x", "boo"}}), not_a_zip},
                                         Zip_Case{"truncated", zip_of({{"a.py", "x"}}).substr(0, 40), not_a_zip},
                                         Zip_Case{"no_entries", zip_of({}), "Uploaded file must be a non-empty zip"},
                                         Zip_Case{"empty", "", "Uploaded file must be a non-empty zip"}),
                         [](const auto& c) { return c.param.name; });

TEST_F(Functions_Test, zip_above_250_mb_unpacked_is_rejected) {
    const std::string zeros(262'144'001, '\0');
    EXPECT_THAT(
        store_zip(store->blobs(), zip_of({{"zeros", zeros}})),
        Fails_with_message("InvalidParameterValueException", "Unzipped size must be smaller than 262144000 bytes"));
}

TEST_F(Functions_Test, old_code_serves_until_new_code_is_unpacked) {
    const Function_Ptr before = active();
    const Function_Ptr updated = functions.deployment.update_code(account, new_code()).value();
    EXPECT_EQ(updated->last_update_status, "InProgress");
    EXPECT_EQ(functions.registry.invocable(account, "hello").value().function, before);
    EXPECT_THAT(functions.deployment.update_code(account, new_code("print(3)")),
                Fails_with_message("ResourceConflictException",
                                   "The operation cannot be performed at this time. An update is in progress "
                                   "for resource: arn:aws:lambda:us-east-1:000000000000:function:hello"));
    EXPECT_TRUE(invocations.retired.empty());

    loop.run();

    EXPECT_EQ(functions.registry.invocable(account, "hello").value().function->zip->sha256(), updated->zip->sha256());
    EXPECT_EQ(functions.registry.find(account, "hello").value()->last_update_status, "Successful");
    EXPECT_EQ(invocations.retired, std::vector<std::string>{"hello:$LATEST"});
}

/// Returns a zip whose file has a wrong checksum. Its text is too short for compression, so it is stored as it is.
std::string damaged_zip() {
    std::string zip = zip_of({{"app.py", "print(2)"}});
    return zip.replace(zip.find("print(2)"), 8, "print(3)");
}

TEST_F(Functions_Test, damaged_code_fails_function_until_code_update) {
    auto request = hello();
    request.code.zip = store_zip(store->blobs(), damaged_zip());
    functions.deployment.create(account, request).value();
    loop.run();
    const Function_Ptr failed = functions.registry.find(account, "hello").value();
    EXPECT_EQ(failed->state, "Failed");
    EXPECT_EQ(failed->state_reason_code, "InvalidZipFileException");
    EXPECT_THAT(functions.registry.invocable(account, "hello"), Fails_with("ResourceConflictException"));
    EXPECT_TRUE(code.find(failed->zip->sha256()).empty());
    functions.deployment.update_code(account, new_code()).value();
    loop.run();
    EXPECT_EQ(functions.registry.find(account, "hello").value()->state, "Active");
}

TEST_F(Functions_Test, failed_unpacking_keeps_previous_code) {
    const Function_Ptr before = active();
    auto request = new_code();
    request.code.zip = store_zip(store->blobs(), damaged_zip());
    const Function_Ptr updated = functions.deployment.update_code(account, request).value();
    EXPECT_NE(updated->zip->sha256(), before->zip->sha256());
    loop.run();
    const Function_Ptr after = functions.registry.find(account, "hello").value();
    EXPECT_EQ(after->last_update_status, "Failed");
    EXPECT_FALSE(after->last_update_reason.empty());
    EXPECT_EQ(after->zip->sha256(), before->zip->sha256());
    EXPECT_EQ(functions.registry.invocable(account, "hello").value().function->zip->sha256(), before->zip->sha256());
}

TEST_F(Functions_Test, dry_run_changes_nothing) {
    const Function_Ptr before = active();
    auto request = new_code();
    request.dry_run = true;
    EXPECT_NE(functions.deployment.update_code(account, request).value()->zip->sha256(), before->zip->sha256());
    EXPECT_EQ(functions.registry.find(account, "hello").value(), before);
}

TEST_F(Functions_Test, update_with_stale_revision_is_rejected) {
    active();
    Update_Function_Configuration request;
    request.name = "hello";
    request.memory_mb = 256;
    request.revision_id = "stale";
    EXPECT_THAT(functions.deployment.update_configuration(account, request), Fails_with("PreconditionFailedException"));
    request.revision_id = functions.registry.find(account, "hello").value()->revision_id;
    ASSERT_TRUE(functions.deployment.update_configuration(account, request).has_value());
    loop.run();
    EXPECT_EQ(functions.registry.invocable(account, "hello").value().function->memory_mb, 256);
}

TEST_F(Functions_Test, restart_restores_functions_and_resumes_pending_ones) {
    active("stored");
    functions.urls
        .create(account, {.name = "stored", .qualifier = {}, .auth_type = "NONE", .invoke_mode = {}, .cors = {}})
        .value();
    functions.versions.publish(account, "stored", "", "first", "").value();
    const Function_Ptr stored = functions.registry.find(account, "stored").value();
    const std::string url = functions.urls.find(account, "stored", "").value().url;
    functions.deployment.create(account, hello("pending")).value();  // not unpacked yet

    Functions restarted(context, code, invocations, dependencies());
    restarted.load();
    loop.run();

    const Function_Ptr found = restarted.registry.find(account, "stored").value();
    EXPECT_EQ(found->revision_id, stored->revision_id);
    EXPECT_EQ(restarted.registry.find(account, "stored", "1").value()->description, "first");
    EXPECT_EQ(restarted.urls.find(account, "stored", "").value().url, url);
    EXPECT_EQ(restarted.registry.invocable(account, "stored").value().function->state, "Active");
    EXPECT_EQ(restarted.registry.find(account, "pending").value()->state, "Active");
}

TEST_F(Functions_Test, restart_restores_functions_of_any_region) {
    const Account elsewhere{"000000000000", "local"};
    functions.deployment.create(elsewhere, hello("hello")).value();
    loop.run();

    Functions restarted(context, code, invocations, dependencies());
    restarted.load();

    EXPECT_EQ(restarted.registry.find(elsewhere, "hello").value()->account, elsewhere);
}

TEST_F(Functions_Test, function_is_found_by_name_and_all_forms_of_arn) {
    active();
    for (const char* name :
         {"hello", "function:hello", "000000000000:function:hello", "us-east-1:000000000000:function:hello",
          "hello:$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:hello",
          "arn:aws:lambda:us-east-1:000000000000:function:hello:$LATEST"}) {
        EXPECT_TRUE(functions.registry.find(account, name).has_value()) << name;
    }
    EXPECT_THAT(functions.registry.find(account, "hello:1", "2"), Fails_with("InvalidParameterValueException"));
    EXPECT_THAT(functions.registry.find(account, "hello:7"),
                Fails_with_message("ResourceNotFoundException",
                                   "Function not found: arn:aws:lambda:us-east-1:000000000000:function:hello:7"));
    EXPECT_THAT(functions.registry.find(account, "arn:aws:lambda:eu-west-1:000000000000:function:hello"),
                Fails_with("ResourceNotFoundException"));
    EXPECT_THAT(functions.registry.find(account, "not a name"), Fails_with("ValidationException"));
    EXPECT_THAT(functions.registry.find({.id = "111111111111"}, "hello"), Fails_with("ResourceNotFoundException"));
}

TEST_F(Functions_Test, functions_are_listed_in_pages_by_name) {
    for (const char* name : {"c", "a", "b"}) active(name);
    const auto first = functions.registry.list(account, "", 2);
    ASSERT_EQ(first.functions.size(), 2u);
    EXPECT_EQ(first.functions[0]->name, "a");
    const auto second = functions.registry.list(account, first.next_marker, 2);
    ASSERT_EQ(second.functions.size(), 1u);
    EXPECT_EQ(second.functions[0]->name, "c");
    EXPECT_EQ(second.next_marker, "");
}

TEST_F(Functions_Test, same_content_is_published_once) {
    active();
    EXPECT_EQ(functions.versions.publish(account, "hello", "", "", "").value()->version, "1");
    EXPECT_EQ(functions.versions.publish(account, "hello", "", "", "").value()->version, "1");
    functions.deployment.update_code(account, new_code()).value();
    loop.run();
    EXPECT_EQ(functions.versions.publish(account, "hello", "", "", "").value()->version, "2");
    EXPECT_NE(functions.registry.invocable(account, "hello", "1").value().function->zip->sha256(),
              functions.registry.invocable(account, "hello:2").value().function->zip->sha256());
}

struct Snap_Start_Version_Test : Functions_Test {
    Create_Function snap_started(bool publish = false) {
        auto request = hello();
        request.runtime = "python3.12";
        request.settings["SnapStart"] = {{"ApplyOn", "PublishedVersions"}};
        request.publish = publish;
        return request;
    }
    Function_Ptr publish() { return functions.deployment.publish_version(account, "hello", "", "", "").value(); }
    Function_Ptr version() { return functions.registry.find(account, "hello", "1").value(); }
};

TEST_F(Snap_Start_Version_Test, version_is_pending_until_its_snapshot_is_taken) {
    functions.deployment.create(account, snap_started()).value();
    loop.run();
    EXPECT_TRUE(invocations.snapshots.empty()) << "$LATEST has none";
    EXPECT_EQ(publish()->state, "Pending");
    EXPECT_EQ(publish()->state_reason_code, "Creating");
    loop.run();
    ASSERT_EQ(invocations.snapshots.size(), 1u);
    EXPECT_THAT(functions.registry.invocable(account, "hello", "1"), Fails_with("SnapStartNotReadyException"));
    invocations.snapshot_taken("");
    EXPECT_EQ(version()->state, "Active");
    EXPECT_EQ(version(), invocations.snapshots[0]) << "its events look for environments of this object";
    EXPECT_TRUE(functions.registry.invocable(account, "hello", "1"));
}

TEST_F(Snap_Start_Version_Test, published_with_the_function_it_waits_for_the_code) {
    functions.deployment.create(account, snap_started(true)).value();
    EXPECT_TRUE(invocations.snapshots.empty());
    loop.run();
    ASSERT_EQ(invocations.snapshots.size(), 1u);
    EXPECT_EQ(functions.registry.find(account, "hello").value()->state, "Active");
    EXPECT_EQ(version()->state, "Pending");
    invocations.snapshot_taken("");
    EXPECT_EQ(version()->state, "Active");
}

TEST_F(Snap_Start_Version_Test, version_fails_if_its_init_fails) {
    functions.deployment.create(account, snap_started(true)).value();
    loop.run();
    invocations.snapshot_taken("Runtime.BeforeSnapshotError");
    EXPECT_EQ(version()->state, "Failed");
    EXPECT_EQ(version()->state_reason_code, "FunctionError.RuntimeInitError");
    EXPECT_EQ(version()->state_reason, "An error occurred during function initialization.");
}

TEST_F(Snap_Start_Version_Test, snapshot_of_a_changed_version_activates_the_change) {
    functions.deployment.create(account, snap_started(true)).value();
    loop.run();
    functions.settings.put_concurrency(account, "hello", 5).value();
    invocations.snapshot_taken("");
    EXPECT_EQ(version()->state, "Active");
    EXPECT_EQ(version()->reserved_concurrency, 5);
}

TEST_F(Snap_Start_Version_Test, snapshot_of_a_deleted_version_is_ignored) {
    functions.deployment.create(account, snap_started(true)).value();
    loop.run();
    const auto taken = invocations.snapshot_taken;
    functions.deployment.remove(account, "hello").value();
    functions.deployment.create(account, snap_started(true)).value();
    taken("");
    EXPECT_EQ(version()->state, "Pending");
}

TEST_F(Snap_Start_Version_Test, snapshots_are_taken_again_after_a_restart) {
    functions.deployment.create(account, snap_started(true)).value();
    loop.run();
    functions.load();
    loop.run();
    ASSERT_EQ(invocations.snapshots.size(), 2u);
    invocations.snapshot_taken("");
    EXPECT_EQ(version()->state, "Active");
}

TEST_F(Snap_Start_Version_Test, features_without_snapshots_are_rejected) {
    auto large = snap_started();
    large.ephemeral_storage_mb = 513;
    EXPECT_THAT(functions.deployment.create(account, large), Fails_with("InvalidParameterValueException"));
    auto mounted = snap_started();
    mounted.settings["FileSystemConfigs"] = Json::array({{{"Arn", "a"}, {"LocalMountPath", "/mnt/a"}}});
    EXPECT_THAT(functions.deployment.create(account, mounted), Fails_with("InvalidParameterValueException"));
    functions.deployment.create(account, snap_started(true)).value();
    loop.run();
    EXPECT_THAT(functions.provisioned.put(account, "hello", "1", 1), Fails_with("InvalidParameterValueException"));
    Update_Function_Configuration grown;
    grown.name = "hello";
    grown.ephemeral_storage_mb = 1024;
    EXPECT_THAT(functions.deployment.update_configuration(account, grown),
                Fails_with("InvalidParameterValueException"));
}

// Source: LocalStack, tests/aws/services/lambda_/test_lambda_api.py, test_function_revisions_version_and_alias
TEST_F(Functions_Test, publishing_changes_the_revision_of_latest) {
    const Function_Ptr before = active();
    const Function_Ptr serving = functions.registry.invocable(account, "hello").value().function;
    const std::string version =
        functions.versions.publish(account, "hello", "", "", before->revision_id).value()->revision_id;
    const Function_Ptr after = functions.registry.find(account, "hello").value();
    EXPECT_NE(after->revision_id, before->revision_id);
    EXPECT_EQ(after->modified_at, before->modified_at);
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->revision_id, version);
    EXPECT_EQ(functions.registry.invocable(account, "hello").value().function, serving) << "its environments restart";
    EXPECT_EQ(functions.versions.publish(account, "hello", "", "", "").value()->version, "1");
    EXPECT_EQ(functions.registry.find(account, "hello").value()->revision_id, after->revision_id);
}

TEST_F(Functions_Test, delete_removes_url_and_allows_recreation) {
    active();
    const auto url =
        functions.urls
            .create(account, {.name = "hello", .qualifier = {}, .auth_type = "NONE", .invoke_mode = {}, .cors = {}})
            .value();
    ASSERT_TRUE(functions.deployment.remove(account, "hello").has_value());
    EXPECT_THAT(functions.registry.find(account, "hello"), Fails_with("ResourceNotFoundException"));
    EXPECT_THAT(functions.urls.target(url.id), Fails_with("AccessDeniedException"));
    EXPECT_TRUE(store->load("lambda.function").empty());
    EXPECT_EQ(active()->state, "Active");
}

TEST_F(Functions_Test, public_url_needs_a_permission) {
    active();
    const auto url =
        functions.urls
            .create(account, {.name = "hello", .qualifier = {}, .auth_type = "NONE", .invoke_mode = {}, .cors = {}})
            .value();
    EXPECT_EQ(url.url, "http://" + url.id + ".lambda-url.us-east-1.localhost:4566/");
    EXPECT_FALSE(anonymous_access(url.id).url);

    Add_Permission request;
    request.name = "hello";
    request.principal = "*";
    request.statement_id = "url";
    request.action = "lambda:InvokeFunctionUrl";
    request.function_url_auth_type = "NONE";
    functions.policies.add(account, request).value();
    EXPECT_TRUE(anonymous_access(url.id).url);
    EXPECT_FALSE(anonymous_access(url.id).invoke);
    request.statement_id = "invoke";
    request.action = "lambda:InvokeFunction";
    request.function_url_auth_type = "";
    request.invoked_via_function_url = true;
    functions.policies.add(account, request).value();
    EXPECT_TRUE(anonymous_access(url.id).invoke);

    ASSERT_TRUE(functions.policies.remove(account, "hello", "url", "", "").has_value());
    EXPECT_FALSE(anonymous_access(url.id).url);
}

/// Gives each URL the port that it had, or the next one.
struct Fake_Url_Ports final : Url_Ports {
    std::map<std::string, std::uint16_t> open_ports;
    std::uint16_t next = 1000;
    bool previous_is_free = true;

    std::uint16_t open(const std::string& id, std::uint16_t previous) override {
        const auto found = open_ports.find(id);
        if (found != open_ports.end()) return found->second;
        return open_ports[id] = previous != 0 && previous_is_free ? previous : next++;
    }
    void keep_only(const std::function<bool(const std::string&)>& keeps) override {
        std::erase_if(open_ports, [&](const auto& port) { return !keeps(port.first); });
    }
};

struct Url_Addresses_Test : Functions_Test {
    Fake_Url_Ports ports;

    std::unique_ptr<Functions> restarted() {
        Functions_Dependencies with_ports = dependencies();
        with_ports.url_ports = &ports;
        auto made = std::make_unique<Functions>(context, code, invocations, std::move(with_ports));
        made->load();
        return made;
    }
    Function_Url url_of(Functions& some) { return some.urls.find(account, "hello", "").value(); }
};

TEST_F(Url_Addresses_Test, port_of_a_url_is_stored_and_closed_with_it) {
    active();
    auto first = restarted();
    first->urls.create(account, {.name = "hello", .qualifier = {}, .auth_type = "NONE"}).value();
    EXPECT_EQ(url_of(*first).url, "http://127.0.0.1:1000/");
    ports.open_ports.clear();
    first = restarted();
    EXPECT_EQ(url_of(*first).url, "http://127.0.0.1:1000/");
    ports.open_ports.clear();
    ports.previous_is_free = false;
    ports.next = 2000;
    first = restarted();
    EXPECT_EQ(url_of(*first).url, "http://127.0.0.1:2000/");
    ports.open_ports.clear();
    ports.previous_is_free = true;
    first = restarted();
    EXPECT_EQ(url_of(*first).port, 2000) << "the replacement is stored";
    ports.next = 3000;
    first->load();
    EXPECT_EQ(url_of(*first).port, 2000) << "a port stays open while the state is read again";
    first->urls.remove(account, "hello", "").value();
    EXPECT_TRUE(ports.open_ports.empty());
}

TEST_F(Url_Addresses_Test, older_url_gets_a_port_and_a_reset_closes_it) {
    active();
    functions.urls.create(account, {.name = "hello", .qualifier = {}, .auth_type = "NONE"}).value();
    const auto with_ports = restarted();
    EXPECT_EQ(url_of(*with_ports).url, "http://127.0.0.1:1000/");
    with_ports->clear();
    EXPECT_TRUE(ports.open_ports.empty());
}

struct Custom_Id_Case {
    std::string tag, qualifier, id;  ///< empty id: a random one
};

TEST_F(Functions_Test, tag_sets_the_id_of_a_url_if_it_is_a_host_label) {
    auto request = hello();
    functions.deployment.create(account, request).value();
    loop.run();
    const std::string version = functions.versions.publish(account, "hello", "", "", "").value()->version;
    functions.aliases.create(account, {.function_name = "hello", .name = "live", .version = version}).value();
    Function_Record& record = *functions.registry.record(account, "hello").value();
    for (const auto& [tag, qualifier, id] :
         {Custom_Id_Case{"Shop-1", "", "shop-1"}, Custom_Id_Case{"shop", "live", "shop-live"},
          Custom_Id_Case{std::string(63, 'a'), "", std::string(63, 'a')}, Custom_Id_Case{std::string(64, 'a'), "", ""},
          Custom_Id_Case{"a.b", "", ""}, Custom_Id_Case{"-a", "", ""}, Custom_Id_Case{"a_b", "", ""},
          Custom_Id_Case{"", "", ""}}) {
        auto tagged = std::make_shared<Function>(*record.latest);
        tagged->tags = {{"_custom_id_", tag}};
        record.latest = tagged;
        const auto url =
            functions.urls.create(account, {.name = "hello", .qualifier = qualifier, .auth_type = "NONE"}).value();
        if (id.empty())
            EXPECT_EQ(url.id.size(), 32u) << tag;
        else
            EXPECT_EQ(url.id, id);
        EXPECT_EQ(functions.urls.target(url.id).value().url->id, url.id);
        functions.urls.remove(account, "hello", qualifier).value();
    }
}

TEST_F(Functions_Test, custom_id_of_another_url_is_a_conflict) {
    for (const char* name : {"hello", "other"}) {
        auto request = hello(name);
        request.tags = {{"_custom_id_", "shop"}};
        functions.deployment.create(account, request).value();
    }
    loop.run();
    functions.urls.create(account, {.name = "hello", .qualifier = {}, .auth_type = "NONE"}).value();
    const auto second = functions.urls.create(account, {.name = "other", .qualifier = {}, .auth_type = "NONE"});
    EXPECT_THAT(second, Fails_with("ResourceConflictException"));
    EXPECT_NE(second.error().message.find("function:hello"), std::string::npos) << second.error().message;
}

TEST_F(Functions_Test, statement_for_one_source_does_not_allow_public_access) {
    active();
    const auto url =
        functions.urls
            .create(account, {.name = "hello", .qualifier = {}, .auth_type = "NONE", .invoke_mode = {}, .cors = {}})
            .value();
    for (const char* action : {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}) {
        Add_Permission request;
        request.name = "hello";
        request.principal = "*";
        request.statement_id = std::string(action).substr(7);
        request.action = action;
        request.source_account = "123456789012";
        functions.policies.add(account, request).value();
    }
    EXPECT_FALSE(anonymous_access(url.id).url);
}

TEST_F(Functions_Test, environment_variables_are_limited) {
    auto request = hello();
    using Variables = std::map<std::string, std::string>;
    request.environment = Variables{{"BIG", std::string(4086, 'x')}};
    EXPECT_THAT(functions.deployment.create(account, hello("other")), test_support::Succeeds());
    EXPECT_THAT(functions.deployment.create(account, request), test_support::Succeeds());
    request.name = "more";
    (*request.environment)["BIG"] += "x";
    EXPECT_THAT(functions.deployment.create(account, request), Fails_with("InvalidParameterValueException"));
    request.environment = Variables{{"AWS_REGION", "x"}};
    EXPECT_THAT(functions.deployment.create(account, request), Fails_with("InvalidParameterValueException"));
}

TEST_F(Functions_Test, deny_statement_closes_a_public_url) {
    active();
    Function_Record& record = *functions.registry.record(account, "hello").value();
    const auto statement = [](const char* effect, const char* action) {
        return Json{{"Effect", effect}, {"Principal", "*"}, {"Action", action}, {"Resource", "*"}};
    };
    int revision = 0;
    const auto access = [&](const Condition_Keys& keys = {}) {
        record.policy_revisions[""] = std::to_string(++revision);
        return public_access(record, "", [&] { return keys; });
    };
    record.statements[""] = {statement("Allow", "lambda:InvokeFunctionUrl"),
                             statement("Allow", "lambda:InvokeFunction")};
    EXPECT_TRUE(access().invoke);
    record.statements[""].push_back(statement("Deny", "*"));
    EXPECT_FALSE(access().url);
    record.statements[""].back() = statement("Deny", "lambda:Invoke*");
    EXPECT_FALSE(access().url) << "actions have wildcards";
    record.statements[""].back()["Condition"] = {{"IpAddress", {{"aws:SourceIp", "127.0.0.0/8"}}}};
    EXPECT_FALSE(access({{"aws:sourceip", {"127.0.0.1"}}}).url) << "all conditions are evaluated";
    EXPECT_TRUE(access({{"aws:sourceip", {"10.0.0.1"}}}).url);
    record.statements[""].back()["Condition"] = {{"StringEquals", {{"LAMBDA:FunctionUrlAuthType", "AWS_IAM"}}}};
    EXPECT_TRUE(access().invoke);
}

}  // namespace
}  // namespace osbot_aws::services
