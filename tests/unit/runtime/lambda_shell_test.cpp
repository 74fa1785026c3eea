#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include <osbot_aws/apis/shell/Lambda_Shell.hpp>

#include "base/files.hpp"

namespace osbot_aws {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Context with_time(std::chrono::milliseconds left) {
    Context context;
    context.deadline = std::chrono::system_clock::now() + left;
    return context;
}

Json event(const char* method, Json arguments = nullptr, Json key = "secret") {
    return {{"lambda_shell", {{"method_name", method}, {"method_kwargs", std::move(arguments)}, {"auth_key", key}}}};
}

Json call_shell(const char* method, Json arguments = nullptr) {
    return Lambda_Shell("secret").handle(event(method, std::move(arguments)), with_time(30s)).value();
}

TEST(Lambda_Shell_Test, requires_the_correct_key) {
    const Context context = with_time(30s);
    EXPECT_EQ(Lambda_Shell("secret").handle(event("ping"), context), Json("pong"));
    for (const Json& key : {Json("Secret"), Json("secret2"), Json("secre"), Json(""), Json(), Json(1)})
        EXPECT_EQ(Lambda_Shell("secret").handle(event("ping", nullptr, key), context), std::nullopt) << key;
    EXPECT_EQ(Lambda_Shell("").handle(event("ping", nullptr, ""), context), std::nullopt)
        << "without a configured key the shell is off";
}

TEST(Lambda_Shell_Test, ignores_events_that_are_not_for_the_shell) {
    for (const Json& other : {Json(1), Json("lambda_shell"), Json{{"lambda_shell", "x"}}, Json{{"a", 1}},
                              Json{{"lambda_shell", {{"auth_key", "secret"}}}},
                              Json{{"lambda_shell", {{"method_name", 7}, {"auth_key", "secret"}}}}})
        EXPECT_EQ(Lambda_Shell("secret").handle(other, with_time(30s)), std::nullopt) << other;
}

TEST(Lambda_Shell_Test, unknown_method_returns_null) {
    for (const char* name : {"invoke", "system", "", "__init__"}) EXPECT_EQ(call_shell(name), Json()) << name;
}

TEST(Lambda_Shell_Test, process_run_returns_output_and_exit_code) {
    const Json result =
        call_shell("process_run", {{"executable", "sh"}, {"params", {"-c", "echo out; echo err >&2; exit 3"}}});
    EXPECT_EQ(result.at("stdout"), "out\n");
    EXPECT_EQ(result.at("stderr"), "err\n");
    EXPECT_EQ(result.at("exit_code"), 3);
    EXPECT_EQ(result.at("status"), "ok") << "the program was started, as in OSBot";
    EXPECT_EQ(result.at("runParams"), (Json{"sh", "-c", "echo out; echo err >&2; exit 3"}));
    const Json missing = call_shell("process_run", {{"executable", "/not/there"}});
    EXPECT_EQ(missing.at("status"), "error");
    EXPECT_EQ(missing.at("error"), "cannot run /not/there: No such file or directory");
}

TEST(Lambda_Shell_Test, bash_runs_in_the_requested_folder) {
    EXPECT_EQ(call_shell("bash", {{"command", "pwd"}, {"cwd", "/"}}).at("stdout"), "/\n");
}

TEST(Lambda_Shell_Test, command_is_killed_before_the_functions_timeout) {
    const auto result = Lambda_Shell("secret").handle(event("bash", {{"command", "sleep 100"}}), with_time(300ms));
    EXPECT_EQ(result->at("status"), "error");
    EXPECT_EQ(result->at("error"), "killed: the function's timeout is near");
}

TEST(Lambda_Shell_Test, lists_and_reads_files) {
    const base::Temporary_Folder folder;
    base::write_file(folder.path() / "b", "content").value();
    base::write_file(folder.path() / "a", "").value();
    EXPECT_EQ(call_shell("list_files", {{"path", folder.path().string()}}), (Json{"a", "b"}));
    EXPECT_EQ(call_shell("file_contents", {{"path", (folder.path() / "b").string()}}), "content");
    EXPECT_THAT(call_shell("file_contents", {{"path", "/not/there"}}).at("error").get<std::string>(),
                HasSubstr("/not/there"));
    EXPECT_THAT(call_shell("list_files", {{"path", "/not/there"}}).at("error").get<std::string>(),
                HasSubstr("/not/there"));
    EXPECT_EQ(call_shell("file_contents").at("error"), "InvalidArgument: 'path' must be a string");
}

TEST(Lambda_Shell_Test, returns_memory_and_disk_space_of_this_host) {
    EXPECT_THAT(call_shell("memory_usage").get<std::string>(), HasSubstr("MemTotal"));
    EXPECT_THAT(call_shell("disk_space").get<std::string>(), HasSubstr("Filesystem"));
}

TEST(Lambda_Shell_Test, python_exec_returns_the_variable_result) {
    if (!base::find_program("python3")) GTEST_SKIP() << "python3 is not installed";
    EXPECT_EQ(call_shell("python_exec", {{"code", "print('to the log')\nresult = {'sum': 40 + 2}"}}),
              (Json{{"sum", 42}}));
    EXPECT_EQ(call_shell("python_exec", {{"code", "x = 1"}}), Json());
    EXPECT_EQ(call_shell("python_exec", {{"code", "1/0"}}), (Json{{"error", "division by zero"}}));
    EXPECT_THAT(call_shell("python_exec", {{"code", "result = open"}}).at("error").get<std::string>(),
                HasSubstr("not JSON serializable"));
}

// ---- as a handler ----

Json double_it(const Json& input, const Context&) { return {{"result", input.at("input").get<int>() * 2}}; }

class Text : public Response_Writer {
public:
    void write(std::string_view piece) override { bytes += piece; }
    void http(int, const Json&, const Json&) override {}
    std::string bytes;
};

TEST(Lambda_Shell_Handler_Test, calls_the_function_unless_the_key_is_correct) {
    const Handler_Ref with_shell = lambda_shell<double_it>;
    EXPECT_EQ(with_shell.name, "osbot_aws_double_it");
    const auto response_to = [&](const Json& input) {
        Text text;
        with_shell.call(input.dump(), with_time(30s), text);
        return Json::parse(text.bytes);
    };
    ::setenv("LAMBDA_SHELL__AUTH_KEY", "secret", 1);
    EXPECT_EQ(response_to({{"input", 21}}), (Json{{"result", 42}}));
    EXPECT_EQ(response_to(event("ping")), "pong");
    Json wrong = event("ping", nullptr, "wrong");
    wrong["input"] = 1;
    EXPECT_EQ(response_to(wrong), (Json{{"result", 2}}));
    ::unsetenv("LAMBDA_SHELL__AUTH_KEY");
    Json none = event("ping");
    none["input"] = 1;
    EXPECT_EQ(response_to(none), (Json{{"result", 2}}));
}

}  // namespace
}  // namespace osbot_aws
