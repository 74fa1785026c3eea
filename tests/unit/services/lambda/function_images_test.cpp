// Functions that are container images. Their HTTP responses are tested in tests/contract/data/lambda/images.txt.
#include <gmock/gmock.h>

#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/my-repo:latest";

struct Function_Images_Test : testing::Test, test_support::Lambda_World {
    Function_Ptr created(const std::string& name = "hello") {
        functions.deployment.create(account, image_function(uri, name)).value();
        loop.run();
        return now(name);
    }
    Function_Ptr now(const std::string& name = "hello") { return functions.registry.find(account, name).value(); }
    Function_Ptr updated(const std::string& image_uri) {
        functions.deployment.update_code(account, {.name = "hello", .code = {.image_uri = image_uri}}).value();
        loop.run();
        return now();
    }
};

TEST_F(Function_Images_Test, stored_image_makes_function_active_with_its_digest) {
    add_image(uri, "d1");
    const Function_Ptr function = created();
    EXPECT_EQ(function->state, "Active");
    EXPECT_EQ(function->code_sha256_base64, "d1");
    EXPECT_EQ(function->image_uri, uri);
    EXPECT_EQ(function->runtime, "");
    EXPECT_TRUE(functions.registry.invocable(account, "hello").has_value());
    EXPECT_THAT(functions.zips(), IsEmpty()) << "an image function references no zip";
}

TEST_F(Function_Images_Test, missing_image_fails_function_and_explains_import) {
    const Function_Ptr function = created();
    EXPECT_EQ(function->state, "Failed");
    EXPECT_EQ(function->state_reason_code, "ImageAccessDenied");
    EXPECT_THAT(function->state_reason,
                AllOf(HasSubstr(uri), HasSubstr("osbot local image import FILE --name my-repo:latest")));
    EXPECT_THAT(functions.registry.invocable(account, "hello"), Fails_with("ResourceConflictException"));
}

TEST_F(Function_Images_Test, import_activates_function_and_versions) {
    auto request = image_function(uri);
    request.publish = true;
    functions.deployment.create(account, request).value();
    loop.run();
    created("another");
    ASSERT_EQ(functions.registry.find(account, "hello", "1").value()->state, "Failed");
    functions.deployment.image_imported();
    loop.run();
    EXPECT_EQ(now()->state, "Failed") << "a different image was imported";

    add_image(uri, "d1");
    functions.deployment.image_imported();
    EXPECT_EQ(now()->state, "Pending");
    loop.run();

    EXPECT_EQ(now()->state, "Active");
    EXPECT_EQ(now()->code_sha256_base64, "d1");
    EXPECT_EQ(now("another")->state, "Active");
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->state, "Active");
    EXPECT_TRUE(functions.registry.invocable(account, "hello", "1").has_value());
}

TEST_F(Function_Images_Test, failed_update_leaves_pending_versions_unchanged) {
    add_image(uri, "d1");
    auto request = image_function(uri);
    request.settings["SnapStart"] = {{"ApplyOn", "PublishedVersions"}};
    functions.deployment.create(account, request).value();
    loop.run();
    const std::string revision =
        functions.deployment.publish_version(account, "hello", "", "", "").value()->revision_id;
    loop.run();
    ASSERT_EQ(invocations.snapshots.size(), 1u) << "its init runs";

    EXPECT_EQ(updated("missing:1")->last_update_status, "Failed");
    const auto version = [&] { return functions.registry.find(account, "hello", "1").value(); };
    EXPECT_EQ(version()->state, "Pending");
    EXPECT_EQ(version()->revision_id, revision);
    invocations.snapshot_taken("");
    EXPECT_EQ(version()->state, "Active");
}

TEST_F(Function_Images_Test, failed_update_after_a_restart_fails_its_version_only) {
    add_image(uri, "d1");
    auto request = image_function(uri);
    request.settings["SnapStart"] = {{"ApplyOn", "PublishedVersions"}};
    functions.deployment.create(account, request).value();
    loop.run();
    functions.deployment.publish_version(account, "hello", "", "", "").value();
    loop.run();
    functions.deployment
        .update_code(account, {.name = "hello", .code = {.image_uri = "missing:1"}, .revision_id = "", .publish = true})
        .value();
    functions.load();
    loop.run();
    ASSERT_EQ(invocations.snapshots.size(), 2u) << "its init runs again";
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->state, "Pending");
    EXPECT_EQ(functions.registry.find(account, "hello", "2").value()->state, "Failed");
    invocations.snapshot_taken("");
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->state, "Active");
}

TEST_F(Function_Images_Test, import_activates_a_version_of_an_active_function) {
    add_image(uri, "d1");
    created();
    functions.deployment
        .update_code(account, {.name = "hello", .code = {.image_uri = "missing:1"}, .revision_id = "", .publish = true})
        .value();
    loop.run();
    EXPECT_EQ(now()->state, "Active") << "the failed update restored it";
    ASSERT_EQ(functions.registry.find(account, "hello", "1").value()->state_reason_code, "ImageAccessDenied");
    const std::string revision = now()->revision_id;

    add_image("missing:1", "d2");
    functions.deployment.image_imported();
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->state, "Active");
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->code_sha256_base64, "d2");
    EXPECT_EQ(now()->revision_id, revision) << "$LATEST did not wait for the image";
}

TEST_F(Function_Images_Test, import_does_not_repeat_a_failed_init) {
    add_image(uri, "d1");
    auto request = image_function(uri);
    request.settings["SnapStart"] = {{"ApplyOn", "PublishedVersions"}};
    request.publish = true;
    functions.deployment.create(account, request).value();
    loop.run();
    invocations.snapshot_taken("Runtime.ExitError");
    functions.deployment.image_imported();
    loop.run();
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->state, "Failed");
    EXPECT_EQ(invocations.snapshots.size(), 1u);
}

TEST_F(Function_Images_Test, moved_tag_takes_effect_on_function_update) {
    add_image(uri, "d1");
    created();
    add_image(uri, "d2");
    functions.deployment.image_imported();
    loop.run();
    EXPECT_EQ(now()->code_sha256_base64, "d1");
    EXPECT_THAT(functions.deployment.image_users("d1"), ElementsAre("hello"));
    EXPECT_EQ(updated(uri)->code_sha256_base64, "d2");
    EXPECT_THAT(functions.deployment.image_users("d1"), IsEmpty());
    EXPECT_THAT(invocations.retired, ElementsAre("hello:$LATEST"));
}

TEST_F(Function_Images_Test, update_to_missing_image_fails_and_keeps_old_image) {
    add_image(uri, "d1");
    created();
    const Function_Ptr function = updated("missing:1");
    EXPECT_EQ(function->state, "Active");
    EXPECT_EQ(function->last_update_status, "Failed");
    EXPECT_EQ(function->last_update_reason_code, "ImageAccessDenied");
    EXPECT_THAT(function->last_update_reason, HasSubstr("missing:1"));
    EXPECT_EQ(function->image_uri, uri);
    EXPECT_EQ(functions.registry.invocable(account, "hello").value().function->code_sha256_base64, "d1");
}

TEST_F(Function_Images_Test, published_version_keeps_its_image) {
    add_image(uri, "d1");
    created();
    functions.versions.publish(account, "hello", "", "", "").value();
    add_image(uri, "d2");
    updated(uri);
    EXPECT_EQ(functions.registry.find(account, "hello", "1").value()->code_sha256_base64, "d1");
    EXPECT_THAT(functions.deployment.image_users("d1"), ElementsAre("hello"));
}

TEST_F(Function_Images_Test, image_config_is_stored_replaced_and_cleared) {
    add_image(uri, "d1");
    auto request = image_function(uri);
    request.image_config = Image_Overrides{.entry_point = {"/e"}, .command = {"a", "b"}, .working_directory = "/w"};
    functions.deployment.create(account, request).value();
    loop.run();
    EXPECT_EQ(now()->image_config, *request.image_config);
    const auto change = [&](const Image_Overrides& config) {
        functions.deployment.update_configuration(account, {.name = "hello", .image_config = config}).value();
        loop.run();
    };
    change({.entry_point = {}, .command = {"c"}, .working_directory = ""});
    EXPECT_THAT(now()->image_config.command, ElementsAre("c"));
    EXPECT_THAT(now()->image_config.entry_point, IsEmpty());
    change({});
    EXPECT_EQ(now()->image_config, Image_Overrides{});
}

TEST_F(Function_Images_Test, image_function_survives_restart) {
    add_image(uri, "d1");
    auto request = image_function(uri);
    request.image_config = Image_Overrides{.entry_point = {"/e"}, .command = {"a"}, .working_directory = "/w"};
    functions.deployment.create(account, request).value();
    loop.run();
    functions.load();
    EXPECT_EQ(now()->state, "Active");
    EXPECT_EQ(now()->package_type, "Image");
    EXPECT_EQ(now()->image_uri, uri);
    EXPECT_EQ(now()->code_sha256_base64, "d1");
    EXPECT_EQ(now()->image_config, *request.image_config);
}

}  // namespace
}  // namespace osbot_aws::services
