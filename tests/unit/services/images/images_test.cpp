#include "services/images/images.hpp"

#include <gmock/gmock.h>
#include <zstd.h>

#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"
#include "support/tar.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using test_support::Oci_Layout;
using test_support::Tar;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

struct Images_Test : testing::Test {
    Images_Test() { fs::create_directory(layout_folder); }

    Result<Image_Ptr> import(const fs::path& path, const std::string& name = "") {
        std::optional<Result<Image_Ptr>> result;
        images.import(path, name, [&](const Result<Image_Ptr>& image) { result = image; });
        loop.run();
        return result.value();
    }
    Image_Ptr import_hello(const std::string& text = "hello", const std::string& name = "my-repo:latest") {
        const fs::path folder = scratch.path() / base::sha256_hex(text + name).substr(0, 8);
        fs::create_directory(folder);
        Oci_Layout hello_layout{.folder = folder, .name = name};
        hello_layout.add({Tar().file("hello", text).bytes()});
        return import(folder).value();
    }
    std::size_t stored_folders() const {
        std::error_code none;
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(store_folder, none), {}));
    }

    base::Temporary_Folder scratch;
    fs::path layout_folder = scratch.path() / "layout", store_folder = scratch.path() / "images";
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    Context context{.loop = loop, .store = *store};
    Images images{context, store_folder, unpack_image};
    Oci_Layout layout{.folder = layout_folder};
};

TEST_F(Images_Test, unpacks_an_oci_layout_and_reads_its_process_settings) {
    layout.config = {{"Entrypoint", {"/entry.sh"}},
                     {"Cmd", {"app.handler"}},
                     {"Env", {"A=1", "PATH=/bin"}},
                     {"WorkingDir", "/var/task"}};
    const std::string digest =
        layout.add({Tar().file("a", "lower").file("b", "b").bytes(), Tar().file("a", "upper").bytes()});

    const Image_Ptr image = import(layout_folder).value();

    EXPECT_EQ(image->digest, digest);
    EXPECT_THAT(image->names, ElementsAre("my-repo:latest"));
    EXPECT_THAT(image->config.entry_point, ElementsAre("/entry.sh"));
    EXPECT_THAT(image->config.command, ElementsAre("app.handler"));
    EXPECT_THAT(image->config.environment, ElementsAre("A=1", "PATH=/bin"));
    EXPECT_EQ(image->config.working_directory, "/var/task");
    EXPECT_EQ(base::read_file(*image->root / "a").value(), "upper");
    EXPECT_EQ(base::read_file(*image->root / "b").value(), "b");
    EXPECT_TRUE(fs::exists(*image->root / "etc/resolv.conf")) << "the sandbox mounts the host's file over it";
    EXPECT_EQ(image->bytes, 11U);
}

TEST_F(Images_Test, tar_of_a_layout_is_the_same_image) {
    const std::string digest = layout.add({Tar().file("a", "1").bytes()});
    Tar tar;
    for (const auto& entry : fs::recursive_directory_iterator(layout_folder))
        if (entry.is_regular_file())
            tar.file(entry.path().lexically_relative(layout_folder), base::read_file(entry.path()).value());
    base::write_file(scratch.path() / "image.tar", tar.bytes()).value();

    EXPECT_EQ(import(scratch.path() / "image.tar").value()->digest, digest);
}

TEST_F(Images_Test, unpacks_a_zstd_layer_by_the_digest_of_its_compressed_bytes) {
    const std::string plain = Tar().file("a", std::string(100'000, 'a')).bytes();
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
    layout.add({packed});
    EXPECT_EQ(base::read_file(*import(layout_folder).value()->root / "a").value().size(), 100'000U);
}

TEST_F(Images_Test, docker_save_with_index_combines_digest_and_names) {
    layout.name = "";
    const std::string digest = layout.add({Tar().file("a", "1").bytes()});
    const Json manifest = Json::parse(base::read_file(layout_folder / "blobs/sha256" / digest).value());
    const std::string config = manifest["config"]["digest"].get<std::string>().substr(7);
    layout.index["manifests"][0]["annotations"] = {{"io.containerd.image.name", "docker.io/library/mine:3"},
                                                   {"org.opencontainers.image.ref.name", "3"}};
    layout.write_index();
    base::write_file(
        layout_folder / "manifest.json",
        Json::array({{{"Config", "blobs/sha256/" + config}, {"RepoTags", {"mine:3", "mine:latest"}}}}).dump())
        .value();
    const Image_Ptr image = import(layout_folder).value();
    EXPECT_EQ(image->digest, digest);
    EXPECT_THAT(image->names, UnorderedElementsAre("mine:3", "mine:latest"));
}

TEST_F(Images_Test, docker_save_without_index_is_read_by_its_manifest) {
    const std::string layer = Tar().file("a", "1").bytes();
    const Json config{{"architecture", test_support::host_image_architecture},
                      {"config", {{"Cmd", {"/a"}}}},
                      {"rootfs", {{"diff_ids", {"sha256:" + base::sha256_hex(layer)}}}}};
    const std::string id = base::sha256_hex(config.dump());
    const Json manifest = Json::array({{{"Config", id + ".json"},
                                        {"RepoTags", {"my-repo:1", "docker.io/library/other:2"}},
                                        {"Layers", {"x/layer.tar"}}}});
    const auto archive = [&](const std::string& with_layer) {
        return Tar()
            .file("manifest.json", manifest.dump())
            .file(id + ".json", config.dump())
            .symbolic_link("x/layer.tar", "../y/layer.tar")  // a repeated layer, as `docker save` before 25 writes it
            .file("y/layer.tar", with_layer)
            .bytes();
    };
    base::write_file(scratch.path() / "saved.tar", archive(layer)).value();
    const Image_Ptr image = import(scratch.path() / "saved.tar").value();

    EXPECT_EQ(image->digest, id);
    EXPECT_THAT(image->names, ElementsAre("my-repo:1", "other:2"));
    EXPECT_THAT(image->config.command, ElementsAre("/a"));

    images.remove("my-repo:1").value();
    images.remove("other:2").value();
    base::write_file(scratch.path() / "saved.tar", archive(Tar().file("a", "2").bytes())).value();
    EXPECT_THAT(import(scratch.path() / "saved.tar"), Fails_with("BadImage"));
}

TEST_F(Images_Test, selects_the_processor_of_the_host_in_an_index) {
    layout.name = "";
    const std::string host_digest = layout.add({Tar().file("a", "host").bytes()});
    Json descriptor = layout.index["manifests"][0];
    const Json absent{{"digest", "sha256:" + std::string(64, 'a')}, {"platform", {{"architecture", "riscv64"}}}};
    const Json attestation{{"digest", "sha256:" + std::string(64, 'b')},
                           {"annotations", {{"vnd.docker.reference.type", "attestation-manifest"}}}};
    Json inner = layout.blob(Json{{"manifests", {absent, descriptor, attestation}}}.dump());
    inner["annotations"] = {{"io.containerd.image.name", "docker.io/library/multi:1"},
                            {"org.opencontainers.image.ref.name", "1"}};
    layout.index["manifests"] = Json::array({inner});
    layout.write_index();

    const Image_Ptr image = import(layout_folder).value();

    EXPECT_EQ(image->digest, host_digest);
    EXPECT_THAT(image->names, ElementsAre("multi:1"));
}

TEST_F(Images_Test, image_for_another_processor_fails_and_names_the_fix) {
    layout.architecture = "riscv64";
    layout.add({});
    const auto result = import(layout_folder);
    ASSERT_THAT(result, Fails_with("BadImage"));
    EXPECT_THAT(result.error().message, HasSubstr("it is for riscv64, but this engine runs images for "));
    EXPECT_THAT(result.error().message, HasSubstr("--platform linux/"));
    EXPECT_EQ(stored_folders(), 0U);
}

TEST_F(Images_Test, blob_with_wrong_digest_fails_and_leaves_no_files) {
    layout.add({Tar().file("a", "1").bytes()});
    for (const auto& entry : fs::directory_iterator(layout_folder / "blobs/sha256"))
        if (base::read_file(entry.path()).value().find("ustar") != std::string::npos)
            base::write_file(entry.path(), Tar().file("a", "changed").bytes()).value();

    EXPECT_THAT(import(layout_folder), Fails_with("BadImage"));
    EXPECT_EQ(stored_folders(), 0U);
    EXPECT_THAT(images.list(), IsEmpty());
}

TEST_F(Images_Test, invalid_archive_error_names_the_file_and_the_problem) {
    EXPECT_THAT(import(scratch.path() / "missing.tar").error().message, HasSubstr("missing.tar"));
    base::write_file(scratch.path() / "text.tar", "not a tar").value();
    EXPECT_THAT(import(scratch.path() / "text.tar"), Fails_with("BadImage"));
    base::write_file(scratch.path() / "other.tar", Tar().file("a", "1").bytes()).value();
    EXPECT_THAT(import(scratch.path() / "other.tar").error().message, HasSubstr("neither an OCI layout"));
    layout.name = "";
    layout.add({});
    EXPECT_THAT(import(layout_folder).error().message, HasSubstr("--name my-repo:latest"));
    EXPECT_THAT(import(layout_folder, "invalid name"), Fails_with("BadImage"));
    EXPECT_THAT(import(layout_folder, "fine").value()->names, ElementsAre("fine:latest"));
}

TEST_F(Images_Test, embedded_engine_finds_images_but_cannot_import) {
    import_hello();
    Images embedded{context, store_folder, nullptr};
    embedded.load();
    EXPECT_NE(embedded.find("my-repo:latest"), nullptr);
    std::optional<Error> error;
    embedded.import(layout_folder, "", [&](const Result<Image_Ptr>& image) { error = image.error(); });
    EXPECT_EQ(error.value().code, "NotImplemented");
    EXPECT_THAT(error->message, HasSubstr("osbot local image import"));
}

TEST_F(Images_Test, selects_one_of_several_images_by_name) {
    layout.name = "one:1";
    layout.add({Tar().file("a", "1").bytes()});
    layout.name = "two:2";
    const std::string second = layout.add({Tar().file("a", "2").bytes()});

    EXPECT_THAT(import(layout_folder).error().message, HasSubstr("one:1"));
    EXPECT_EQ(import(layout_folder, "two:2").value()->digest, second);
}

TEST_F(Images_Test, finds_an_image_by_name_ecr_uri_or_digest) {
    const Image_Ptr image = import_hello();
    const std::string ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-repo";
    EXPECT_EQ(images.find("my-repo:latest"), image);
    EXPECT_EQ(images.find(ecr + ":latest"), image);
    EXPECT_EQ(images.find(ecr + "@sha256:" + image->digest), image);
    EXPECT_EQ(images.find("sha256:" + image->digest), image);
    EXPECT_EQ(images.find(ecr + ":other"), nullptr);
    EXPECT_EQ(images.find("example.com/my-repo:latest"), nullptr);
    EXPECT_EQ(images.find("my-repo"), nullptr) << "Lambda rejects an image URI without a tag";
}

TEST_F(Images_Test, image_is_removed_with_its_last_name) {
    const Image_Ptr first = import_hello("hello", "a:1");
    const Image_Ptr again = import(scratch.path() / base::sha256_hex("helloa:1").substr(0, 8), "b:2").value();
    EXPECT_EQ(again->root, first->root);
    EXPECT_THAT(images.list(), SizeIs(1));
    EXPECT_EQ(stored_folders(), 1U);

    images.remove("a:1").value();
    EXPECT_THAT(images.list().front()->names, ElementsAre("b:2"));
    EXPECT_EQ(images.find("a:1"), nullptr);
    EXPECT_THAT(images.remove("a:1"), Fails_with("NotFound"));
    import(scratch.path() / base::sha256_hex("helloa:1").substr(0, 8), "c").value();
    images.remove("123456789012.dkr.ecr.us-east-1.amazonaws.com/b:2").value();
    EXPECT_THAT(images.list().front()->names, ElementsAre("c:latest")) << "the ECR URI removes the same name";
    images.remove("c").value();
    EXPECT_THAT(images.list(), IsEmpty());
}

TEST_F(Images_Test, concurrent_imports_of_one_image_keep_one_root) {
    layout.add({Tar().file("a", "1").bytes()});
    int done = 0;
    for (const char* name : {"one:1", "two:2"})
        images.import(layout_folder, name, [&](const Result<Image_Ptr>& image) { done += image.has_value() ? 1 : 0; });
    loop.run();
    EXPECT_EQ(done, 2);
    EXPECT_THAT(images.list(), SizeIs(1));
    EXPECT_THAT(images.list().front()->names, UnorderedElementsAre("one:1", "two:2"));
    EXPECT_EQ(stored_folders(), 1U);
}

TEST_F(Images_Test, root_is_deleted_after_its_last_reference) {
    Image_Ptr image = import_hello();
    images.remove("my-repo:latest").value();
    loop.run();
    EXPECT_TRUE(fs::exists(*image->root / "hello"));
    image.reset();
    loop.run();
    EXPECT_EQ(stored_folders(), 0U);
}

TEST_F(Images_Test, name_moves_to_newer_image_and_older_stays_while_used) {
    const Image_Ptr older = import_hello("one");
    images.set_users([&](const std::string& digest) {
        return digest == older->digest ? std::vector<std::string>{"orders"} : std::vector<std::string>{};
    });
    const Image_Ptr newer = import_hello("two");

    EXPECT_EQ(images.find("my-repo:latest"), newer);
    EXPECT_THAT(images.list(), SizeIs(2));
    const auto result = images.remove("sha256:" + older->digest);
    ASSERT_THAT(result, Fails_with("ImageInUse"));
    EXPECT_THAT(result.error().message, HasSubstr("orders"));
    images.set_users(nullptr);
    images.remove("sha256:" + older->digest).value();
    EXPECT_THAT(images.list(), ElementsAre(newer));
}

TEST_F(Images_Test, restart_keeps_images_and_deletes_unfinished_imports) {
    const std::string digest = import_hello()->digest;
    fs::create_directories(store_folder / "incoming.dead/root");

    Images later(context, store_folder, unpack_image);
    later.load();
    later.delete_unknown_folders();

    const Image_Ptr image = later.find("my-repo:latest");
    ASSERT_NE(image, nullptr);
    EXPECT_EQ(image->digest, digest);
    EXPECT_EQ(base::read_file(*image->root / "hello").value(), "hello");
    EXPECT_EQ(stored_folders(), 1U);
}

// As after a failed write: the roots of before are released after load() has found their images again.
TEST_F(Images_Test, reload_keeps_the_folders_of_its_images) {
    import_hello();
    images.load();
    loop.run();
    images.delete_unknown_folders();
    EXPECT_EQ(stored_folders(), 1U);
}

TEST_F(Images_Test, unreadable_record_keeps_all_folders) {
    store->put("lambda.image", import_hello()->digest, "{");

    Images later(context, store_folder, unpack_image);
    later.load();
    later.delete_unknown_folders();
    EXPECT_THAT(later.list(), IsEmpty());
    EXPECT_EQ(stored_folders(), 1U) << "the folder of the record is unknown";
}

}  // namespace
}  // namespace osbot_aws::services
