#include <gmock/gmock.h>

#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/files.hpp"

namespace osbot_aws {
namespace {

using testing::HasSubstr;

TEST(Lambda_Versions_Test, alias_continues_to_run_its_version) {
    const base::Temporary_Folder folder;
    const Session session = Session::for_tests();
    const auto source = folder.path() / "versioned.py";
    base::write_file(source, "def run(event, context):\n    return 'one ' + context.function_version\n").value();
    Deploy_Lambda deploy(source, {.session = session});
    ASSERT_TRUE(deploy.deploy()) << deploy.last_error();
    Lambda& function = deploy.lambda_function();
    ASSERT_EQ(function.publish_version("first").value("Version", ""), "1");
    const Json alias =
        function.alias_create({.function_version = "1", .name = "live", .description = "for users"}).value();
    EXPECT_THAT(alias.value("AliasArn", ""), HasSubstr(":live")) << alias;

    base::write_file(source, "def run(event, context):\n    return 'two ' + context.function_version\n").value();
    Deploy_Lambda again(source, {.session = session});
    ASSERT_TRUE(again.deploy()) << again.last_error();
    EXPECT_EQ(again.invoke(), "two $LATEST");
    const Invoke_Result live = function.invoke_raw(Json::object(), {.qualifier = "live"});
    EXPECT_EQ(live.data, "one 1");
    EXPECT_EQ(live.response.value("ExecutedVersion", ""), "1");
    EXPECT_EQ(function.versions({.index_by = "Version"}).size(), 2u);
    EXPECT_EQ(function.aliases()[0].value("Description", ""), "for users");
    EXPECT_EQ(function.alias_delete("", "live").value(), Json::object());
    EXPECT_EQ(function.alias("", "live").code, "ResourceNotFoundException");
}

}  // namespace
}  // namespace osbot_aws
