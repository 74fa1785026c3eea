#include <gtest/gtest.h>

#include <set>

#include "store/store.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

struct Aliases_Test : testing::Test, test_support::Lambda_World {
    /// Creates version 1 and a $LATEST that differs from it.
    void SetUp() override {
        active();
        functions.versions.publish(account, "hello", "", "first", "").value();
        change("print(2)");
    }
    void change(const std::string& source) {
        Update_Function_Code request;
        request.name = "hello";
        request.code.zip = store_zip(store->blobs(), test_support::zip_of({{"app.py", source}}));
        functions.deployment.update_code(account, request).value();
        loop.run();
    }
    Alias make(const std::string& name, const std::string& version) {
        return functions.aliases.create(account, {.function_name = "hello", .name = name, .version = version}).value();
    }
    std::string runs(const std::string& qualifier) {
        return functions.registry.invocable(account, "hello", qualifier).value().function->version;
    }
};

TEST_F(Aliases_Test, invoke_runs_version_and_reports_alias) {
    make("live", "1");
    const auto target = functions.registry.invocable(account, "hello:live").value();
    EXPECT_EQ(target.function->version, "1");
    EXPECT_EQ(target.qualifier, "live");
    functions.aliases.update(account, {.function_name = "hello", .name = "live", .version = "$LATEST"}).value();
    EXPECT_EQ(runs("live"), "$LATEST");
}

TEST_F(Aliases_Test, alias_of_latest_serves_old_code_until_update_completes) {
    make("dev", "$LATEST");
    const Function_Ptr before = functions.registry.invocable(account, "hello", "dev").value().function;
    Update_Function_Code request;
    request.name = "hello";
    request.code.zip = store_zip(store->blobs(), test_support::zip_of({{"app.py", "print(3)"}}));
    functions.deployment.update_code(account, request).value();
    EXPECT_EQ(functions.registry.invocable(account, "hello", "dev").value().function, before);
    loop.run();
    EXPECT_NE(functions.registry.invocable(account, "hello", "dev").value().function, before);
}

TEST_F(Aliases_Test, weight_routes_none_some_or_all_invokes) {
    functions.versions.publish(account, "hello", "", "second", "").value();
    make("live", "1");
    const auto versions_with = [&](double weight) {
        functions.aliases.update(account, {.function_name = "hello", .name = "live", .weights = {{{"2", weight}}}})
            .value();
        std::set<std::string> seen;
        for (int i = 0; i < 200; ++i) seen.insert(runs("live"));
        return seen;
    };
    EXPECT_EQ(versions_with(0), std::set<std::string>{"1"});
    EXPECT_EQ(versions_with(1), std::set<std::string>{"2"});
    EXPECT_EQ(versions_with(0.5), (std::set<std::string>{"1", "2"}));
}

TEST_F(Aliases_Test, deleting_alias_deletes_its_policy_but_not_its_url) {
    make("live", "1");
    const Function_Url url =
        functions.urls.create(account, {.name = "hello", .qualifier = "live", .auth_type = "NONE"}).value();
    functions.policies
        .add(account, {.name = "hello",
                       .qualifier = "live",
                       .statement_id = "s",
                       .action = "lambda:InvokeFunction",
                       .principal = "*"})
        .value();
    ASSERT_TRUE(functions.urls.target(url.id));
    functions.aliases.remove(account, "hello", "live").value();
    EXPECT_EQ(functions.urls.target(url.id).error().code, "ResourceNotFoundException");
    EXPECT_EQ(functions.urls.find(account, "hello", "live").value().id, url.id);
    make("live", "1");
    EXPECT_TRUE(functions.urls.target(url.id));
    EXPECT_EQ(functions.policies.find(account, "hello", "live").error().code, "ResourceNotFoundException");
}

TEST_F(Aliases_Test, aliases_survive_restart) {
    const Alias created = make("live", "1");
    functions.load();
    const Alias found = functions.aliases.find(account, "hello", "live").value();
    EXPECT_EQ(found.revision_id, created.revision_id);
    EXPECT_EQ(found.version, "1");
}

TEST_F(Aliases_Test, reserved_concurrency_applies_to_published_versions) {
    functions.settings.put_concurrency(account, "hello", 3).value();
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->reserved_concurrency, 3);
    functions.settings.delete_concurrency(account, "hello").value();
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->reserved_concurrency, std::nullopt);
}

}  // namespace
}  // namespace osbot_aws::services
