#include <gmock/gmock.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependencies.hpp>
#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependency.hpp>
#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependency_Inside_Lambda.hpp>
#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/files.hpp"
#include "packing/package.hpp"

namespace osbot_aws {
namespace {

using testing::Contains;
using testing::HasSubstr;

/// A C++ function that reads data it loads from S3.
Json read_data(const Json& event, const Context&) {
    Lambda_Dependency_Inside_Lambda dependency(event.at("package").get<std::string>());
    try {
        dependency.load();
    } catch (const Aws_Exception& error) { return {{"error", error.what()}}; }
    std::ifstream file(dependency.folder() / "data.txt");
    std::string text;
    std::getline(file, text);
    return {{"data", text}, {"files", dependency.files()}};
}

/// Loads two dependencies with the older class Lambda_Dependencies.
Json load_two(const Json&, const Context&) {
    Lambda_Dependencies().load_dependencies("model, words");
    Json files = Json::array();
    for (const char* name : {"model", "words"}) files.push_back(Lambda_Dependency_Inside_Lambda(name).files());
    return files;
}

std::string zip_with(const std::string& path, const std::string& bytes) {
    packing::Package package;
    package.add({.path = path, .file = {}, .bytes = bytes});
    return package.zip().value().bytes;
}

TEST(Lambda_Dependency_Test, cpp_function_loads_data_from_s3) {
    const Session session = Session::for_tests();
    Lambda_Dependency("model", {.session = session}).dependency_s3.upload(zip_with("data.txt", "forty-two"));
    Deploy_Lambda deploy(handler<read_data>, {.session = session});
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    const Json first = deploy.invoke({{"package", "model"}});
    EXPECT_EQ(first, (Json{{"data", "forty-two"}, {"files", {"data.txt"}}}));
    EXPECT_EQ(deploy.invoke({{"package", "model"}}), first) << "the second load reads /tmp";
    EXPECT_THAT(
        deploy.invoke({{"package", "not there"}}).at("error").get<std::string>(),
        HasSubstr("was not found in s3://000000000000--osbot-lambdas--us-east-1/lambdas-dependencies/not there.zip"));
}

TEST(Lambda_Dependency_Test, storage_of_another_user_is_not_used) {
    const base::Temporary_Folder folder;
    const auto storage = folder.path() / "osbot-aws__lambda-dependencies-storage";
    if (::geteuid() == 0) {
        std::filesystem::create_directory(storage);
        ASSERT_EQ(::chown(storage.c_str(), 65534, 65534), 0);
    } else {
        std::filesystem::create_directory_symlink("/", storage);  // a folder of root
    }
    const char* before = std::getenv("TMPDIR");
    const std::string restored = before != nullptr ? before : "/tmp";
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    const auto path = Lambda_Dependency("idna", {.session = Session::in_memory()}).dependency_local.path();
    ::setenv("TMPDIR", restored.c_str(), 1);
    EXPECT_THAT(path.string(), testing::StartsWith(storage.string() + "-" + std::to_string(::geteuid()) + "/"));
}

TEST(Lambda_Dependency_Test, older_class_loads_only_inside_a_function) {
    const Session session = Session::for_tests();
    Lambda_Dependency("model", {.session = session}).dependency_s3.upload(zip_with("data.txt", "1"));
    Lambda_Dependency("words", {.session = session}).dependency_s3.upload(zip_with("words.txt", "2"));
    Deploy_Lambda deploy(handler<load_two>, {.session = session});
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    EXPECT_EQ(deploy.invoke(), (Json{{"data.txt"}, {"words.txt"}}));
    EXPECT_NO_THROW(Lambda_Dependencies().load_dependencies({"missing", "also missing"}));
}

TEST(Lambda_Dependency_Test, lists_and_deletes_uploaded_dependencies) {
    const Session session = Session::for_tests();
    Lambda_Dependency dependency("a>=1[x]", {.session = session});
    EXPECT_EQ(dependency.dependency_s3.path(), "lambdas-dependencies/a_=1_x_.zip")
        << "characters that a key may not contain become _";
    dependency.dependency_s3.setup();
    EXPECT_FALSE(dependency.dependency_s3.exists());
    dependency.dependency_s3.upload(zip_with("a/b.txt", "x"));
    EXPECT_TRUE(dependency.dependency_s3.exists());
    EXPECT_EQ(dependency.dependency_s3.files_paths(), std::vector<std::string>{"a/b.txt"});
    EXPECT_TRUE(dependency.dependency_s3.delete_());
    EXPECT_FALSE(dependency.dependency_s3.exists());
}

TEST(Lambda_Dependency_Test, python_function_imports_a_package_installed_once) {
    const base::Temporary_Folder folder;
    const Session session = Session::for_tests();
    Lambda_Dependency dependency("idna==3.10", {.folder = folder.path() / "store", .session = session});
    EXPECT_THROW(dependency.dependency_local.files_zipped(), Aws_Exception);
    const Json installed = dependency.dependency_local.install();
    EXPECT_THAT(dependency.dependency_local.files(), Contains("idna/core.py"));
    EXPECT_EQ(dependency.dependency_local.install(), installed) << "not installed again: the same time stamp";
    EXPECT_EQ(dependency.install_and_upload().at("s3_exists"), true);

    base::write_file(
        folder.path() / "uses_idna.py",
        "from osbot_aws.aws.lambda_.boto3__lambda import load_dependency\n"
        "def run(event, context):\n"
        "    status = load_dependency('idna==3.10')\n"
        "    import idna\n"
        "    return {'status': status, 'encoded': idna.encode('ドメイン').decode(), 'file': idna.__file__}\n")
        .value();
    Deploy_Lambda deploy(folder.path() / "uses_idna.py", {.session = session});
    deploy.add_folder(std::filesystem::path(PYTHON_SOURCES) / "osbot_aws");
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    const Json result = deploy.invoke();
    EXPECT_EQ(result.value("status", ""), "idna==3.10 (loaded from S3)") << result;
    EXPECT_EQ(result.value("encoded", ""), "xn--eckwd4c7c");
    EXPECT_THAT(result.value("file", ""), HasSubstr("inside-lambda/idna==3.10/idna/"));
    EXPECT_TRUE(dependency.dependency_local.delete_());
}

}  // namespace
}  // namespace osbot_aws
