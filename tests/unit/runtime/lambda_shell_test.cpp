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

Json ask(const char* method, Json arguments = nullptr) {
    return Lambda_Shell("secret").handle(event(method, std::move(arguments)), with_time(30s)).value();
}

TEST(Lambda_Shell_Test, only_the_right_key_opens_it) {
    const Context context = with_time(30s);
    EXPECT_EQ(Lambda_Shell("secret").handle(event("ping"), context), Json("pong"));
    for (const Json& key : {Json("Secret"), Json("secret2"), Json("secre"), Json(""), Json(), Json(1)})
        EXPECT_EQ(Lambda_Shell("secret").handle(event("ping", nullptr, key), context), std::nullopt) << key;
    EXPECT_EQ(Lambda_Shell("").handle(event("ping", nullptr, ""), context), std::nullopt) << "no key set: no shell";
}

TEST(Lambda_Shell_Test, other_events_are_the_handlers) {
    for (const Json& other : {Json(1), Json("lambda_shell"), Json{{"lambda_shell", "x"}}, Json{{"a", 1}},
                              Json{{"lambda_shell", {{"auth_key", "secret"}}}},
                              Json{{"lambda_shell", {{"method_name", 7}, {"auth_key", "secret"}}}}})
        EXPECT_EQ(Lambda_Shell("secret").handle(other, with_time(30s)), std::nullopt) << other;
}

TEST(Lambda_Shell_Test, a_method_that_is_not_one_answers_null_and_runs_nothing) {
    for (const char* name : {"invoke", "system", "", "__init__"}) EXPECT_EQ(ask(name), Json()) << name;
}

TEST(Lambda_Shell_Test, a_process_answers_the_originals_dict_and_its_exit_code) {
    const Json result =
        ask("process_run", {{"executable", "sh"}, {"params", {"-c", "echo out; echo err >&2; exit 3"}}});
    EXPECT_EQ(result.at("stdout"), "out\n");
    EXPECT_EQ(result.at("stderr"), "err\n");
    EXPECT_EQ(result.at("exit_code"), 3);
    EXPECT_EQ(result.at("status"), "ok") << "as the original: it ran";
    EXPECT_EQ(result.at("runParams"), (Json{"sh", "-c", "echo out; echo err >&2; exit 3"}));
    const Json missing = ask("process_run", {{"executable", "/not/there"}});
    EXPECT_EQ(missing.at("status"), "error");
    EXPECT_EQ(missing.at("error"), "cannot run /not/there: No such file or directory");
}

TEST(Lambda_Shell_Test, bash_runs_in_the_folder_asked_for) {
    EXPECT_EQ(ask("bash", {{"command", "pwd"}, {"cwd", "/"}}).at("stdout"), "/\n");
}

TEST(Lambda_Shell_Test, what_takes_longer_than_the_function_has_is_killed) {
    const auto answer = Lambda_Shell("secret").handle(event("bash", {{"command", "sleep 100"}}), with_time(300ms));
    EXPECT_EQ(answer->at("status"), "error");
    EXPECT_EQ(answer->at("error"), "killed: the function's time is nearly over");
}

TEST(Lambda_Shell_Test, files_are_listed_and_read) {
    const base::Temporary_Folder folder;
    base::write_file(folder.path() / "b", "content").value();
    base::write_file(folder.path() / "a", "").value();
    EXPECT_EQ(ask("list_files", {{"path", folder.path().string()}}), (Json{"a", "b"}));
    EXPECT_EQ(ask("file_contents", {{"path", (folder.path() / "b").string()}}), "content");
    EXPECT_THAT(ask("file_contents", {{"path", "/not/there"}}).at("error").get<std::string>(), HasSubstr("/not/there"));
    EXPECT_THAT(ask("list_files", {{"path", "/not/there"}}).at("error").get<std::string>(), HasSubstr("/not/there"));
    EXPECT_EQ(ask("file_contents").at("error"), "InvalidArgument: 'path' must be a string");
}

TEST(Lambda_Shell_Test, memory_disk_and_processes_are_those_of_here) {
    EXPECT_THAT(ask("memory_usage").get<std::string>(), HasSubstr("MemTotal"));
    EXPECT_THAT(ask("disk_space").get<std::string>(), HasSubstr("Filesystem"));
}

TEST(Lambda_Shell_Test, python_answers_what_it_names_result) {
    if (!base::find_program("python3")) GTEST_SKIP() << "there is no python3 here";
    EXPECT_EQ(ask("python_exec", {{"code", "print('to the log')\nresult = {'sum': 40 + 2}"}}), (Json{{"sum", 42}}));
    EXPECT_EQ(ask("python_exec", {{"code", "x = 1"}}), Json());
    EXPECT_EQ(ask("python_exec", {{"code", "1/0"}}), (Json{{"error", "division by zero"}}));
    EXPECT_THAT(ask("python_exec", {{"code", "result = open"}}).at("error").get<std::string>(),
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

TEST(Lambda_Shell_Handler_Test, it_has_the_functions_name_and_calls_it_unless_the_key_is_right) {
    const Handler_Ref shelled = lambda_shell<double_it>;
    EXPECT_EQ(shelled.name, "osbot_aws_double_it");
    const auto answer = [&](const Json& input) {
        Text text;
        shelled.call(input.dump(), with_time(30s), text);
        return Json::parse(text.bytes);
    };
    ::setenv("LAMBDA_SHELL__AUTH_KEY", "secret", 1);
    EXPECT_EQ(answer({{"input", 21}}), (Json{{"result", 42}}));
    EXPECT_EQ(answer(event("ping")), "pong");
    Json wrong = event("ping", nullptr, "wrong");
    wrong["input"] = 1;
    EXPECT_EQ(answer(wrong), (Json{{"result", 2}}));
    ::unsetenv("LAMBDA_SHELL__AUTH_KEY");
    Json none = event("ping");
    none["input"] = 1;
    EXPECT_EQ(answer(none), (Json{{"result", 2}}));
}

}  // namespace
}  // namespace osbot_aws
