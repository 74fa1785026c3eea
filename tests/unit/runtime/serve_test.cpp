// Runs a packed program as a real process against a fake Runtime API that the test controls.
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

/// A child process whose stdout and stderr are the same pipe.
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

    /// Returns the output that has arrived so far: flushed output arrives before the response.
    std::string printed_so_far() const {
        char block[4096];
        ::fcntl(out_.fd(), F_SETFL, O_NONBLOCK);
        const ssize_t got = ::read(out_.fd(), block, sizeof block);
        return got > 0 ? std::string(block, static_cast<std::size_t>(got)) : std::string();
    }

    /// Returns all output until the process exits.
    std::string printed() const {
        std::string all;
        char block[4096];
        for (ssize_t got; (got = ::read(out_.fd(), block, sizeof block)) > 0;)
            all.append(block, static_cast<std::size_t>(got));
        return all;
    }

    /// Returns the status of waitpid().
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

    // Sends an event to the runtime and returns the request that it sends back.
    Request result_of(std::string_view event, std::string_view more_headers = "") {
        EXPECT_EQ(api.take().line(), "GET /2018-06-01/runtime/invocation/next HTTP/1.1");
        api.respond("200 OK", event, fmt::format("{}{}", event_headers, more_headers));
        return api.take();
    }
};

TEST_F(Serve_Test, json_handler_receives_event_and_returns_response) {
    const Process process(PROGRAM, environment("shop_price"));
    const Request result = result_of(R"({"item":"tea"})");

    EXPECT_EQ(result.line(), "POST /2018-06-01/runtime/invocation/request-1/response HTTP/1.1");
    EXPECT_EQ(Json::parse(result.body), (Json{{"item", "tea"}, {"request", "request-1"}, {"memory", 256}}));
}

TEST_F(Serve_Test, output_is_flushed_before_the_response) {
    const Process process(PROGRAM, environment("shop_price"));
    result_of(R"({"item":"tea"})");

    EXPECT_EQ(process.printed_so_far(), "pricing tea\n");
}

TEST_F(Serve_Test, text_handler_receives_unchanged_bytes) {
    const Process process(PROGRAM, environment("echo"));

    EXPECT_EQ(result_of("not JSON \xff").body, "not JSON \xff");
}

TEST_F(Serve_Test, several_events_use_one_connection) {
    const Process process(PROGRAM, environment("echo"));
    for (const char* event : {"1", "2", "3"}) {
        EXPECT_EQ(result_of(event).body, event);
        api.respond("202 Accepted", R"({"status":"OK"})");
    }
}

TEST_F(Serve_Test, exception_is_reported_with_its_type_and_message) {
    const Process process(PROGRAM, environment("shop_sold_out"));
    const Request result = result_of("{}");

    EXPECT_EQ(result.line(), "POST /2018-06-01/runtime/invocation/request-1/error HTTP/1.1");
    EXPECT_THAT(result.head, HasSubstr("Lambda-Runtime-Function-Error-Type: shop::Out_Of_Stock\r\n"));
    EXPECT_EQ(Json::parse(result.body), (Json{{"errorMessage", "no more of these"},
                                              {"errorType", "shop::Out_Of_Stock"},
                                              {"stackTrace", Json::array()}}));
}

TEST_F(Serve_Test, next_event_is_processed_after_an_error) {
    const Process process(PROGRAM, environment("shop_sold_out"));
    result_of("{}");
    api.respond("202 Accepted", R"({"status":"OK"})");

    EXPECT_THAT(result_of("{}").line(), HasSubstr("/error"));
}

TEST_F(Serve_Test, thrown_object_of_any_type_is_reported_as_error) {
    const Process process(PROGRAM, environment("throws_a_number"));

    EXPECT_THAT(result_of("{}").line(), HasSubstr("/error"));
}

TEST_F(Serve_Test, json_handler_reports_invalid_json_as_error) {
    const Process process(PROGRAM, environment("shop_price"));
    const Request result = result_of("{nonsense");

    EXPECT_THAT(result.line(), HasSubstr("/error"));
    EXPECT_THAT(Json::parse(result.body).at("errorMessage").get<std::string>(), HasSubstr("parse error"));
}

TEST_F(Serve_Test, context_has_values_of_runtime_api_and_environment) {
    const Process process(PROGRAM, environment("about_the_call"));
    const Request result = result_of("{}",
                                     "Lambda-Runtime-Client-Context: {\"client\":1}\r\n"
                                     "Lambda-Runtime-Cognito-Identity: {\"who\":2}\r\n");

    EXPECT_EQ(Json::parse(result.body), (Json{{"arn", "arn:aws:lambda:eu-west-1:000000000000:function:f"},
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

TEST_F(Serve_Test, unknown_handler_is_init_error_that_lists_handlers) {
    Process process(PROGRAM, environment("shop_prise"));
    const Request result = api.take();
    api.respond("202 Accepted", R"({"status":"OK"})");

    EXPECT_EQ(result.line(), "POST /2018-06-01/runtime/init/error HTTP/1.1");
    EXPECT_THAT(result.head, HasSubstr("Lambda-Runtime-Function-Error-Type: Runtime.HandlerNotFound\r\n"));
    const Json error = Json::parse(result.body);
    EXPECT_EQ(error.at("errorType"), "Runtime.HandlerNotFound");
    EXPECT_THAT(error.at("errorMessage").get<std::string>(), HasSubstr("'shop_prise'"));
    EXPECT_THAT(error.at("errorMessage").get<std::string>(), HasSubstr("shop_price"));
    const int status = process.status();
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

TEST_F(Serve_Test, program_exits_when_the_runtime_api_closes) {
    Process process(PROGRAM, environment("echo"));
    EXPECT_THAT(api.take().line(), StartsWith("GET"));
    api.close_connection();

    EXPECT_EQ(process.printed(), "");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, main_continues_outside_lambda) {
    Process process(PROGRAM, {});
    EXPECT_EQ(process.printed(), "main continues\n");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, lists_its_handlers_on_request_and_exits) {
    Process process(PROGRAM, {"OSBOT_AWS_LIST_HANDLERS=1"});
    EXPECT_EQ(process.printed(), "about_the_call\necho\npieces\nshop_price\nshop_sold_out\nthrows_a_number\n");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, duplicate_handler_names_abort_and_name_both) {
    Process process(CLASH, {});
    const std::string printed = process.printed();
    EXPECT_THAT(printed, HasSubstr("shop::price"));
    EXPECT_THAT(printed, HasSubstr("shop_price"));
    EXPECT_THAT(printed, testing::Not(HasSubstr("main continues")));
    EXPECT_NE(process.status(), 0);
}

}  // namespace
}  // namespace osbot_aws::runtime
