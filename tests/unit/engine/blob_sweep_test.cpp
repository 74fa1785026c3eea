#include "engine/blob_sweep.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <future>

#include "services/s3/multipart.hpp"
#include "services/s3/s3.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"

namespace osbot_aws::engine {
namespace {

namespace fs = std::filesystem;
using testing::SizeIs;

/// Lambda and S3 over one store, as in the engine.
struct Blob_Sweep_Test : testing::Test, test_support::Lambda_World {
    Blob_Sweep sweep{context};
    services::S3 s3{context};

    void SetUp() override { s3.create_bucket(account, "bucket", "").value(); }

    store::Blob_Ptr bytes(const std::string& text) { return store->blobs().put(text).value(); }
    void put(const std::string& key, const std::string& text) {
        s3.put_object(account, "bucket", {.key = key, .blob = bytes(text), .size = text.size()}).value();
    }
    /// Waits until all changes are durable and the sweep has run.
    void settle() {
        loop.run();  // the sweep waits for the store
        std::promise<void> durable;
        store->when_durable(store->last_change(), [&](const Result<void>&) { durable.set_value(); });
        durable.get_future().wait();
        loop.run();
    }
    std::size_t files() const {
        const auto blobs = store->temporary_folder().parent_path() / "blobs";
        return static_cast<std::size_t>(std::distance(fs::directory_iterator{blobs}, fs::directory_iterator{}));
    }
};

TEST_F(Blob_Sweep_Test, deletes_bytes_of_overwritten_and_deleted_objects) {
    put("k", "first");
    put("k", "second");
    settle();
    EXPECT_EQ(files(), 1U);

    s3.delete_object(account, "bucket", "k").value();
    EXPECT_EQ(files(), 1U) << "kept until the deletion is durable";
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, keeps_bytes_that_another_object_or_reader_references) {
    put("a", "same");
    put("b", "same");
    auto reader = s3.object(account, "bucket", "a").value()->blob;
    s3.delete_object(account, "bucket", "a").value();
    settle();
    EXPECT_EQ(files(), 1U);
    s3.delete_object(account, "bucket", "b").value();
    settle();
    EXPECT_EQ(store->blobs().read(*reader).value(), "same");

    reader.reset();
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, deletes_parts_of_aborted_uploads_and_unlisted_parts) {
    const std::string etag(32, '0');
    const auto start_upload = [&](const std::string& part) {
        auto id = s3.uploads().create(account, "bucket", {.object = {.key = "k"}}).value();
        s3.uploads().put_part(account, "bucket", "k", id, 1, {.blob = bytes(part), .etag = etag}).value();
        return id;
    };
    const auto aborted = start_upload("aborted"), completed = start_upload("listed");
    s3.uploads().put_part(account, "bucket", "k", completed, 2, {.blob = bytes("not listed"), .etag = etag}).value();
    s3.uploads().put_part(account, "bucket", "k", completed, 1, {.blob = bytes("replaced"), .etag = etag}).value();
    s3.uploads().put_part(account, "bucket", "k", completed, 1, {.blob = bytes("listed"), .etag = etag}).value();
    settle();
    EXPECT_EQ(files(), 3U);

    s3.uploads().abort(account, "bucket", "k", aborted).value();
    s3.uploads().complete(account, "bucket", "k", completed, {{1, etag, {}}}, {}).value();
    settle();
    EXPECT_EQ(files(), 1U);
    s3.delete_object(account, "bucket", "k").value();
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, deletes_function_code_unless_an_object_shares_its_bytes) {
    auto function = hello();
    const auto zip = store->blobs().read(*(**function.code.zip).blob).value();
    functions.deployment.create(account, function).value();
    function.code.zip.reset();
    put("code.zip", zip);
    functions.deployment.remove(account, "hello").value();
    settle();
    EXPECT_EQ(files(), 1U);
    s3.delete_object(account, "bucket", "code.zip").value();
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, keeps_replaced_code_while_a_version_uses_it) {
    functions.deployment.create(account, hello()).value();
    loop.run();
    functions.versions.publish(account, "hello", "", "", "").value();
    services::Update_Function_Code update{.name = "hello", .code = hello("", "print(2)").code};
    functions.deployment.update_code(account, update).value();
    update.code.zip.reset();
    settle();
    EXPECT_EQ(files(), 2U);
    functions.deployment.remove(account, "hello", "1").value();
    settle();
    EXPECT_EQ(files(), 1U);
}

TEST_F(Blob_Sweep_Test, deletes_a_layer_version_after_its_last_use) {
    services::Publish_Layer layer{
        .name = "tools", .code = hello("", "layer").code, .description = {}, .license_info = {}};
    const auto arn = functions.layers.publish(account, layer).value()->arn;
    layer.code.zip.reset();
    auto function = hello();
    function.layers = {arn};
    functions.deployment.create(account, function).value();
    function.code.zip.reset();
    loop.run();
    functions.layers.remove(account, "tools", 1).value();
    settle();
    EXPECT_EQ(files(), 2U) << "the function keeps it";
    functions.deployment.remove(account, "hello").value();
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, deletes_bytes_of_a_rejected_upload) {
    bytes("unreferenced").reset();
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, keeps_bytes_of_services_that_reload_from_disk) {
    put("k", "stored");
    settle();
    s3.load();
    settle();
    EXPECT_EQ(store->blobs().read(*s3.object(account, "bucket", "k").value()->blob).value(), "stored");
}

TEST_F(Blob_Sweep_Test, reset_deletes_all_bytes) {
    put("k", "bytes");
    functions.deployment.create(account, hello()).value();
    loop.run();
    store->clear();
    s3.clear();
    functions.clear();
    settle();
    EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace osbot_aws::engine
