// Runs a packed program as a real process against a fake Runtime API that the test controls.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "unit/runtime/runtime_api.hpp"

namespace osbot_aws::runtime {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

/// The programs under test. tests/compilers passes those of another compiler in the environment.
std::string program() {
    const char* other = std::getenv("PROGRAM");
    return other != nullptr ? other : PROGRAM;
}
std::string clash() {
    const char* other = std::getenv("CLASH");
    return other != nullptr ? other : CLASH;
}

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

    /// Returns the output up to the end of a text, or all output until the process exits.
    std::string printed_until(std::string_view text) const {
        std::string all;
        char byte;
        while (!all.ends_with(text) && ::read(out_.fd(), &byte, 1) == 1) all += byte;
        return all;
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
    const Process process(program(), environment("shop_price"));
    const Request result = result_of(R"({"item":"tea"})");

    EXPECT_EQ(result.line(), "POST /2018-06-01/runtime/invocation/request-1/response HTTP/1.1");
    EXPECT_EQ(Json::parse(result.body), (Json{{"item", "tea"}, {"request", "request-1"}, {"memory", 256}}));
}

TEST_F(Serve_Test, output_is_flushed_before_the_response) {
    const Process process(program(), environment("shop_price"));
    result_of(R"({"item":"tea"})");

    EXPECT_EQ(process.printed_so_far(), "pricing tea\n");
}

TEST_F(Serve_Test, text_handler_receives_unchanged_bytes) {
    const Process process(program(), environment("echo"));

    EXPECT_EQ(result_of("not JSON \xff").body, "not JSON \xff");
}

TEST_F(Serve_Test, several_events_use_one_connection) {
    const Process process(program(), environment("echo"));
    for (const char* event : {"1", "2", "3"}) {
        EXPECT_EQ(result_of(event).body, event);
        api.respond("202 Accepted", R"({"status":"OK"})");
    }
}

TEST_F(Serve_Test, exception_is_reported_with_its_type_and_message) {
    const Process process(program(), environment("shop_sold_out"));
    const Request result = result_of("{}");

    EXPECT_EQ(result.line(), "POST /2018-06-01/runtime/invocation/request-1/error HTTP/1.1");
    EXPECT_THAT(result.head, HasSubstr("Lambda-Runtime-Function-Error-Type: shop::Out_Of_Stock\r\n"));
    EXPECT_EQ(Json::parse(result.body), (Json{{"errorMessage", "no more of these"},
                                              {"errorType", "shop::Out_Of_Stock"},
                                              {"stackTrace", Json::array()}}));
}

TEST_F(Serve_Test, next_event_is_processed_after_an_error) {
    const Process process(program(), environment("shop_sold_out"));
    result_of("{}");
    api.respond("202 Accepted", R"({"status":"OK"})");

    EXPECT_THAT(result_of("{}").line(), HasSubstr("/error"));
}

TEST_F(Serve_Test, thrown_object_of_any_type_is_reported_as_error) {
    const Process process(program(), environment("throws_a_number"));
    const Request result = result_of("{}");

    EXPECT_THAT(result.line(), HasSubstr("/error"));
    EXPECT_EQ(Json::parse(result.body).at("errorType"), "int");
    EXPECT_EQ(Json::parse(result.body).at("errorMessage"),
              "7: the handler threw an object of type int, which is not a std::exception");
}

struct Signature_Case {
    const char* handler;
    const char* event;
    const char* response;
};
void PrintTo(const Signature_Case& c, std::ostream* out) { *out << c.handler; }

struct Signature_Test : Serve_Test, testing::WithParamInterface<Signature_Case> {};

TEST_P(Signature_Test, handler_returns_response) {
    const Process process(program(), environment(GetParam().handler));
    const Request result = result_of(GetParam().event);

    EXPECT_EQ(result.line(), "POST /2018-06-01/runtime/invocation/request-1/response HTTP/1.1");
    if (result.head.find("chunked") == std::string::npos)
        EXPECT_EQ(result.body, GetParam().response);
    else
        EXPECT_THAT(result.body, HasSubstr(GetParam().response));
}

constexpr const char* order = R"({"id":"A-1","items":[{"name":"tea","price":2.5},{"name":"cup","price":4}]})";

INSTANTIATE_TEST_SUITE_P(shapes, Signature_Test,
                         testing::Values(Signature_Case{"shop_typed", order, R"({"id":"A-1","total":6.5})"},
                                         Signature_Case{"shop_by_value", "1", R"({"event":1,"request":"request-1"})"},
                                         Signature_Case{"shop_without_context", "[1]", "[1]"},
                                         Signature_Case{"shop_without_result", "{}", "null"},
                                         Signature_Case{"shop_without_event", "{}", R"("none")"},
                                         Signature_Case{"shop_json_text", R"({"text":"a\"b"})", R"("a\"b")"},
                                         Signature_Case{"shop_typed_pieces", order, "A-1"},
                                         Signature_Case{"instance_2", "{}", "2"},
                                         Signature_Case{"lambda", R"({"item":"tea"})", R"("tea")"},
                                         Signature_Case{"size", "[1,2]", "2"}),
                         [](const auto& c) { return std::string(c.param.handler); });

struct Mismatch_Case {
    const char* name;
    const char* event;
    const char* message;
};
void PrintTo(const Mismatch_Case& c, std::ostream* out) { *out << c.name; }

struct Mismatch_Test : Serve_Test, testing::WithParamInterface<Mismatch_Case> {};

TEST_P(Mismatch_Test, error_names_the_value) {
    const Process process(program(), environment("shop_typed"));
    const Json error = Json::parse(result_of(GetParam().event).body);

    EXPECT_EQ(error.at("errorType"), "Runtime.UnmarshalError");
    EXPECT_EQ(error.at("errorMessage"),
              std::string("the event does not match the parameter of the handler") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    events, Mismatch_Test,
    testing::Values(Mismatch_Case{"wrong_type",
                                  R"({"id":"A","items":[{"name":"tea","price":1},{"name":"cup","price":"4"}]})",
                                  " at /items/1/price: type must be number, but is string"},
                    Mismatch_Case{"missing_key", R"({"id":"A","items":[{"name":"tea","price":1},{"name":"cup"}]})",
                                  " at /items/1: key 'price' not found"},
                    Mismatch_Case{"missing_at_top", R"({"items":[]})", " at its top level: key 'id' not found"},
                    Mismatch_Case{"null", R"({"id":null,"items":[]})", " at /id: type must be string, but is null"},
                    Mismatch_Case{"no_array", R"({"id":"A","items":{"name":"tea"}})",
                                  " at /items: type must be array, but is object"},
                    Mismatch_Case{"no_object", "[1]", " at its top level: type must be object, but is array"},
                    Mismatch_Case{"no_element", R"({"id":"A","items":[7]})",
                                  " at /items/0: type must be object or array, but is number"}),
    [](const auto& c) { return std::string(c.param.name); });

TEST_F(Serve_Test, mismatch_in_a_large_event_is_reported_without_path) {
    std::string items;
    for (int i = 0; i < 1000; ++i) items += R"({"name":"tea","price":1},)";
    const Process process(program(), environment("shop_typed"));
    const Json error =
        Json::parse(result_of(R"({"id":"A","items":[)" + items + R"({"name":"cup","price":"4"}]})").body);

    EXPECT_EQ(error.at("errorMessage"),
              "the event does not match the parameter of the handler: type must be number, but is string");
}

// ---- the process ends during an event ----

struct End_Case {
    const char* name;
    const char* how;
    int signal;  // 0: exit status 3
    bool writes_incomplete_line;
};
void PrintTo(const End_Case& c, std::ostream* out) { *out << c.name; }

struct End_Test : Serve_Test, testing::WithParamInterface<End_Case> {};

TEST_P(End_Test, output_before_the_end_is_in_the_log) {
#ifdef OSBOT_SANITIZED
    if (GetParam().signal == SIGSEGV) GTEST_SKIP() << "a sanitizer handles SIGSEGV itself";
#endif
    for (const bool unsynchronised : {false, true}) {
        auto variables = environment("print_and_end");
        if (unsynchronised) variables.push_back("UNSYNCHRONISED=1");
        Runtime_Api fresh;
        variables[0] = "AWS_LAMBDA_RUNTIME_API=" + fresh.address();
        Process process(program(), variables);
        fresh.take();
        fresh.respond("200 OK", GetParam().how, event_headers);
        const std::string printed = process.printed();
        const int status = process.status();

        EXPECT_THAT(printed, StartsWith("from cout\nfrom printf\n"));
        EXPECT_EQ(printed.find("half a line") != std::string::npos, GetParam().writes_incomplete_line) << printed;
        EXPECT_TRUE(GetParam().signal != 0 ? WIFSIGNALED(status) && WTERMSIG(status) == GetParam().signal
                                           : WIFEXITED(status) && WEXITSTATUS(status) == 3)
            << status;
    }
}

INSTANTIATE_TEST_SUITE_P(ways, End_Test,
                         testing::Values(End_Case{"exit", "_exit", 0, false}, End_Case{"kill", "kill", SIGKILL, false},
                                         End_Case{"abort", "abort", SIGABRT, true},
                                         End_Case{"segfault", "segfault", SIGSEGV, true}),
                         [](const auto& c) { return std::string(c.param.name); });

TEST_F(Serve_Test, complete_lines_are_written_while_the_handler_runs) {
    const Process process(program(), environment("print_and_end"));
    api.take();
    api.respond("200 OK", "wait", event_headers);

    EXPECT_EQ(process.printed_until("from printf\n"), "from cout\nfrom printf\n");
}

TEST_F(Serve_Test, output_and_error_of_a_failed_init_are_in_the_log) {
    auto variables = environment("echo");
    variables.push_back("FAIL_IN_INIT=1");
    Process process(program(), variables);
    const std::string printed = process.printed();

    EXPECT_THAT(printed, StartsWith("connecting\n"));
    EXPECT_THAT(printed, HasSubstr("no configuration"));
    EXPECT_THAT(printed, HasSubstr("[FATAL] SIGABRT"));
    EXPECT_EQ(WTERMSIG(process.status()), SIGABRT);
}

#ifndef OSBOT_SANITIZED  // sanitizers report crashes themselves

/// Runs the command `addr2line` of a crash report for the program of this test.
std::string source_places(const std::string& report) {
    constexpr std::string_view mark = "run: addr2line -Cfpie PROGRAM";
    const std::size_t begin = report.find(mark), end = report.find('\n', begin);
    if (begin == std::string::npos) return "no command in: " + report;
    const std::string command =
        "addr2line -Cfpie " + program() + report.substr(begin + mark.size(), end - begin - mark.size());
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string text;
    for (int c; (c = std::fgetc(pipe.get())) != EOF;) text += static_cast<char>(c);
    return text;
}

struct Crash_Case {
    const char* name;
    const char* how;
    const char* line;
    const char* function;
};
void PrintTo(const Crash_Case& c, std::ostream* out) { *out << c.name; }

struct Crash_Test : Serve_Test, testing::WithParamInterface<Crash_Case> {};

TEST_P(Crash_Test, report_has_the_signal_and_the_call_stack) {
    const Process process(program(), environment("print_and_end"));
    api.take();
    api.respond("200 OK", GetParam().how, event_headers);
    const std::string printed = process.printed();

    EXPECT_THAT(printed, HasSubstr(GetParam().line));
    EXPECT_THAT(printed, HasSubstr("\n    program+0x"));
    EXPECT_THAT(source_places(printed), HasSubstr(GetParam().function));
}

INSTANTIATE_TEST_SUITE_P(
    signals, Crash_Test,
    testing::Values(
        Crash_Case{"segfault", "segfault", "[FATAL] SIGSEGV: invalid memory access at address 0x0\n", "store_at"},
        Crash_Case{"null_call", "null call", "[FATAL] SIGSEGV: invalid memory access at address 0x0\n", "call_at"},
        Crash_Case{"overflow", "overflow", "[FATAL] SIGSEGV: invalid memory access", "overflow_stack"},
        Crash_Case{"abort", "abort", "[FATAL] SIGABRT: abort() was called", "print_and_end"}),
    [](const auto& c) { return std::string(c.param.name); });

TEST_F(Serve_Test, exception_in_a_noexcept_handler_is_in_the_log) {
    const Process process(program(), environment("terminate"));
    api.take();
    api.respond("200 OK", "{}", event_headers);
    const std::string printed = process.printed();

    EXPECT_THAT(printed, HasSubstr("from a noexcept function"));
    EXPECT_THAT(source_places(printed), HasSubstr("terminate"));
}

#endif

TEST_F(Serve_Test, json_handler_reports_invalid_json_as_error) {
    const Process process(program(), environment("shop_price"));
    const Request result = result_of("{nonsense");

    EXPECT_THAT(result.line(), HasSubstr("/error"));
    const Json error = Json::parse(result.body);
    EXPECT_EQ(error.at("errorType"), "Runtime.UnmarshalError");
    EXPECT_THAT(error.at("errorMessage").get<std::string>(),
                StartsWith("the event is not JSON: parse error at line 1"));
}

TEST_F(Serve_Test, exception_of_json_has_the_name_in_its_documentation) {
    const Process process(program(), environment("shop_price"));
    EXPECT_EQ(Json::parse(result_of("{}").body).at("errorType"), "nlohmann::json::out_of_range");
}

TEST_F(Serve_Test, nested_exceptions_are_reported_in_one_message) {
    const Process process(program(), environment("throws_nested"));
    const Json error = Json::parse(result_of("{}").body);

    EXPECT_EQ(error.at("errorType"), "shop::Out_Of_Stock");
    EXPECT_EQ(error.at("errorMessage"),
              "cannot price the order; caused by std::invalid_argument: no such customer; caused by std::out_of_range: "
              "no row 7");
}

TEST_F(Serve_Test, context_has_values_of_runtime_api_and_environment) {
    const Process process(program(), environment("about_the_call"));
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
    Process process(program(), environment("shop_prise"));
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
    Process process(program(), environment("echo"));
    EXPECT_THAT(api.take().line(), StartsWith("GET"));
    api.close_connection();

    EXPECT_EQ(process.printed(), "");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, main_continues_outside_lambda) {
    Process process(program(), {});
    EXPECT_EQ(process.printed(), "main continues\n");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, lists_its_handlers_on_request_and_exits) {
    Process process(program(), {"OSBOT_AWS_LIST_HANDLERS=1"});
    EXPECT_EQ(process.printed(),
              "about_the_call\necho\ninstance_2\nlambda\npieces\nprint_and_end\nshop_by_value\nshop_json_text\n"
              "shop_price\nshop_sold_out\nshop_typed\nshop_typed_pieces\nshop_without_context\n"
              "shop_without_event\nshop_without_result\nsize\nterminate\nthrows_a_number\n"
              "throws_nested\n");
    EXPECT_EQ(process.status(), 0);
}

TEST_F(Serve_Test, duplicate_handler_names_abort_and_name_both) {
    Process process(clash(), {});
    const std::string printed = process.printed();
    EXPECT_THAT(printed, HasSubstr("shop::price"));
    EXPECT_THAT(printed, HasSubstr("shop_price"));
    EXPECT_THAT(printed, testing::Not(HasSubstr("main continues")));
    EXPECT_NE(process.status(), 0);
}

}  // namespace
}  // namespace osbot_aws::runtime
