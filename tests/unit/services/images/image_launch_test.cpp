#include "services/images/image_launch.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/files.hpp"
#include "services/lambda/running/environment_variables.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

struct Image_Launch_Test : testing::Test {
    Image_Launch_Test() {
        function.name = "hello";
        function.package_type = "Image";
        image.root = std::make_shared<fs::path>(root.path());
        image.config = {.entry_point = {"/entry.sh"},
                        .command = {"app.handler", "more"},
                        .environment = {},
                        .working_directory = "/w"};
    }
    void add_program(const std::string& path, unsigned mode = 0755) const {
        fs::create_directories((root.path() / path).parent_path());
        base::write_file(root.path() / path, "").value();
        ::chmod((root.path() / path).c_str(), mode);
    }
    Image_Launch launch() const { return image_launch(function, image).value(); }

    base::Temporary_Folder root;
    Function function;
    Image image;
};

TEST_F(Image_Launch_Test, uses_the_settings_of_the_image) {
    EXPECT_THAT(launch().argv, ElementsAre("/entry.sh", "app.handler", "more"));
    EXPECT_EQ(launch().working_directory, "/w");
    EXPECT_EQ(launch().handler, "app.handler");
}

TEST_F(Image_Launch_Test, image_config_overrides_each_setting_separately) {
    function.image_config.command = {"other"};
    EXPECT_THAT(launch().argv, ElementsAre("/entry.sh", "other"));
    function.image_config.entry_point = {"/bin/x", "-v"};
    function.image_config.working_directory = "/v";
    EXPECT_THAT(launch().argv, ElementsAre("/bin/x", "-v", "other"));
    EXPECT_EQ(launch().working_directory, "/v");
    EXPECT_EQ(launch().handler, "other");
}

TEST_F(Image_Launch_Test, command_without_entry_point_is_the_program) {
    image.config = {.entry_point = {}, .command = {"/app"}, .environment = {}, .working_directory = ""};
    EXPECT_THAT(launch().argv, ElementsAre("/app"));
    EXPECT_EQ(launch().working_directory, "/");
    EXPECT_EQ(launch().handler, "");
    image.config.command.clear();
    EXPECT_THAT(image_launch(function, image), Fails_with("Runtime.InvalidEntrypoint"));
}

TEST_F(Image_Launch_Test, program_name_is_looked_up_in_the_path_of_the_image) {
    image.config.entry_point = {"python3"};
    EXPECT_THAT(image_launch(function, image), Fails_with("Runtime.InvalidEntrypoint"))
        << "the PATH of the host is not used";
    add_program("usr/bin/python3");
    EXPECT_EQ(launch().argv[0], "/usr/bin/python3");
    add_program("opt/py/real");
    fs::create_symlink("/opt/py/real", root.path() / "opt/py/python3");
    add_program("bad/python3", 0644);
    image.config.environment = {"PATH=relative:/bad:/opt/py:/usr/bin"};
    EXPECT_EQ(launch().argv[0], "/opt/py/python3");
    function.environment["PATH"] = "/usr/bin";
    EXPECT_EQ(launch().argv[0], "/usr/bin/python3");
}

TEST_F(Image_Launch_Test, variables_of_function_override_lambda_override_image) {
    const std::vector<std::string> image_variables{"COLOUR=blue", "SHADE=dark", "AWS_REGION=nowhere",
                                                   "PATH=/app",   "TZ=CET",     "broken"};
    function.environment = {{"SHADE", "light"}};
    const auto variables = environment_variables({.function = function,
                                                  .runtime_api = "127.0.0.1:1",
                                                  .log_stream = "s",
                                                  .endpoint_url = "http://x",
                                                  .inside = true,
                                                  .code = {},
                                                  .opt = "/opt",
                                                  .runtime_folder = {},
                                                  .tmp = {},
                                                  .secret_access_key = "k",
                                                  .image_environment = &image_variables,
                                                  .image_handler = "app.handler"});
    for (const char* one : {"COLOUR=blue", "SHADE=light", "AWS_REGION=us-east-1", "PATH=/app", "TZ=CET",
                            "_HANDLER=app.handler", "LAMBDA_TASK_ROOT=/var/task", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:1"})
        EXPECT_THAT(variables, Contains(one));
    for (const char* one : {"LD_LIBRARY_PATH", "AWS_EXECUTION_ENV", "broken"})
        EXPECT_THAT(variables, Not(Contains(StartsWith(one)))) << one;
}

}  // namespace
}  // namespace osbot_aws::services
