#include <gmock/gmock.h>

#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/files.hpp"
#include "base/zip_reader.hpp"
#include "packing/package.hpp"

namespace osbot_aws {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::HasSubstr;

class Lambda_Layer_Test : public testing::Test {
protected:
    fs::path file(const fs::path& path, std::string_view text) const {
        fs::create_directories((folder_.path() / path).parent_path());
        base::write_file(folder_.path() / path, text).value();
        return folder_.path() / path;
    }
    Lambda_Layer layer(const std::string& name, Lambda_Layer_Options options = {}) const {
        options.session = session_;
        return Lambda_Layer(name, options);
    }
    /// Deploys a Python function with these layers. Returns its result.
    Json invoke_with(const std::string& source, const std::vector<std::string>& layers) const {
        Deploy_Lambda deploy(file("app.py", source), {.session = session_});
        deploy.add_layers(layers);
        EXPECT_TRUE(deploy.deploy()) << deploy.last_error();
        return deploy.invoke();
    }

    const base::Temporary_Folder folder_;
    const Session session_ = Session::for_tests();
};

TEST_F(Lambda_Layer_Test, function_imports_a_package_of_a_layer) {
    const Json version = layer("requests.layer").create_from_pip("requests").value();
    ASSERT_EQ(version.value("Version", 0), 1) << version;
    EXPECT_EQ(version.at("LayerArn"), "arn:aws:lambda:us-east-1:000000000000:layer:requests-layer") << "dots become -";
    const Json result = invoke_with(
        "import requests\n"
        "def handler(event, context):\n"
        "    return {'version': requests.__version__, 'file': requests.__file__}\n",
        {version.at("LayerVersionArn").get<std::string>()});
    EXPECT_THAT(result.value("file", ""), HasSubstr("python/requests/__init__.py")) << result;
}

TEST_F(Lambda_Layer_Test, deploy_publishes_a_layer_only_for_changed_packages) {
    const fs::path app = file("names.py",
                              "import idna\n"
                              "def handler(event, context):\n"
                              "    return idna.__file__\n");
    const auto deployed_with = [&](const std::vector<std::string>& packages) {
        Deploy_Lambda deploy(app, {.session = session_});
        const Lambda_Layer used = deploy.set_packages_using_layer(packages);
        EXPECT_TRUE(deploy.deploy()) << deploy.last_error();
        EXPECT_EQ(deploy.lambda_function().layers, std::vector{used.arn_latest()});
        EXPECT_THAT(deploy.invoke().dump(), HasSubstr("python/idna/__init__.py"));
        return used.latest_version();
    };
    EXPECT_EQ(deployed_with({"idna"}), 1);
    EXPECT_EQ(deployed_with({"idna"}), 1);
    EXPECT_EQ(deployed_with({"idna", "certifi"}), 2);
    EXPECT_EQ(deployed_with({"certifi", "idna"}), 2) << "the order of packages does not matter";
}

TEST_F(Lambda_Layer_Test, missing_package_returns_error_and_publishes_nothing) {
    Lambda_Layer unpublished = layer("none");
    const Status status = unpublished.create_from_pip("no-such-package-of-osbot");
    EXPECT_EQ(status.code, "PackageNotFound");
    EXPECT_THAT(status.message, HasSubstr("no-such-package-of-osbot"));
    EXPECT_FALSE(unpublished.exists());
}

TEST_F(Lambda_Layer_Test, layers_are_mounted_at_opt_in_order) {
    file("one/python/both.py", "name = 'one'\n");
    file("one/python/only_one.py", "");
    file("one/data/text", "from one");
    file("two/both.py", "name = 'two'\n");  // stored under python/
    Lambda_Layer one = layer("one"), two = layer("two");
    one.create_from_folder(folder_.path() / "one");
    const std::string via_s3 = two.create_from_folder_via_s3(folder_.path() / "two");
    EXPECT_EQ(via_s3, two.arn_latest());
    const std::string source =
        "import os, both, only_one\n"
        "opt = os.path.dirname(os.path.dirname(only_one.__file__))\n"
        "def handler(event, context):\n"
        "    return {'both': both.name, 'data': open(opt + '/data/text').read(), 'path': os.environ['PATH']}\n";
    const Json later_wins = invoke_with(source, {one.arn_latest(), two.arn_latest()});
    EXPECT_EQ(later_wins.value("both", ""), "two") << later_wins;
    EXPECT_EQ(later_wins.value("data", ""), "from one");
    EXPECT_THAT(later_wins.value("path", ""), HasSubstr("/bin"));
    EXPECT_EQ(invoke_with(source, {two.arn_latest(), one.arn_latest()}).value("both", ""), "one");
}

TEST_F(Lambda_Layer_Test, lists_describes_and_deletes_versions) {
    file("content/python/a.py", "x = 1\n");
    Lambda_Layer shared = layer("shared", {.description = "a description", .license_info = "MIT"});
    EXPECT_FALSE(shared.exists());
    EXPECT_EQ(shared.info(), Json::object());
    EXPECT_EQ(shared.latest_version(), std::nullopt);
    EXPECT_EQ(shared.arn_latest(), "");
    EXPECT_EQ(shared.code_zip(), std::nullopt);
    EXPECT_FALSE(shared.delete_());

    for (int i = 0; i < 3; ++i) shared.create_from_folder(folder_.path() / "content");
    EXPECT_EQ(shared.latest_version(), 3);
    EXPECT_EQ(shared.versions().size(), 3u);
    EXPECT_EQ(shared.versions(2).size(), 2u);
    EXPECT_EQ(shared.versions()[0].at("Version"), 3) << "newest first";
    EXPECT_EQ(shared.info().at("Description"), "a description");
    EXPECT_EQ(shared.info(2).at("LicenseInfo"), "MIT");
    EXPECT_EQ(shared.info(2).at("CompatibleRuntimes"), (Json{"python3.11", "python3.10", "python3.9"}));
    EXPECT_EQ(shared.layers("LayerName").at("shared").at("LatestMatchingVersion").at("Version"), 3);

    const fs::path zip = shared.code_zip().value();
    EXPECT_EQ(base::Zip_Reader::open_file(zip).value().entries().at(0).path, "python/a.py");
    fs::remove(zip);

    shared.delete_version(3);
    EXPECT_EQ(shared.latest_version(), 2);
    EXPECT_TRUE(shared.delete_());
    EXPECT_FALSE(shared.exists());
    shared.create_from_zip_bytes([] {
        packing::Package package;
        package.add({.path = "python/b.py", .file = {}, .bytes = "y = 2\n"});
        return package.zip().value().bytes;
    }());
    EXPECT_EQ(shared.latest_version(), 4) << "a version number is never reused";
}

TEST_F(Lambda_Layer_Test, function_retains_a_deleted_layer) {
    file("content/python/retained.py", "name = 'retained'\n");
    Lambda_Layer deleted = layer("deleted");
    deleted.create_from_folder(folder_.path() / "content");
    const std::string arn = deleted.arn_latest();
    Deploy_Lambda deploy(
        file("uses_layer.py", "import retained\ndef handler(event, context):\n    return retained.name\n"),
        {.session = session_});
    deploy.add_layer(arn);
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    deleted.delete_();
    EXPECT_EQ(deploy.invoke(), "retained");
    Deploy_Lambda other(file("other.py", "def handler(event, context):\n    return 1\n"), {.session = session_});
    other.add_layer(arn);
    EXPECT_FALSE(other.deploy());
    EXPECT_THAT(other.last_error(), HasSubstr("Layer version " + arn + " does not exist."));
}

}  // namespace
}  // namespace osbot_aws
