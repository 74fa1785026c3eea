#include "engine/blob_sweep.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <future>

#include "engine/s3/multipart.hpp"
#include "engine/s3/s3.hpp"
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
    S3 s3{context};

    void SetUp() override { s3.create_bucket(account, "bucket", "").value(); }

    store::Blob_Ptr bytes(const std::string& text) { return store->blobs().put(text).value(); }
    void put(const std::string& key, const std::string& text) {
        s3.put_object(account, "bucket", {.key = key, .blob = bytes(text), .size = text.size()}).value();
    }
    /// Until all that was changed is on the disk, and what follows from it is done.
    void settle() {
        loop.run();  // the sweep asks the store
        std::promise<void> durable;
        store->when_durable(store->written(), [&](const Result<void>&) { durable.set_value(); });
        durable.get_future().wait();
        loop.run();
    }
    std::size_t files() const {
        const auto blobs = store->temporary_folder().parent_path() / "blobs";
        return static_cast<std::size_t>(std::distance(fs::directory_iterator{blobs}, fs::directory_iterator{}));
    }
};

TEST_F(Blob_Sweep_Test, the_bytes_of_an_overwritten_and_of_a_deleted_object_go) {
    put("k", "first");
    put("k", "second");
    settle();
    EXPECT_EQ(files(), 1U);

    s3.delete_object(account, "bucket", "k").value();
    EXPECT_EQ(files(), 1U) << "until the deletion is durable";
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, bytes_stay_while_another_object_or_a_reader_has_them) {
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

TEST_F(Blob_Sweep_Test, parts_go_with_an_aborted_upload_and_those_not_named_with_a_completed_one) {
    const std::string etag(32, '0');
    const auto begin = [&](const std::string& part) {
        auto id = s3.uploads().create(account, "bucket", {.object = {.key = "k"}}).value();
        s3.uploads().put_part(account, "bucket", "k", id, 1, {.blob = bytes(part), .etag = etag}).value();
        return id;
    };
    const auto aborted = begin("aborted"), completed = begin("named");
    s3.uploads().put_part(account, "bucket", "k", completed, 2, {.blob = bytes("not named"), .etag = etag}).value();
    s3.uploads().put_part(account, "bucket", "k", completed, 1, {.blob = bytes("replaced"), .etag = etag}).value();
    s3.uploads().put_part(account, "bucket", "k", completed, 1, {.blob = bytes("named"), .etag = etag}).value();
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

TEST_F(Blob_Sweep_Test, code_goes_with_its_function_unless_an_object_has_the_same_bytes) {
    auto wanted = hello();
    const auto zip = store->blobs().read(*(**wanted.code.zip).blob).value();
    functions.create(account, wanted).value();
    wanted.code.zip.reset();
    put("code.zip", zip);
    functions.remove(account, "hello").value();
    settle();
    EXPECT_EQ(files(), 1U);
    s3.delete_object(account, "bucket", "code.zip").value();
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, replaced_code_stays_as_long_as_a_version_runs_it) {
    functions.create(account, hello()).value();
    loop.run();
    functions.publish_version(account, "hello", "", "", "").value();
    Update_Function_Code update{.name = "hello", .code = hello("", "print(2)").code};
    functions.update_code(account, update).value();
    update.code.zip.reset();
    settle();
    EXPECT_EQ(files(), 2U);
    functions.remove(account, "hello", "1").value();
    settle();
    EXPECT_EQ(files(), 1U);
}

TEST_F(Blob_Sweep_Test, a_layer_version_goes_when_neither_the_layer_nor_a_function_has_it) {
    Publish_Layer layer{.name = "tools", .code = hello("", "layer").code, .description = {}, .license_info = {}};
    const auto arn = functions.layers().publish(account, layer).value()->arn;
    layer.code.zip.reset();
    auto wanted = hello();
    wanted.layers = {arn};
    functions.create(account, wanted).value();
    wanted.code.zip.reset();
    loop.run();
    functions.layers().remove(account, "tools", 1).value();
    settle();
    EXPECT_EQ(files(), 2U) << "the function keeps it";
    functions.remove(account, "hello").value();
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, what_was_uploaded_and_refused_goes) {
    bytes("nobody's").reset();
    settle();
    EXPECT_EQ(files(), 0U);
}

TEST_F(Blob_Sweep_Test, services_that_went_back_to_what_is_on_the_disk_have_their_bytes) {
    put("k", "kept");
    settle();
    s3.reload();
    settle();
    EXPECT_EQ(store->blobs().read(*s3.object(account, "bucket", "k").value()->blob).value(), "kept");
}

TEST_F(Blob_Sweep_Test, a_reset_leaves_nothing) {
    put("k", "bytes");
    functions.create(account, hello()).value();
    loop.run();
    store->clear();
    s3.clear();
    functions.clear();
    settle();
    EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace osbot_aws::engine
