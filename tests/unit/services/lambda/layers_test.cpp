#include "services/lambda/layers.hpp"

#include <gmock/gmock.h>

#include "store/blobs.hpp"
#include "store/store.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with;
using test_support::zip_of;

struct Layers_Test : testing::Test, test_support::Lambda_World {
    Layer_Version_Ptr publish(const std::string& name, const std::string& text) {
        Publish_Layer request;
        request.name = name;
        request.code.zip = store_zip(store->blobs(), zip_of({{"python/" + name + ".py", text}}));
        return functions.layers.publish(account, request).value();
    }
    void make_function(const std::string& name, const std::vector<std::string>& layers) {
        Create_Function request = hello(name, "print('" + name + "')");
        request.layers = layers;
        functions.deployment.create(account, request).value();
        loop.run();
    }
    bool unpacked(const Layer_Version_Ptr& layer) { return !code.find(layer->zip.blob->sha256()).empty(); }
    /// Advances the time by the second after which unused folders are removed.
    void pass_time() { loop.advance(std::chrono::seconds{2}); }
};

TEST_F(Layers_Test, deleted_layer_folder_is_removed_with_last_function) {
    const auto layer = publish("tools", "x = 1");
    make_function("one", {layer->arn});
    make_function("two", {layer->arn});
    ASSERT_TRUE(unpacked(layer));
    functions.layers.remove(account, "tools", 1).value();
    functions.deployment.remove(account, "one").value();
    pass_time();
    EXPECT_TRUE(unpacked(layer)) << "`two` uses it";
    functions.deployment.remove(account, "two").value();
    pass_time();
    EXPECT_FALSE(unpacked(layer));
}

TEST_F(Layers_Test, existing_layer_stays_unpacked_without_functions) {
    const auto layer = publish("tools", "x = 1");
    make_function("one", {layer->arn});
    functions.deployment.remove(account, "one").value();
    pass_time();
    EXPECT_TRUE(unpacked(layer));
}

TEST_F(Layers_Test, folders_in_use_are_removed_after_environment_ends) {
    const auto layer = publish("tools", "x = 1");
    make_function("one", {layer->arn});
    const Function_Ptr function = functions.registry.find(account, "one").value();
    auto environment = code.hold(zips_of(*function));
    functions.layers.remove(account, "tools", 1).value();
    functions.deployment.remove(account, "one").value();
    pass_time();
    EXPECT_TRUE(unpacked(layer));
    EXPECT_FALSE(code.find(function->zip->sha256()).empty());
    environment.reset();
    pass_time();
    EXPECT_FALSE(unpacked(layer));
    EXPECT_TRUE(code.find(function->zip->sha256()).empty());
}

TEST_F(Layers_Test, merged_folder_is_removed_with_its_layers) {
    const auto first = publish("first", "x = 1"), second = publish("second", "y = 1");
    make_function("one", {first->arn, second->arn});
    const auto merged =
        code.merged({code.find(first->zip.blob->sha256()), code.find(second->zip.blob->sha256())}).value();
    ASSERT_TRUE(std::filesystem::exists(merged / "python/first.py"));
    functions.layers.remove(account, "first", 1).value();
    auto environment = code.hold(zips_of(*functions.registry.find(account, "one").value()));
    functions.deployment.remove(account, "one").value();
    pass_time();
    EXPECT_TRUE(std::filesystem::exists(merged / "python/second.py"));
    environment.reset();
    pass_time();
    EXPECT_FALSE(std::filesystem::exists(merged));
    EXPECT_TRUE(unpacked(second)) << "this layer is not deleted";
}

TEST_F(Layers_Test, code_update_removes_old_folder) {
    const std::string old = active()->zip->sha256();
    Update_Function_Code request;
    request.name = "hello";
    request.code.zip = store_zip(store->blobs(), zip_of({{"app.py", "print(2)"}}));
    functions.deployment.update_code(account, request).value();
    loop.run();
    pass_time();
    EXPECT_TRUE(code.find(old).empty());
    EXPECT_FALSE(code.find(functions.registry.find(account, "hello").value()->zip->sha256()).empty());
}

TEST_F(Layers_Test, keep_only_spares_folders_being_unpacked) {
    functions.deployment.create(account, hello()).value();
    code.keep_only({});  // as during a start, while the code is unpacked
    loop.run();
    EXPECT_FALSE(code.find(functions.registry.find(account, "hello").value()->zip->sha256()).empty());
}

TEST_F(Layers_Test, policy_survives_restart_and_is_deleted_with_version) {
    publish("shared", "x = 1");
    functions.layers
        .add_permission(account, {.name = "shared",
                                  .number = 1,
                                  .statement_id = "all",
                                  .action = "lambda:GetLayerVersion",
                                  .principal = "*"})
        .value();
    const Account other{"111111111111", account.region};
    const std::string arn = "arn:aws:lambda:us-east-1:000000000000:layer:shared:1";
    functions.load();
    EXPECT_EQ(functions.layers.find_arn(other, arn).value()->arn, arn);
    functions.layers.remove(account, "shared", 1).value();
    EXPECT_EQ(functions.layers.find_arn(other, arn).error().code, "AccessDeniedException");
    EXPECT_EQ(functions.layers.policy(account, "shared", 1).error().code, "ResourceNotFoundException");
}

TEST_F(Layers_Test, layers_of_other_accounts_and_regions_are_not_changed) {
    publish("mine", "x = 1");
    const std::string arn = "arn:aws:lambda:us-east-1:000000000000:layer:mine";
    const auto denied = [&](const std::string& action, const std::string& resource) {
        return test_support::Fails_with_message(
            "AccessDeniedException", "User: arn:aws:iam::111111111111:root is not authorized to perform: lambda:" +
                                         action + " on resource: " + resource +
                                         " because no resource-based policy allows the lambda:" + action + " action");
    };
    Publish_Layer request;
    request.name = arn;
    request.code.zip = store_zip(store->blobs(), zip_of({{"python/m.py", "x = 2"}}));
    const Add_Layer_Permission permission{.name = arn,
                                          .number = 1,
                                          .statement_id = "s",
                                          .action = "lambda:GetLayerVersion",
                                          .principal = "*",
                                          .organization_id = "",
                                          .revision_id = ""};
    Layers& layers = functions.layers;
    const Account other{"111111111111", account.region}, elsewhere{account.id, "eu-west-1"};
    EXPECT_THAT(layers.publish(other, request), denied("PublishLayerVersion", arn));
    EXPECT_THAT(layers.versions(other, arn, {}), denied("ListLayerVersions", arn));
    EXPECT_THAT(layers.remove(other, arn, 1), denied("DeleteLayerVersion", arn + ":1"));
    EXPECT_THAT(layers.add_permission(other, permission), denied("AddLayerVersionPermission", arn + ":1"));
    EXPECT_THAT(layers.policy(other, arn, 1), denied("GetLayerVersionPolicy", arn + ":1"));
    EXPECT_THAT(layers.remove_permission(other, arn, 1, "s", ""), denied("RemoveLayerVersionPermission", arn + ":1"));
    EXPECT_THAT(layers.publish(elsewhere, request), Fails_with("ResourceNotFoundException"));
    EXPECT_THAT(layers.remove(elsewhere, arn, 1), Fails_with("ResourceNotFoundException"));

    const auto versions = layers.versions(account, arn, {}).value().versions;
    ASSERT_EQ(versions.size(), 1U);
    EXPECT_EQ(versions[0]->number, 1);
    EXPECT_THAT(layers.policy(account, "mine", 1), Fails_with("ResourceNotFoundException")) << "it has none";
}

TEST_F(Layers_Test, zip_of_a_huge_object_is_not_joined) {
    const auto part = store->blobs().put(std::string(1 << 20, 'x')).value();
    const std::vector<store::Blob_Ptr> parts(600, part);  // as a multipart object of 600 MB
    EXPECT_THAT(zip_of_object(store->blobs(), parts),
                test_support::Fails_with_message("InvalidParameterValueException",
                                                 "Unzipped size must be smaller than 262144000 bytes"));
}

TEST_F(Layers_Test, statement_for_organization_allows_no_account) {
    publish("shared", "x = 1");
    functions.layers
        .add_permission(account, {.name = "shared",
                                  .number = 1,
                                  .statement_id = "org",
                                  .action = "lambda:GetLayerVersion",
                                  .principal = "*",
                                  .organization_id = "o-0123456789"})
        .value();
    EXPECT_EQ(functions.layers
                  .find_arn({"111111111111", account.region}, "arn:aws:lambda:us-east-1:000000000000:layer:shared:1")
                  .error()
                  .code,
              "AccessDeniedException");
}

}  // namespace
}  // namespace osbot_aws::services
