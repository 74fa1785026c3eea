// A packed program as Lambda sees it: a real process, and a Runtime API that the test plays by hand.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "unit/runtime/runtime_api.hpp"

namespace osbot_aws::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// A process of ours whose stdout and stderr are one pipe.
class Process {
public:
    Process(std::string path, std::vector<std::string> environment) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
        base::Unique_Fd write_end(ends[1]);
        out_ = base::Unique_Fd(ends[0]);
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
        std::vector<char*> variables;
        for (std::string& variable : environment) variables.push_back(variable.data());
        variables.push_back(nullptr);
        char* const arguments[] = {path.data(), nullptr};
        if (::posix_spawn(&pid_, path.c_str(), &actions, nullptr, arguments, variables.data()) != 0) pid_ = -1;
        ::posix_spawn_file_actions_destroy(&actions);
    }
    ~Process() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    /// Of what it printed, what has arrived by now: flushed output is there before the response is.
    std::string printed_so_far() const {
        char block[4096];
        ::fcntl(out_.fd(), F_SETFL, O_NONBLOCK);
        const ssize_t got = ::read(out_.fd(), block, sizeof block);
        return got > 0 ? std::string(block, static_cast<std::size_t>(got)) : std::string();
    }

    /// Everything it printed until its end.
    std::string printed() const {
        std::string all;
        char block[4096];
        for (ssize_t got; (got = ::read(out_.fd(), block, sizeof block)) > 0;)
            all.append(block, static_cast<std::size_t>(got));
        return all;
    }

    /// As waitpid() gives it.
    int status() {
        int status = -1;
        ::waitpid(std::exchange(pid_, -1), &status, 0);
        return status;
    }

private:
    pid_t pid_ = -1;
    base::Unique_Fd out_;
};

constexpr std::string_view event_headers =
    "Lambda-Runtime-Aws-Request-Id: request-1\r\n"
    "Lambda-Runtime-Deadline-Ms: 4102444800000\r\n"
    "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:000000000000:function:f\r\n"
    "Lambda-Runtime-Trace-Id: Root=1-2-3\r\n";

struct Serve_Test : testing::Test {
    Runtime_Api api;

    std::vector<std::string> environment(const std::string& handler) const {
        return {"AWS_LAMBDA_RUNTIME_API=" + api.address(),
                "_HANDLER=" + handler,
                "AWS_LAMBDA_FUNCTION_NAME=f",
                "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
                "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/f",
                "AWS_LAMBDA_LOG_STREAM_NAME=stream"};
    }

    // Gives the runtime one event, and takes what it says about it.
    Request said_about(std::string_view event, std::string_view more_headers = "") {
        EXPECT_EQ(api.take().line(), "GET /2018-06-01/runtime/invocation/next HTTP/1.1");
        api.answer("200 OK", event, fmt::format("{}{}", event_headers, more_headers));
        return api.take();
    }
};

TEST_F(Serve_Test, a_json_handler_gets_the_event_and_its_value_is_the_response) {
    const Process process(PROGRAM, environment("shop_price"));
    const Request said = said_about(R"({"item":"tea"})");

    EXPECT_EQ(said.line(), "POST /2018-06-01/runtime/invocation/request-1/response HTTP/1.1");
    EXPECT_EQ(Json::parse(said.body), (Json{{"item", "tea"}, {"request", "request-1"}, {"memory", 256}}));
}

TEST_F(Serve_Test, what_a_handler_printed_is_out_before_its_response) {
    const Process process(PROGRAM, environment("shop_price"));
    said_about(R"({"item":"tea"})");

    EXPECT_EQ(process.printed_so_far(), "pricing tea\n");
}

TEST_F(Serve_Test, a_text_handler_is_given_the_bytes_as_they_are) {
    const Process process(PROGRAM, environment("echo"));

    EXPECT_EQ(said_about("no JSON \xff").body, "no JSON \xff");
}

TEST_F(Serve_Test, one_connection_serves_event_after_event) {
    const Process process(PROGRAM, environment("echo"));
    for (const char* event : {"1", "2", "3"}) {
        EXPECT_EQ(said_about(event).body, event);
        api.answer("202 Accepted", R"({"status":"OK"})");
    }
}

TEST_F(Serve_Test, an_exception_is_an_error_with_its_own_type_and_words) {
    const Process process(PROGRAM, environment("shop_sold_out"));
    const Request said = said_about("{}");

    EXPECT_EQ(said.line(), "POST /2018-06-01/runtime/invocation/request-1/error HTTP/1.1");
    EXPECT_THAT(said.head, HasSubstr("Lambda-Runtime-Function-Error-Type: shop::Out_Of_Stock\r\n"));
    EXPECT_EQ(Json::parse(said.body), (Json{{"errorMessage", "no more of these"},
                                            {"errorType", "shop::Out_Of_Stock"},
                                            {"stackTrace", Json::array()}}));
}

TEST_F(Serve_Test, after_an_error_the_next_event_is_taken) {
    const Process process(PROGRAM, environment("shop_sold_out"));
    said_about("{}");
    api.answer("202 Accepted", R"({"status":"OK"})");

    EXPECT_THAT(said_about("{}").line(), HasSubstr("/error"));
}

TEST_F(Serve_Test, whatever_is_thrown_is_an_error) {
    const Process process(PROGRAM, environment("throws_a_number"));

    EXPECT_THAT(said_about("{}").line(), HasSubstr("/error"));
}

TEST_F(Serve_Test, an_event_that_is_no_json_is_an_error_for_a_json_handler) {
    const Process process(PROGRAM, environment("shop_price"));
    const Request said = said_about("{nonsense");

    EXPECT_THAT(said.line(), HasSubstr("/error"));
    EXPECT_THAT(Json::parse(said.body).at("errorMessage").get<std::string>(), HasSubstr("parse error"));
}

TEST_F(Serve_Test, the_context_tells_all_that_the_runtime_api_and_the_environment_say) {
    const Process process(PROGRAM, environment("about_the_call"));
    const Request said = said_about("{}",
                                    "Lambda-Runtime-Client-Context: {\"client\":1}\r\n"
                                    "Lambda-Runtime-Cognito-Identity: {\"who\":2}\r\n");

    EXPECT_EQ(Json::parse(said.body), (Json{{"arn", "arn:aws:lambda:eu-west-1:000000000000:function:f"},
                                            {"name", "f"},
                                            {"version", "$LATEST"},
                                            {"log_group", "/aws/lambda/f"},
                                            {"log_stream", "stream"},
                                            {"trace", "Root=1-2-3"},
                                            {"client", {{"client", 1}}},
                                            {"identity", {{"who", 2}}},
                                            {"deadline_ms", 4102444800000},
                                            {"has_time", true}}));
}

TEST_F(Serve_Test, a_handler_that_is_not_there_is_an_init_error_that_names_those_that_are) {
    Process process(PROGRAM, environment("shop_prise"));
    const Request said = api.take();
    api.answer("202 Accepted", R"({"status":"OK"})");

    EXPECT_EQ(said.line(), "POST /2018-06-01/runtime/init/error HTTP/1.1");
    EXPECT_THAT(said.head, HasSubstr("Lambda-Runtime-Function-Error-Type: Runtime.HandlerNotFound\r\n"));
    const Json error = Json::parse(said.body);
    EXPECT_EQ(error.at("errorType"), "Runtime.HandlerNotFound");
    EXPECT_THAT(error.at("errorMessage").get<std::string>(), HasSubstr("'shop_prise'"));
    EXPECT_THAT(error.at("errorMessage").get<std::string>(), HasSubstr("shop_price"));
    const int status = process.status();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

TEST_F(Serve_Test, when_the_runtime_api_goes_the_program_ends_without_going_on_with_main) {
    Process process(PROGRAM, environment("echo"));
    EXPECT_THAT(api.take().line(), StartsWith("GET"));
    api.end();

    EXPECT_EQ(process.printed(), "");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, elsewhere_main_goes_on) {
    Process process(PROGRAM, {});
    EXPECT_EQ(process.printed(), "main goes on\n");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, asked_for_its_handlers_a_program_prints_them_and_ends) {
    Process process(PROGRAM, {"OSBOT_AWS_LIST_HANDLERS=1"});
    EXPECT_EQ(process.printed(), "about_the_call\necho\npieces\nshop_price\nshop_sold_out\nthrows_a_number\n");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, two_handlers_of_one_name_end_the_program_with_both) {
    Process process(CLASH, {});
    const std::string printed = process.printed();
    EXPECT_THAT(printed, HasSubstr("shop::price"));
    EXPECT_THAT(printed, HasSubstr("shop_price"));
    EXPECT_THAT(printed, testing::Not(HasSubstr("main goes on")));
    EXPECT_NE(process.status(), 0);
}

}  // namespace
}  // namespace osbot_aws::runtime
