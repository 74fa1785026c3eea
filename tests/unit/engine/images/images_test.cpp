#include "engine/images/images.hpp"

#include <gmock/gmock.h>
#include <zstd.h>

#include "store/store.hpp"
#include "support/fake_loop.hpp"
#include "support/printers.hpp"
#include "support/tar.hpp"

namespace osbot_aws::engine {
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
        Oci_Layout made{.folder = folder, .name = name};
        made.add({Tar().file("hello", text).bytes()});
        return import(folder).value();
    }
    std::size_t folders_kept() const {
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

TEST_F(Images_Test, an_oci_layout_is_unpacked_with_what_it_says_about_its_process) {
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
    EXPECT_TRUE(fs::exists(*image->root / "etc/resolv.conf")) << "the sandbox mounts the host's over it";
    EXPECT_EQ(image->bytes, 11U);
}

TEST_F(Images_Test, a_tar_of_a_layout_is_the_same_image) {
    const std::string digest = layout.add({Tar().file("a", "1").bytes()});
    Tar tar;
    for (const auto& entry : fs::recursive_directory_iterator(layout_folder))
        if (entry.is_regular_file())
            tar.file(entry.path().lexically_relative(layout_folder), base::read_file(entry.path()).value());
    base::write_file(scratch.path() / "image.tar", tar.bytes()).value();

    EXPECT_EQ(import(scratch.path() / "image.tar").value()->digest, digest);
}

TEST_F(Images_Test, a_layer_compressed_with_zstd_is_read_and_its_digest_is_of_the_compressed_bytes) {
    const std::string plain = Tar().file("a", std::string(100'000, 'a')).bytes();
    std::string packed(ZSTD_compressBound(plain.size()), '\0');
    packed.resize(ZSTD_compress(packed.data(), packed.size(), plain.data(), plain.size(), 3));
    layout.add({packed});
    EXPECT_EQ(base::read_file(*import(layout_folder).value()->root / "a").value().size(), 100'000U);
}

TEST_F(Images_Test, a_newer_docker_save_archive_has_the_digest_of_its_index_and_the_names_of_its_manifest) {
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

TEST_F(Images_Test, a_docker_save_archive_without_an_index_is_read_by_its_manifest) {
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
            .symbolic_link("x/layer.tar", "../y/layer.tar")  // as `docker save` before 25 writes a layer seen twice
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

TEST_F(Images_Test, of_an_index_for_several_processors_the_host_s_is_taken) {
    layout.name = "";
    const std::string here = layout.add({Tar().file("a", "here").bytes()});
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

    EXPECT_EQ(image->digest, here);
    EXPECT_THAT(image->names, ElementsAre("multi:1"));
}

TEST_F(Images_Test, an_image_for_another_processor_is_refused_and_the_way_out_named) {
    layout.architecture = "riscv64";
    layout.add({});
    const auto refused = import(layout_folder);
    ASSERT_THAT(refused, Fails_with("BadImage"));
    EXPECT_THAT(refused.error().message, HasSubstr("it is for riscv64, and this engine runs images for "));
    EXPECT_THAT(refused.error().message, HasSubstr("--platform linux/"));
    EXPECT_EQ(folders_kept(), 0U);
}

TEST_F(Images_Test, a_blob_that_is_not_what_its_digest_says_is_refused_and_nothing_is_kept) {
    layout.add({Tar().file("a", "1").bytes()});
    for (const auto& entry : fs::directory_iterator(layout_folder / "blobs/sha256"))
        if (base::read_file(entry.path()).value().find("ustar") != std::string::npos)
            base::write_file(entry.path(), Tar().file("a", "changed").bytes()).value();

    EXPECT_THAT(import(layout_folder), Fails_with("BadImage"));
    EXPECT_EQ(folders_kept(), 0U);
    EXPECT_THAT(images.list(), IsEmpty());
}

TEST_F(Images_Test, what_is_no_image_says_what_is_wrong_and_with_which_file) {
    EXPECT_THAT(import(scratch.path() / "missing.tar").error().message, HasSubstr("missing.tar"));
    base::write_file(scratch.path() / "text.tar", "no tar at all").value();
    EXPECT_THAT(import(scratch.path() / "text.tar"), Fails_with("BadImage"));
    base::write_file(scratch.path() / "other.tar", Tar().file("a", "1").bytes()).value();
    EXPECT_THAT(import(scratch.path() / "other.tar").error().message, HasSubstr("neither an OCI layout"));
    layout.name = "";
    layout.add({});
    EXPECT_THAT(import(layout_folder).error().message, HasSubstr("--name my-repo:latest"));
    EXPECT_THAT(import(layout_folder, "no good name"), Fails_with("BadImage"));
    EXPECT_THAT(import(layout_folder, "fine").value()->names, ElementsAre("fine:latest"));
}

TEST_F(Images_Test, an_engine_inside_a_program_finds_images_and_takes_none_in) {
    import_hello();
    Images embedded{context, store_folder, nullptr};
    embedded.load();
    EXPECT_NE(embedded.find("my-repo:latest"), nullptr);
    std::optional<Error> refused;
    embedded.import(layout_folder, "", [&](const Result<Image_Ptr>& image) { refused = image.error(); });
    EXPECT_EQ(refused.value().code, "NotImplemented");
    EXPECT_THAT(refused->message, HasSubstr("osbot local image import"));
}

TEST_F(Images_Test, of_several_images_one_is_chosen_by_its_name) {
    layout.name = "one:1";
    layout.add({Tar().file("a", "1").bytes()});
    layout.name = "two:2";
    const std::string second = layout.add({Tar().file("a", "2").bytes()});

    EXPECT_THAT(import(layout_folder).error().message, HasSubstr("one:1"));
    EXPECT_EQ(import(layout_folder, "two:2").value()->digest, second);
}

TEST_F(Images_Test, a_function_s_uri_finds_the_image_by_its_name_its_ecr_name_or_its_digest) {
    const Image_Ptr image = import_hello();
    const std::string ecr = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/my-repo";
    EXPECT_EQ(images.find("my-repo:latest"), image);
    EXPECT_EQ(images.find(ecr + ":latest"), image);
    EXPECT_EQ(images.find(ecr + "@sha256:" + image->digest), image);
    EXPECT_EQ(images.find("sha256:" + image->digest), image);
    EXPECT_EQ(images.find(ecr + ":other"), nullptr);
    EXPECT_EQ(images.find("example.com/my-repo:latest"), nullptr);
    EXPECT_EQ(images.find("my-repo"), nullptr) << "Lambda takes no image without a tag";
}

TEST_F(Images_Test, two_names_share_one_root_and_the_last_takes_it_along) {
    const Image_Ptr first = import_hello("hello", "a:1");
    const Image_Ptr again = import(scratch.path() / base::sha256_hex("helloa:1").substr(0, 8), "b:2").value();
    EXPECT_EQ(again->root, first->root);
    EXPECT_THAT(images.list(), SizeIs(1));
    EXPECT_EQ(folders_kept(), 1U);

    images.remove("a:1").value();
    EXPECT_THAT(images.list().front()->names, ElementsAre("b:2"));
    EXPECT_EQ(images.find("a:1"), nullptr);
    EXPECT_THAT(images.remove("a:1"), Fails_with("NotFound"));
    import(scratch.path() / base::sha256_hex("helloa:1").substr(0, 8), "c").value();
    images.remove("123456789012.dkr.ecr.us-east-1.amazonaws.com/b:2").value();
    EXPECT_THAT(images.list().front()->names, ElementsAre("c:latest")) << "one name only, however it was written";
    images.remove("c").value();
    EXPECT_THAT(images.list(), IsEmpty());
}

TEST_F(Images_Test, two_imports_of_one_image_at_once_keep_one_root) {
    layout.add({Tar().file("a", "1").bytes()});
    int done = 0;
    for (const char* name : {"one:1", "two:2"})
        images.import(layout_folder, name, [&](const Result<Image_Ptr>& image) { done += image.has_value() ? 1 : 0; });
    loop.run();
    EXPECT_EQ(done, 2);
    EXPECT_THAT(images.list(), SizeIs(1));
    EXPECT_THAT(images.list().front()->names, UnorderedElementsAre("one:1", "two:2"));
    EXPECT_EQ(folders_kept(), 1U);
}

TEST_F(Images_Test, the_root_goes_when_the_last_holder_does_and_not_before) {
    Image_Ptr held = import_hello();
    images.remove("my-repo:latest").value();
    loop.run();
    EXPECT_TRUE(fs::exists(*held->root / "hello"));
    held.reset();
    loop.run();
    EXPECT_EQ(folders_kept(), 0U);
}

TEST_F(Images_Test, a_name_moves_to_the_newer_image_and_the_older_stays_for_its_functions) {
    const Image_Ptr older = import_hello("one");
    images.set_users([&](const std::string& digest) {
        return digest == older->digest ? std::vector<std::string>{"orders"} : std::vector<std::string>{};
    });
    const Image_Ptr newer = import_hello("two");

    EXPECT_EQ(images.find("my-repo:latest"), newer);
    EXPECT_THAT(images.list(), SizeIs(2));
    const auto refused = images.remove("sha256:" + older->digest);
    ASSERT_THAT(refused, Fails_with("ImageInUse"));
    EXPECT_THAT(refused.error().message, HasSubstr("orders"));
    images.set_users(nullptr);
    images.remove("sha256:" + older->digest).value();
    EXPECT_THAT(images.list(), ElementsAre(newer));
}

TEST_F(Images_Test, images_survive_a_restart_and_what_an_import_left_half_done_does_not) {
    const std::string digest = import_hello()->digest;
    fs::create_directories(store_folder / "incoming.dead/root");

    Images later(context, store_folder, unpack_image);
    later.load();

    const Image_Ptr image = later.find("my-repo:latest");
    ASSERT_NE(image, nullptr);
    EXPECT_EQ(image->digest, digest);
    EXPECT_EQ(base::read_file(*image->root / "hello").value(), "hello");
    EXPECT_EQ(folders_kept(), 1U);
}

}  // namespace
}  // namespace osbot_aws::engine
