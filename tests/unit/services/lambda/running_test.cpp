#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>

#include "base/time_text.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/lambda/zips.hpp"
#include "services/logs/logs.hpp"
#include "store/store.hpp"
#include "support/lambda_world.hpp"
#include "support/printers.hpp"
#include "support/tar.hpp"

namespace osbot_aws::services {
namespace {

using testing::Contains;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;
using namespace std::chrono_literals;

/// A process controlled by the test, which sets its output and its exit.
struct Fake_Process {
    sandbox::Process_Spec spec;
    base::Unique_Fd output;
    int exit_ends[2] = {-1, -1};
    std::optional<sandbox::Exit> exit;
    std::uint64_t memory_bytes = 0;
    std::size_t tasks = 1;
    bool killed = false;
    bool frozen = false, thaws = true, main_started = false;
    std::vector<sandbox::Companion_Exit> companion_exits = {};
    std::optional<Error> start_error;  ///< of the main process

    explicit Fake_Process(sandbox::Process_Spec process_spec)
        : spec(std::move(process_spec)), output(::dup(spec.stdout_fd)) {
        EXPECT_EQ(::pipe2(exit_ends, O_CLOEXEC), 0);
    }
    ~Fake_Process() {
        ::close(exit_ends[0]);
        ::close(exit_ends[1]);
    }
    Fake_Process(const Fake_Process&) = delete;
    Fake_Process& operator=(const Fake_Process&) = delete;
    void print(std::string_view text) const {
        ASSERT_EQ(::write(output.fd(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    }
};

struct Fake_Process_Handle final : sandbox::Process {
    explicit Fake_Process_Handle(std::shared_ptr<Fake_Process> process) : fake(std::move(process)) {}
    Result<void> start_main() override {
        fake->main_started = true;
        return fake->start_error ? Result<void>(*fake->start_error) : Result<void>();
    }
    std::vector<sandbox::Companion_Exit> companion_exits() override { return std::exchange(fake->companion_exits, {}); }
    int exit_fd() const override { return fake->exit_ends[0]; }
    std::optional<sandbox::Exit> exit() override { return fake->exit; }
    Result<void> set_frozen(bool frozen) override {
        if (!frozen && !fake->thaws) return Error{"SandboxCgroupFailed", "cgroup.freeze: No space left on device", 500};
        fake->frozen = frozen;
        return {};
    }
    void terminate() override {}
    void kill() override {
        fake->killed = true;
        if (!fake->exit) fake->exit = sandbox::Exit{.status = 0, .signal = SIGKILL, .out_of_memory = false};
    }
    std::uint64_t memory_bytes() const override { return fake->memory_bytes; }
    std::uint64_t memory_bytes_peak() const override { return fake->memory_bytes; }
    std::size_t tasks() const override { return fake->tasks; }
    pid_t pid() const override { return 1; }
    sandbox::Peer_Check peer_check() const override {
        return [](int) { return false; };
    }
    std::vector<int> take_listeners() override { return {}; }
    std::shared_ptr<Fake_Process> fake;
};

struct Fake_Sandbox final : sandbox::Sandbox {
    sandbox::Capabilities detected{.namespaces = true,
                                   .network = false,
                                   .cgroup = true,
                                   .processes = true,
                                   .freezer = true,
                                   .overlay = false,
                                   .missing = {}};
    std::vector<std::shared_ptr<Fake_Process>> processes;
    std::optional<Error> refusal;  ///< returned instead of a process

    const sandbox::Capabilities& capabilities() const override { return detected; }
    bool mounts_apply() const override { return detected.namespaces; }
    Result<std::unique_ptr<sandbox::Process>> start(const sandbox::Process_Spec& spec) override {
        if (refusal) return *refusal;
        processes.push_back(std::make_shared<Fake_Process>(spec));
        return std::unique_ptr<sandbox::Process>(std::make_unique<Fake_Process_Handle>(processes.back()));
    }
};

struct Fake_Endpoints final : Runtime_Endpoints {
    struct Endpoint final : Runtime_Endpoint {
        explicit Endpoint(bool& set) : checks_peers(set) {}
        std::string address() const override { return "127.0.0.1:9"; }
        void accept(std::function<bool(int)> accepts, std::size_t) override { checks_peers = accepts && !accepts(0); }
        bool& checks_peers;
    };
    std::vector<Runtime_Api*> apis;
    bool checks_peers = false;
    Result<std::unique_ptr<Runtime_Endpoint>> open(Runtime_Api& api) override {
        apis.push_back(&api);
        return std::unique_ptr<Runtime_Endpoint>(std::make_unique<Endpoint>(checks_peers));
    }
    Result<std::unique_ptr<Runtime_Endpoint>> adopt(int, Runtime_Api& api, std::size_t) override { return open(api); }
    struct Posted {
        std::uint16_t port;
        std::string path;
        Json events;
    };
    std::vector<Posted> posted;
    bool delivers = true;
    void post(std::uint16_t port, const std::string& path, std::string body, std::function<void(bool)> done) override {
        posted.push_back({port, path, Json::parse(body)});
        done(delivers);
    }
    Result<std::unique_ptr<Runtime_Endpoint>> adopt_engine(int) override {
        return Error{"NotHere", "functions of these tests use the network of the host", 500};
    }
};

struct Running_Test : testing::Test {
    test_support::Fake_Loop loop;
    std::unique_ptr<store::Store> store = store::Store::in_memory().value();
    base::Temporary_Folder folder;
    Context context{loop, *store};
    Code_Folders code{context, folder.path() / "code"};
    Images images{context, folder.path() / "images", unpack_image};
    Logs logs{context};
    Fake_Sandbox sandbox;
    Fake_Endpoints endpoints;
    Function_Ptr function = make_function();
    std::vector<Next_Event> events;
    bool freeze = true;
    int reserved_by_others = 0;  ///< the concurrency that other functions of the account reserved
    Event_Limits limits;
    int event_speed = 1;
    std::vector<std::string> finished;             ///< condition, attempts and payload of each event
    std::function<void()> finish_event = nullptr;  ///< set while an event is finished; nullptr: finished immediately
    bool delay_finish = false;
    std::optional<Result<Invoke_Result>> result;
    std::unique_ptr<Invocations> invocations = make();

    Function make_zip_function() {
        const std::string zip =
            base::write_zip({{.path = "bootstrap", .file = {}, .bytes = "#!/bin/sh\n", .executable = true}}).value();
        Function f;
        f.name = "hello";
        f.runtime = "provided.al2023";
        f.log_group = "/aws/lambda/hello";
        f.zip = store_zip(store->blobs(), zip).value().blob;
        return f;
    }
    Function_Ptr make_function() { return std::make_shared<Function>(make_zip_function()); }
    std::unique_ptr<Invocations> make(int concurrency_max = 2) {
        Invocation_Options options;
        options.concurrency_max = concurrency_max;
        options.freeze = freeze;
        options.idle_max = 60s;
        options.work_folder = folder.path() / "work";
        options.reserved_concurrency = [this](const Account&) { return reserved_by_others; };
        options.find_function = [this](const Account&, const std::string&, const std::string&) { return function; };
        options.event_limits = [this](const Queued_Event&) { return limits; };
        options.event_speed = event_speed;
        options.event_finished = [this](const Finished_Event& event, std::function<void()> done) {
            finished.push_back(fmt::format("{} {} {}", event.condition, event.event.attempts,
                                           event.result != nullptr ? event.result->payload : "none"));
            delay_finish ? void(finish_event = std::move(done)) : done();
        };
        auto made = make_invocations({context, sandbox, endpoints, code, images, logs}, options);
        made->load();
        return made;
    }

    void invoke(const std::string& tenant_id = {}) {
        result.reset();
        Invoke_Request request;
        request.function = function;
        request.tenant_id = tenant_id;
        request.payload = "{\"x\":1}";
        request.log_tail = true;
        invocations->invoke(std::move(request), [this](Result<Invoke_Result> outcome) { result = std::move(outcome); });
        loop.run();
    }
    void next(std::size_t index = 0) {
        endpoints.apis.at(index)->next([this](const Next_Event& event) { events.push_back(event); });
        loop.run();
    }
    void respond(std::string payload, std::size_t index = 0) {
        EXPECT_TRUE(
            endpoints.apis.at(index)->response(events.back().request_id, std::move(payload), "application/json"));
        loop.run();
    }
    /// Lets the newest process fail its event.
    void fail() {
        const std::size_t index = sandbox.processes.size() - 1;
        next(index);
        EXPECT_TRUE(endpoints.apis[index]->error(events.back().request_id, "{\"e\":1}", ""));
        loop.run();
    }
    Json error() const { return Json::parse((*result)->payload); }
    std::string log() {
        loop.advance(1s);  // the lines are collected for a moment
        const auto page = logs.filter_events({}, {.group = "/aws/lambda/hello"}).value();
        std::string text;
        for (const auto& event : page.events) text += event.message;
        return text;
    }
};

TEST_F(Running_Test, cold_event_waits_for_runtime_and_logs_output_before_response) {
    invoke();
    ASSERT_EQ(sandbox.processes.size(), 1u);
    EXPECT_FALSE(result);
    next();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].payload, "{\"x\":1}");
    sandbox.processes[0]->print("one\ntwo");
    respond("42");

    ASSERT_TRUE(result && *result);
    EXPECT_EQ((*result)->payload, "42");
    EXPECT_EQ((*result)->function_error, "");
    const std::string id = events[0].request_id;
    EXPECT_THAT((*result)->log_tail,
                HasSubstr("START RequestId: " + id + " Version: $LATEST\none\ntwo\nEND RequestId: " + id +
                          "\nREPORT RequestId: " + id));
    EXPECT_THAT((*result)->log_tail, HasSubstr("Init Duration: "));
}

TEST_F(Running_Test, runtime_api_accepts_only_processes_of_its_sandbox) {
    invoke();
    EXPECT_TRUE(endpoints.checks_peers);
}

TEST_F(Running_Test, warm_event_reuses_process_and_reports_no_init) {
    invoke(), next(), respond("1"), next();
    invoke();
    respond("2");
    EXPECT_EQ((*result)->payload, "2");
    EXPECT_EQ(sandbox.processes.size(), 1u);
    EXPECT_THAT((*result)->log_tail, Not(HasSubstr("Init Duration: ")));
}

TEST_F(Running_Test, environment_is_frozen_after_10_ms_without_an_event) {
    invoke(), next(), respond("1");
    loop.advance(1s);
    EXPECT_FALSE(sandbox.processes[0]->frozen) << "the runtime has not asked for the next event";
    next();
    loop.advance(9ms);
    invoke(), respond("2"), next();
    loop.advance(9ms);
    EXPECT_FALSE(sandbox.processes[0]->frozen) << "the last event ended 9 ms ago";
    loop.advance(1ms);
    EXPECT_TRUE(sandbox.processes[0]->frozen);
    invoke();
    EXPECT_FALSE(sandbox.processes[0]->frozen);
    loop.advance(1s);
    EXPECT_FALSE(sandbox.processes[0]->frozen) << "an event runs";
    respond("3");
    EXPECT_EQ((*result)->payload, "3");
}

TEST_F(Running_Test, environment_that_cannot_be_thawed_is_killed) {
    invoke(), next(), respond("1"), next();
    loop.advance(10ms);
    sandbox.processes[0]->thaws = false;
    invoke();
    EXPECT_TRUE(sandbox.processes[0]->killed);
}

TEST_F(Running_Test, environment_without_a_freezer_or_setting_runs_on) {
    sandbox.detected.freezer = false;
    invoke(), next(), respond("1"), next();
    loop.advance(1s);
    EXPECT_FALSE(sandbox.processes[0]->frozen);
    sandbox.detected.freezer = true;
    freeze = false;
    invocations.reset();
    invocations = make();
    invoke(), next(1), respond("1", 1), next(1);
    loop.advance(1s);
    EXPECT_FALSE(sandbox.processes[1]->frozen);
}

TEST_F(Running_Test, event_always_has_a_trace) {
    invoke(), next();
    EXPECT_THAT(events.at(0).trace_id, testing::MatchesRegex("Root=1-[0-9a-f-]+;Parent=[0-9a-f]+;Sampled=0"));
}

TEST_F(Running_Test, event_after_response_waits_for_next) {
    invoke(), next(), respond("1");
    invoke();
    EXPECT_EQ(events.size(), 1u) << "the runtime has not asked yet";
    loop.advance(499ms);
    next();
    ASSERT_EQ(events.size(), 2u);
    respond("2");
    EXPECT_EQ((*result)->payload, "2");
    EXPECT_EQ(sandbox.processes.size(), 1u);
}

TEST_F(Running_Test, event_moves_when_the_runtime_does_not_ask_in_time) {
    invoke(), next(), respond("1");
    invoke();
    loop.advance(500ms);
    ASSERT_EQ(sandbox.processes.size(), 2u);
    next(0);  // too late for this event
    next(1), respond("2", 1);
    EXPECT_EQ((*result)->payload, "2");
    invoke();
    EXPECT_EQ(sandbox.processes.size(), 2u) << "the late environment is idle again";
}

TEST_F(Running_Test, event_moves_when_the_runtime_exits_before_next) {
    invoke(), next(), respond("1");
    invoke();
    sandbox.processes[0]->exit = sandbox::Exit{.status = 1, .signal = 0, .out_of_memory = false};
    loop.fire_readable(sandbox.processes[0]->exit_ends[0]);
    EXPECT_FALSE(result) << "no runtime received the event";
    ASSERT_EQ(sandbox.processes.size(), 2u);
    next(1), respond("2", 1);
    EXPECT_EQ((*result)->function_error, "");
    EXPECT_EQ((*result)->payload, "2");
}

TEST_F(Running_Test, runtime_that_asks_before_it_responds_gets_each_event_once) {
    invoke(), next(), next();
    EXPECT_EQ(events.size(), 1u);
    respond("1");
    loop.advance(10s);
    EXPECT_EQ(invocations->environments(), 1u) << "the runtime waits: the timeout of its event has ended";
    invoke();
    ASSERT_EQ(events.size(), 2u);
    loop.advance(500ms);
    EXPECT_EQ(sandbox.processes.size(), 1u) << "the event was delivered";
    respond("2");
    EXPECT_EQ((*result)->payload, "2");
}

TEST_F(Running_Test, reserved_environment_that_returns_is_not_throttled) {
    Function reserved = make_zip_function();
    reserved.reserved_concurrency = 1;
    function = std::make_shared<Function>(std::move(reserved));
    invoke(), next(), respond("1");
    invoke();
    EXPECT_FALSE(result);
    next(), respond("2");
    EXPECT_EQ((*result)->payload, "2");
}

TEST_F(Running_Test, runtime_that_never_asks_again_ends_at_its_timeout) {
    invoke(), next(), respond("1");
    loop.advance(2999ms);
    EXPECT_EQ(invocations->environments(), 1u);
    loop.advance(1ms);
    EXPECT_EQ(invocations->environments(), 0u);
    EXPECT_TRUE(sandbox.processes[0]->killed);
}

TEST_F(Running_Test, event_times_out_at_limit_and_kills_process) {
    invoke(), next();
    loop.advance(2999ms);
    EXPECT_FALSE(result);
    loop.advance(1ms);
    ASSERT_TRUE(result && *result);
    EXPECT_EQ((*result)->function_error, "Unhandled");
    EXPECT_EQ(
        error(),
        (Json{{"errorType", "Sandbox.Timedout"},
              {"errorMessage", "RequestId: " + events[0].request_id + " Error: Task timed out after 3.00 seconds"}}));
    // As in AWS's logs of 2025: the duration is exactly the limit, and the status is at the end.
    EXPECT_THAT((*result)->log_tail, HasSubstr(events[0].request_id + " Task timed out after 3.00 seconds\n\nEND "));
    EXPECT_THAT((*result)->log_tail, HasSubstr("\tDuration: 3000.00 ms\tBilled Duration: 300"));
    EXPECT_THAT((*result)->log_tail, EndsWith(" ms\tStatus: timeout\n"));
    EXPECT_TRUE(sandbox.processes[0]->killed);
    EXPECT_EQ(invocations->environments(), 0u);
}

TEST_F(Running_Test, process_exit_during_event_reports_status_or_signal) {
    const std::pair<sandbox::Exit, std::string> cases[] = {
        {{.status = 3, .signal = 0, .out_of_memory = false}, "Runtime exited with error: exit status 3"},
        {{.status = 0, .signal = 0, .out_of_memory = false}, "Runtime exited without providing a reason"},
        {{.status = 0, .signal = SIGSEGV, .out_of_memory = false},
         "Runtime exited with error: signal: segmentation fault"}};
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        invoke(), next(i);
        sandbox.processes[i]->exit = cases[i].first;
        loop.fire_readable(sandbox.processes[i]->exit_ends[0]);
        ASSERT_TRUE(result && *result);
        EXPECT_EQ(error()["errorType"], "Runtime.ExitError");
        const std::string message = "RequestId: " + events.back().request_id + " Error: " + cases[i].second;
        EXPECT_EQ(error()["errorMessage"], message);
        EXPECT_THAT((*result)->log_tail, HasSubstr(message + "\nRuntime.ExitError\nEND RequestId: "));
        EXPECT_THAT((*result)->log_tail, EndsWith("\tStatus: error\tError Type: Runtime.ExitError\n"));
    }
}

TEST_F(Running_Test, process_above_memory_limit_is_killed_even_with_cgroup) {
    invoke(), next();
    sandbox.processes[0]->memory_bytes = 129ull << 20;
    loop.advance(50ms);
    ASSERT_TRUE(sandbox.processes[0]->killed);
    loop.fire_readable(sandbox.processes[0]->exit_ends[0]);
    ASSERT_TRUE(result && *result);
    EXPECT_THAT(error()["errorMessage"].get<std::string>(), HasSubstr("signal: killed"));
}

// AWS's log lines for a module that cannot be imported, as posted by users: INIT_REPORT of both phases, then START.
TEST_F(Running_Test, failed_init_is_retried_once_then_environment_ends) {
    const std::string status = "\tStatus: error\tError Type: Runtime.ImportModuleError\n";
    const std::string payload = R"({"errorType":"Runtime.ImportModuleError"})";
    invoke();
    sandbox.processes[0]->print("no such module\n");
    EXPECT_TRUE(endpoints.apis[0]->init_error(payload, "Runtime.ImportModuleError"));
    EXPECT_TRUE(sandbox.processes[0]->killed);
    loop.run();
    EXPECT_FALSE(result);
    ASSERT_EQ(sandbox.processes.size(), 2u);
    sandbox.processes[1]->print("still not\n");
    EXPECT_TRUE(endpoints.apis[1]->init_error(payload, "Runtime.ImportModuleError"));
    ASSERT_TRUE(result && *result);
    EXPECT_EQ(error()["errorType"], "Runtime.ImportModuleError");
    const std::string report = "INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: ";
    EXPECT_THAT((*result)->log_tail,
                ContainsRegex("no such module\n" + report + "init" + status + "still not\n" + report + "invoke" +
                              status + "START RequestId: .*\nEND RequestId: "));
    EXPECT_THAT((*result)->log_tail, EndsWith(status));
    EXPECT_THAT((*result)->log_tail, Not(HasSubstr("\tInit Duration: ")));
    invoke();
    EXPECT_EQ(sandbox.processes.size(), 3u);
    EXPECT_FALSE(result);
}

TEST_F(Running_Test, second_init_runs_within_event_timeout) {
    invoke();
    sandbox.processes[0]->exit = sandbox::Exit{.status = 2, .signal = 0, .out_of_memory = false};
    loop.fire_readable(sandbox.processes[0]->exit_ends[0]);
    loop.run();
    ASSERT_EQ(sandbox.processes.size(), 2u);
    const auto started = base::unix_ms(context.now());
    loop.advance(2s);
    next(1);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].deadline_ms, started + 3000);
    respond("1", 1), next(1);
    ASSERT_TRUE(result && *result);
    EXPECT_EQ((*result)->function_error, "");
    EXPECT_THAT((*result)->log_tail,
                ContainsRegex("\tPhase: init\tStatus: error\tError Type: Runtime.ExitError\nSTART "));
    EXPECT_THAT((*result)->log_tail, Not(HasSubstr("\tInit Duration: ")));

    loop.advance(10s);  // the next event has its full timeout
    invoke();
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].deadline_ms, base::unix_ms(context.now()) + 3000);
    loop.advance(2999ms);
    EXPECT_FALSE(result);
    loop.advance(1ms);
    EXPECT_TRUE(result);
}

TEST_F(Running_Test, process_exit_before_first_next_fails_init) {
    invoke();
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_FALSE(result);
        sandbox.processes[i]->exit = sandbox::Exit{.status = 2, .signal = 0, .out_of_memory = false};
        loop.fire_readable(sandbox.processes[i]->exit_ends[0]);
        loop.run();
    }
    ASSERT_TRUE(result && *result);
    EXPECT_THAT((*result)->log_tail,
                HasSubstr("\tPhase: invoke\tStatus: error\tError Type: Runtime.ExitError\nSTART "));
    EXPECT_EQ(invocations->environments(), 0u);
}

TEST_F(Running_Test, init_times_out_after_10_s_then_after_event_timeout) {
    invoke();
    loop.advance(10s);
    EXPECT_FALSE(result);
    ASSERT_EQ(sandbox.processes.size(), 2u);
    loop.advance(2999ms);
    EXPECT_FALSE(result);
    loop.advance(1ms);
    ASSERT_TRUE(result && *result);
    EXPECT_EQ(error()["errorType"], "Sandbox.Timedout");
    EXPECT_THAT((*result)->log_tail,
                ContainsRegex("\tPhase: init\tStatus: timeout\nINIT_REPORT .*\tPhase: invoke\tStatus: timeout\n"));
    EXPECT_THAT((*result)->log_tail, HasSubstr(" Task timed out after 3.00 seconds\n\nEND "));
    EXPECT_THAT((*result)->log_tail, HasSubstr("\tDuration: 3000.00 ms\t"));
    EXPECT_THAT((*result)->log_tail, EndsWith("\tStatus: timeout\n"));
}

// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html: "Lambda retries the Init phase at the
// time of the first function invocation with the configured function timeout".
TEST_F(Running_Test, second_init_may_exceed_10_s_within_function_timeout) {
    Function slow = make_zip_function();
    slow.timeout_s = 60;
    function = std::make_shared<Function>(std::move(slow));
    invoke();
    loop.advance(10s);
    ASSERT_EQ(sandbox.processes.size(), 2u);
    EXPECT_TRUE(sandbox.processes[0]->killed);
    const auto started = base::unix_ms(context.now());
    loop.advance(12s);
    EXPECT_FALSE(sandbox.processes[1]->killed);
    next(1);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].deadline_ms, started + 60'000);
    respond("42", 1), next(1);
    ASSERT_TRUE(result && *result);
    EXPECT_EQ((*result)->payload, "42");
    EXPECT_EQ((*result)->function_error, "");
    EXPECT_THAT((*result)->log_tail, ContainsRegex("INIT_REPORT .*\tPhase: init\tStatus: timeout\nSTART "));
    EXPECT_THAT((*result)->log_tail, Not(HasSubstr("Phase: invoke")));
}

TEST_F(Running_Test, requests_of_stopped_process_are_ignored) {
    invoke();
    EXPECT_TRUE(endpoints.apis[0]->init_error("{}", "Runtime.ImportModuleError"));
    endpoints.apis[0]->next([this](const Next_Event& event) { events.push_back(event); });
    EXPECT_THAT(endpoints.apis[0]->init_error("{}", ""), test_support::Fails_with("InvalidStateTransition"));
    loop.run();
    EXPECT_TRUE(events.empty());
    next(1);
    EXPECT_EQ(events.size(), 1u);
}

TEST_F(Running_Test, processes_are_counted_if_kernel_does_not_limit_them) {
    sandbox.detected.processes = false;
    invoke(), next();
    sandbox.processes[0]->tasks = 1024;
    loop.advance(100ms);
    EXPECT_FALSE(sandbox.processes[0]->killed);

    sandbox.processes[0]->tasks = 1025;
    loop.advance(100ms);
    EXPECT_TRUE(sandbox.processes[0]->killed);
}

TEST_F(Running_Test, idle_function_is_sampled_if_kernel_sets_no_limit) {
    sandbox.detected.cgroup = false;
    invoke(), next(), respond("1"), next();
    loop.advance(2s);
    EXPECT_FALSE(sandbox.processes[0]->killed);

    sandbox.processes[0]->memory_bytes = 1ull << 30;
    loop.advance(2s);
    EXPECT_TRUE(sandbox.processes[0]->killed);
}

TEST_F(Running_Test, starting_function_is_sampled_if_kernel_sets_no_limit) {
    sandbox.detected.cgroup = false;
    invoke();
    sandbox.processes[0]->memory_bytes = 1ull << 30;
    loop.advance(100ms);
    EXPECT_TRUE(sandbox.processes[0]->killed);
}

TEST_F(Running_Test, unreserved_functions_leave_reservations_of_others) {
    reserved_by_others = 1;
    invocations = make(3);
    invoke(), invoke();
    EXPECT_FALSE(result);
    invoke();
    ASSERT_TRUE(result) << "the third place is reserved";
    EXPECT_THAT(*result, test_support::Fails_with("TooManyRequestsException"));
    EXPECT_FALSE(invocations->reservation_is_used(*function));

    Function other = make_zip_function();
    other.name = "other";
    other.reserved_concurrency = 1;
    function = std::make_shared<Function>(other);
    invoke();
    EXPECT_FALSE(result);
    invoke();
    ASSERT_TRUE(result);
    EXPECT_TRUE(invocations->reservation_is_used(*function));
}

TEST_F(Running_Test, tenants_do_not_share_environments) {
    Function isolated = make_zip_function();
    isolated.log_format = "JSON";
    isolated.settings = {{"TenancyConfig", {{"TenantIsolationMode", "PER_TENANT"}}}};
    function = std::make_shared<Function>(isolated);
    invocations = make(3);
    invoke("blue"), next(), respond("1"), next();
    EXPECT_EQ(events.back().tenant_id, "blue");
    EXPECT_THAT((*result)->log_tail, HasSubstr(R"("tenantId":"blue")"));
    invoke("green");
    ASSERT_EQ(sandbox.processes.size(), 2u) << "the idle environment is that of another tenant";
    next(1);
    EXPECT_EQ(events.back().tenant_id, "green");
    respond("2", 1), next(1);
    invoke("blue");
    EXPECT_EQ(sandbox.processes.size(), 2u) << "the idle environment of the tenant is not the newest";
    EXPECT_EQ(events.back().tenant_id, "blue");
}

TEST_F(Running_Test, queued_event_keeps_its_tenant_after_a_restart) {
    Invoke_Request request;
    request.function = function;
    request.tenant_id = "blue";
    invocations->enqueue(request);
    invocations.reset();
    invocations = make();
    loop.run();
    next();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].tenant_id, "blue");
}

TEST_F(Running_Test, accounts_do_not_share_their_concurrency) {
    invocations = make(2);
    invoke();
    Function other = make_zip_function();
    other.account.id = "111111111111";
    function = std::make_shared<Function>(other);
    invoke();
    EXPECT_FALSE(result);
    invoke();
    ASSERT_TRUE(result) << "the host runs two environments";
}

TEST_F(Running_Test, events_above_concurrency_limits_are_throttled) {
    invoke(), invoke(), invoke();
    ASSERT_TRUE(result);
    EXPECT_THAT(*result, test_support::Fails_with("TooManyRequestsException"));

    Function limited = make_zip_function();
    limited.name = "limited";
    limited.reserved_concurrency = 0;
    function = std::make_shared<Function>(limited);
    invoke();
    ASSERT_TRUE(result);
    EXPECT_THAT(*result, test_support::Fails_with("TooManyRequestsException"));
    EXPECT_EQ(sandbox.processes.size(), 2u);
}

TEST_F(Running_Test, idle_environment_ends_after_idle_time_or_when_retired) {
    invoke(), next(), respond("1"), next();
    loop.advance(59s);
    EXPECT_EQ(invocations->environments(), 1u);
    loop.advance(10s);
    EXPECT_EQ(invocations->environments(), 0u);

    invoke(), next(1), respond("1", 1), next(1);
    invocations->retire(function->account, "hello");
    EXPECT_EQ(invocations->environments(), 0u);
}

struct Running_Image_Test : Running_Test {
    Running_Image_Test() {
        const std::filesystem::path layout = folder.path() / "layout";
        std::filesystem::create_directory(layout);
        test_support::Oci_Layout image_layout{.folder = layout};
        image_layout.config = {
            {"Entrypoint", {"/app"}}, {"Cmd", {"a.handler"}}, {"WorkingDir", "/w"}, {"Env", {"COLOUR=blue"}}};
        const std::string digest = image_layout.add({test_support::Tar().file("app", "x", 0755).bytes()});
        images.import(layout, "", [](const Result<Image_Ptr>& image) { image.value(); });
        loop.run();
        Function f;
        f.name = "hello";
        f.package_type = "Image";
        f.image_uri = "my-repo:latest";
        f.log_group = "/aws/lambda/hello";
        f.code_sha256_base64 = digest;
        function = std::make_shared<Function>(f);
    }
};

TEST_F(Running_Image_Test, process_uses_root_and_config_of_image) {
    invoke(), next(), respond("1");
    const sandbox::Process_Spec& spec = sandbox.processes.at(0)->spec;
    EXPECT_EQ(spec.root, *images.find("my-repo:latest")->root);
    EXPECT_THAT(spec.argv, ElementsAre("/app", "a.handler"));
    EXPECT_EQ(spec.working_directory, "/w");
    EXPECT_THAT(spec.environment,
                IsSupersetOf({"COLOUR=blue", "_HANDLER=a.handler", "AWS_LAMBDA_RUNTIME_API=127.0.0.1:9"}));
    EXPECT_THAT((*result)->log_tail, Not(HasSubstr("INIT_START")));
}

TEST_F(Running_Image_Test, image_root_remains_until_last_process_exits) {
    invoke(), next(), respond("1"), next();
    const std::filesystem::path root = *images.find("my-repo:latest")->root;
    images.remove("my-repo:latest").value();
    loop.run();
    EXPECT_TRUE(std::filesystem::exists(root));
    invocations->retire(function->account, "hello");
    loop.run();
    EXPECT_FALSE(std::filesystem::exists(root));
}

TEST_F(Running_Image_Test, start_failure_reports_aws_error_type) {
    sandbox.refusal =
        Error{"SandboxDirectoryFailed", "changing to the working directory /w: No such file or directory", 500};
    invoke();
    EXPECT_EQ(error()["errorType"], "Runtime.InvalidWorkingDir");
    sandbox.refusal = Error{"SandboxExecFailed", "executing /app: No such file or directory", 500};
    invoke();
    EXPECT_EQ(error()["errorType"], "Runtime.InvalidEntrypoint");
}

TEST_F(Running_Image_Test, missing_namespaces_fail_image_with_reason) {
    sandbox.detected.namespaces = false;
    sandbox.detected.missing = {"No namespaces: disabled by the host"};
    invoke();
    EXPECT_EQ(error()["errorType"], "InvalidRuntime");
    EXPECT_THAT(error()["errorMessage"].get<std::string>(), HasSubstr("No namespaces: disabled by the host"));
    EXPECT_TRUE(sandbox.processes.empty());
}

TEST_F(Running_Test, tail_of_long_output_is_last_4_kb) {
    invoke(), next();
    const std::string block(60'000, 'x');
    sandbox.processes[0]->print(block);
    respond("1");
    EXPECT_LE((*result)->log_tail.size(), 4096u);
    EXPECT_THAT((*result)->log_tail, HasSubstr("REPORT"));
}

TEST_F(Running_Test, event_is_held_until_the_log_is_written) {
    logs.pause();
    invoke(), next();
    for (int i = 0; i < 9; ++i) {
        sandbox.processes[0]->print(std::string(60'000, 'x'));
        respond("1"), next(), invoke();
    }
    EXPECT_EQ(events.size(), 9u);
    std::promise<void> written;
    store->when_durable(store->last_change(), [&](const Result<void>&) { written.set_value(); });
    written.get_future().wait();
    loop.run();
    EXPECT_EQ(events.size(), 9u);
    logs.resume();
    EXPECT_EQ(events.size(), 10u);
    respond("2");
    EXPECT_EQ((*result)->payload, "2");
}

TEST_F(Running_Test, queued_event_is_stored_and_attempted_at_most_three_times) {
    invocations->enqueue(
        {.function = function, .invoked_arn = {}, .payload = "{}", .client_context = {}, .trace_id = {}});
    EXPECT_EQ(store->load("lambda/event").size(), 1u);
    loop.run();
    for (const auto wait : {60s, 120s, 0s}) fail(), loop.advance(wait);
    EXPECT_EQ(events.size(), 3u);
    EXPECT_EQ(invocations->queued(), 0u);
    EXPECT_TRUE(store->load("lambda/event").empty());
}

TEST_F(Running_Test, attempts_of_a_queued_event_have_the_same_trace) {
    const std::string sent = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
    for (const std::string& trace : {sent, std::string()}) {
        events.clear();
        invocations->enqueue(
            {.function = function, .invoked_arn = {}, .payload = "{}", .client_context = {}, .trace_id = trace});
        invocations.reset();
        invocations = make();
        loop.run();
        for (const auto wait : {60s, 120s, 0s}) fail(), loop.advance(wait);
        ASSERT_EQ(events.size(), 3u);
        EXPECT_THAT(events[0].trace_id, HasSubstr(trace.empty() ? "Root=1-" : sent));
        EXPECT_EQ(events[1].trace_id, events[0].trace_id);
        EXPECT_EQ(events[2].trace_id, events[0].trace_id);
    }
}

TEST_F(Running_Test, load_after_a_failed_write_restores_the_stored_queue) {
    const Invoke_Request request{
        .function = function, .invoked_arn = {}, .payload = "{}", .client_context = {}, .trace_id = {}};
    const std::string lost = invocations->enqueue(request), stored = invocations->enqueue(request);
    store->erase("lambda/event", lost);  // as if its put had failed
    const store::Record record = store->load("lambda/event").at(0);
    store->put("lambda/event", "erased", record.value, record.version);  // as if its erase had failed
    invocations->load();
    EXPECT_EQ(invocations->queued(), 2U);

    loop.run();
    EXPECT_EQ(sandbox.processes.size(), 2U) << "each stored event runs once";
    for (std::size_t index = 0; index < sandbox.processes.size(); ++index) next(index), respond("1", index);
    EXPECT_EQ(invocations->queued(), 0U);
    EXPECT_TRUE(store->load("lambda/event").empty());
}

TEST_F(Running_Test, interrupted_queued_event_is_delivered_after_restart) {
    invocations->enqueue(
        {.function = function, .invoked_arn = {}, .payload = "{\"n\":7}", .client_context = {}, .trace_id = {}});
    loop.run();
    next();
    invocations.reset();
    EXPECT_EQ(store->load("lambda/event").size(), 1u);

    invocations = make();
    loop.run();
    next(1);
    ASSERT_EQ(events.size(), 2u);
    EXPECT_EQ(events[1].payload, "{\"n\":7}");
    respond("1", 1);
    EXPECT_TRUE(store->load("lambda/event").empty());
}

TEST_F(Running_Test, retry_time_and_attempts_survive_restart) {
    invocations->enqueue(
        {.function = function, .invoked_arn = {}, .payload = "{}", .client_context = {}, .trace_id = {}});
    loop.run();
    next();
    EXPECT_TRUE(endpoints.apis[0]->error(events.back().request_id, "{}", ""));
    loop.run();
    loop.advance(20s);
    invocations.reset();

    invocations = make();
    loop.advance(39s);
    EXPECT_EQ(sandbox.processes.size(), 1u) << "the retry is due after one minute";
    loop.advance(1s);
    ASSERT_EQ(sandbox.processes.size(), 2u);
    next(1);
    EXPECT_TRUE(endpoints.apis[1]->error(events.back().request_id, "{}", ""));
    loop.run();
    invocations.reset();
    invocations = make();
    loop.advance(120s);
    next(2);
    EXPECT_TRUE(endpoints.apis[2]->error(events.back().request_id, "{}", ""));
    loop.run();
    EXPECT_TRUE(store->load("lambda/event").empty()) << "the third attempt was the last";
}

TEST_F(Running_Test, event_is_dropped_after_six_hours) {
    invocations->enqueue(
        {.function = function, .invoked_arn = {}, .payload = "{}", .client_context = {}, .trace_id = {}});
    invocations.reset();
    loop.advance(6h + 1s);
    invocations = make();
    loop.advance(0s);
    EXPECT_EQ(sandbox.processes.size(), 0u);
    EXPECT_TRUE(store->load("lambda/event").empty());
}

struct Event_Limits_Test : Running_Test {
    void enqueue() {
        invocations->enqueue(
            {.function = function, .invoked_arn = {}, .payload = "{}", .client_context = {}, .trace_id = {}});
        loop.run();
    }
};

TEST_F(Event_Limits_Test, success_is_finished_with_its_result) {
    enqueue(), next(), respond("7");
    EXPECT_THAT(finished, ElementsAre("Success 1 7"));
}

TEST_F(Event_Limits_Test, retries_end_at_the_maximum_of_the_function) {
    limits.retries_max = 1;
    enqueue(), fail();
    EXPECT_THAT(finished, ElementsAre());
    loop.advance(60s), fail();
    EXPECT_THAT(finished, ElementsAre("RetriesExhausted 2 {\"e\":1}"));
    limits.retries_max = 0;
    enqueue(), fail();
    EXPECT_EQ(finished.back(), "RetriesExhausted 1 {\"e\":1}");
    EXPECT_EQ(invocations->queued(), 0u);
}

TEST_F(Event_Limits_Test, event_that_would_be_too_old_is_not_retried) {
    limits.age_max = 59s;
    enqueue(), fail();
    EXPECT_THAT(finished, ElementsAre("EventAgeExceeded 1 {\"e\":1}"));
}

TEST_F(Event_Limits_Test, event_of_a_function_without_concurrency_does_not_run) {
    Function blocked = make_zip_function();
    blocked.reserved_concurrency = 0;
    function = std::make_shared<Function>(blocked);
    enqueue();
    EXPECT_THAT(finished, ElementsAre("ZeroReservedConcurrency 0 none"));
    EXPECT_TRUE(sandbox.processes.empty());
}

TEST_F(Event_Limits_Test, event_speed_divides_waiting_times_and_ages) {
    event_speed = 60;
    invocations = make();
    enqueue(), fail();
    loop.advance(1s), fail();
    EXPECT_THAT(finished, ElementsAre());
    loop.advance(2s), fail();
    EXPECT_THAT(finished, ElementsAre("RetriesExhausted 3 {\"e\":1}"));
    limits.age_max = 119s;
    enqueue(), fail(), loop.advance(1s), fail();
    EXPECT_EQ(finished.back(), "EventAgeExceeded 2 {\"e\":1}");
}

TEST_F(Event_Limits_Test, event_is_stored_until_its_record_is_delivered) {
    delay_finish = true;
    enqueue(), next(), respond("7");
    EXPECT_EQ(store->load("lambda/event").size(), 1u);
    finish_event();
    EXPECT_TRUE(store->load("lambda/event").empty());
}

/// A function with an external extension, `first`.
struct Running_Extensions_Test : Running_Test {
    Running_Extensions_Test() {
        const std::string zip =
            base::write_zip({{.path = "extensions/first", .file = {}, .bytes = "#!/bin/sh\n", .executable = true}})
                .value();
        Function f = make_zip_function();
        Function_Layer layer;
        layer.zip = store_zip(store->blobs(), zip).value().blob;
        f.layers.push_back(layer);
        function = std::make_shared<Function>(f);
    }

    /// Sends a request of the extension. Returns its response, or one with the status 0 while it waits.
    std::shared_ptr<wire::Response> call(const std::string& method, const std::string& path, const std::string& body,
                                         std::size_t index) {
        auto response = std::make_shared<wire::Response>(wire::Response{.status = 0, .headers = {}, .body = {}});
        endpoints.apis.at(index)->extension_request(
            {method, path, {{"Lambda-Extension-Name", "first"}, {"Lambda-Extension-Identifier", id}}, body},
            [response](wire::Response sent) { *response = std::move(sent); });
        return response;
    }
    void register_first(std::size_t index = 0) {
        const auto response =
            call("POST", "/2020-01-01/extension/register", R"({"events": ["INVOKE", "SHUTDOWN"]})", index);
        ASSERT_EQ(response->status, 200);
        id = response->headers["Lambda-Extension-Identifier"];
    }
    std::shared_ptr<wire::Response> next_of_extension(std::size_t index = 0) {
        auto response = call("GET", "/2020-01-01/extension/event/next", "", index);
        loop.run();
        return response;
    }
    static Json json_of(const wire::Response& response) { return Json::parse(response.body.bytes()); }

    std::string id;
};

TEST_F(Running_Extensions_Test, runtime_starts_after_registration_and_both_get_events) {
    invoke();
    EXPECT_THAT(sandbox.processes.at(0)->spec.companions, ElementsAre("/opt/extensions/first"));
    EXPECT_FALSE(sandbox.processes[0]->main_started);
    register_first(), loop.run();
    EXPECT_TRUE(sandbox.processes[0]->main_started);
    next();
    EXPECT_TRUE(events.empty()) << "the extension is not ready";
    const auto event = next_of_extension();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(json_of(*event)["requestId"], events[0].request_id);
    respond("1"), next();
    loop.advance(1s);
    EXPECT_FALSE(sandbox.processes[0]->frozen) << "the extension has not asked for the next event";
    next_of_extension(), loop.advance(10ms);
    EXPECT_TRUE(sandbox.processes[0]->frozen);
}

TEST_F(Running_Extensions_Test, start_error_is_reported_although_the_exit_is_seen_first) {
    invoke();
    for (std::size_t index = 0; index < 2; ++index) {
        EXPECT_FALSE(result);
        sandbox.processes.at(index)->start_error =
            Error{"SandboxExecFailed", "executing /var/task/extensions/bootstrap: Permission denied", 500};
        register_first(index);
        sandbox.processes[index]->exit = sandbox::Exit{.status = 127, .signal = 0, .out_of_memory = false};
        loop.fire_readable(sandbox.processes[index]->exit_ends[0]);
    }
    ASSERT_TRUE(result && *result);
    EXPECT_EQ(error()["errorType"], "Runtime.InvalidEntrypoint");
    EXPECT_THAT(error()["errorMessage"].get<std::string>(),
                EndsWith(" Error: fork/exec /var/task/extensions/bootstrap: permission denied"));
    EXPECT_THAT((*result)->log_tail, Not(HasSubstr("Runtime.ExitError")));
}

TEST_F(Running_Extensions_Test, extension_that_registers_in_the_shutdown_starts_nothing) {
    invoke();
    loop.advance(10s);  // the init, which is repeated
    loop.advance(std::chrono::seconds(function->timeout_s));
    ASSERT_EQ(sandbox.processes.size(), 2u);
    EXPECT_FALSE(sandbox.processes[1]->killed) << "its extension has time";
    register_first(1), loop.run();
    EXPECT_FALSE(sandbox.processes[1]->main_started);
    loop.advance(2s);
    EXPECT_TRUE(sandbox.processes[1]->killed);
}

TEST_F(Running_Extensions_Test, cleared_environments_end_without_a_shutdown) {
    invoke();
    invocations->clear();
    EXPECT_TRUE(sandbox.processes.at(0)->killed) << "its output would be logged after a reset";
}

TEST_F(Running_Extensions_Test, repeated_init_waits_for_its_own_runtime) {
    invoke();
    register_first(), loop.run();
    next();  // the runtime is ready, its extension is not
    loop.advance(10s);
    ASSERT_EQ(sandbox.processes.size(), 2u);
    register_first(1), loop.run();
    const auto event = next_of_extension(1);
    EXPECT_TRUE(events.empty()) << "the runtime of the first process has ended";
    next(1);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(json_of(*event)["requestId"], events[0].request_id);
}

TEST_F(Running_Extensions_Test, failed_init_shuts_the_extension_down_with_the_reason) {
    invoke();
    std::shared_ptr<wire::Response> event;
    for (std::size_t index = 0; index < 2; ++index) {
        register_first(index), loop.run();
        event = next_of_extension(index);
        EXPECT_TRUE(endpoints.apis.at(index)->init_error("{}", "Runtime.ImportModuleError"));
        loop.run();
    }
    EXPECT_TRUE(result);
    EXPECT_EQ(event->status, 0) << "the runtime has a share of the time first";
    sandbox.processes[1]->exit = sandbox::Exit{.status = 1, .signal = 0, .out_of_memory = false};
    loop.fire_readable(sandbox.processes[1]->exit_ends[0]);
    EXPECT_EQ(json_of(*event)["shutdownReason"], "failure");
    EXPECT_FALSE(sandbox.processes[1]->killed);
    sandbox.processes[1]->companion_exits = {{0, {}}};
    loop.fire_readable(sandbox.processes[1]->exit_ends[0]);
    EXPECT_TRUE(sandbox.processes[1]->killed);
}

TEST_F(Running_Extensions_Test, environment_is_frozen_after_its_output_is_delivered) {
    invoke();
    register_first(), loop.run();
    const auto subscribed = call("PUT", "/2022-07-01/telemetry", R"({"schemaVersion": "2022-12-13",
        "types": ["function"], "destination": {"protocol": "HTTP", "URI": "http://sandbox.localdomain:4243/"}})",
                                 0);
    ASSERT_EQ(subscribed->status, 200);
    next(), next_of_extension(), respond("1"), next(), next_of_extension();
    sandbox.processes[0]->print("in the background\n");
    loop.advance(10ms);
    EXPECT_FALSE(sandbox.processes[0]->frozen) << "the extension would not receive the line";
    loop.advance(2s);
    ASSERT_EQ(endpoints.posted.size(), 1u);
    EXPECT_EQ(endpoints.posted[0].events.at(0)["record"], "in the background");
    EXPECT_TRUE(sandbox.processes[0]->frozen);
}

struct Provisioned_Test : Running_Test {
    std::size_t ready() { return invocations->provisioned(*function).ready; }
    void provision(std::size_t count) {
        invocations->provision(function, count);
        loop.run();
    }
};

TEST_F(Provisioned_Test, environments_start_before_events_and_are_reused) {
    provision(2);
    ASSERT_EQ(sandbox.processes.size(), 2u);
    EXPECT_THAT(sandbox.processes[0]->spec.environment,
                Contains("AWS_LAMBDA_INITIALIZATION_TYPE=provisioned-concurrency"));
    EXPECT_EQ(ready(), 0u);
    next(0), next(1);
    EXPECT_EQ(ready(), 2u);
    invoke();
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(ready(), 2u) << "a busy environment is still allocated";
    EXPECT_EQ(sandbox.processes.size(), 2u);
}

TEST_F(Provisioned_Test, environments_are_frozen_until_their_first_event) {
    provision(1), next(0);
    loop.advance(10ms);
    EXPECT_TRUE(sandbox.processes[0]->frozen);
    invoke();
    EXPECT_FALSE(sandbox.processes[0]->frozen);
    EXPECT_EQ(events.size(), 1u);
}

TEST_F(Provisioned_Test, environments_stay_while_idle_until_released) {
    provision(1), next(0);
    loop.advance(200s);
    EXPECT_EQ(ready(), 1u);
    provision(0);
    loop.advance(200s);
    EXPECT_EQ(invocations->environments(), 0u);
    EXPECT_EQ(ready(), 0u);
}

TEST_F(Provisioned_Test, ended_environment_is_replaced) {
    provision(1), next(0);
    sandbox.processes[0]->exit = sandbox::Exit{.status = 1, .signal = 0, .out_of_memory = false};
    loop.fire_readable(sandbox.processes[0]->exit_ends[0]);
    EXPECT_EQ(ready(), 0u);
    loop.advance(1s);
    EXPECT_EQ(sandbox.processes.size(), 2u);
}

TEST_F(Provisioned_Test, failed_init_is_reported_and_not_repeated) {
    provision(1);
    EXPECT_TRUE(endpoints.apis[0]->init_error("{}", "Runtime.ImportModuleError"));
    loop.advance(60s);
    EXPECT_EQ(sandbox.processes.size(), 1u);
    EXPECT_TRUE(invocations->provisioned(*function).failed);
    provision(1);
    EXPECT_EQ(sandbox.processes.size(), 2u) << "another request tries again";
}

TEST_F(Provisioned_Test, failed_init_is_in_the_log) {
    provision(1);
    sandbox.processes[0]->exit = sandbox::Exit{.status = 3, .signal = 0, .out_of_memory = false};
    loop.fire_readable(sandbox.processes[0]->exit_ends[0]);
    loop.advance(5s);
    EXPECT_THAT(log(), HasSubstr("Phase: init\tStatus: error\tError Type: Runtime.ExitError"));
    provision(1);
    loop.advance(131s);
    EXPECT_THAT(log(), HasSubstr("Phase: init\tStatus: timeout"));
}

TEST_F(Provisioned_Test, provisioned_concurrency_adds_to_the_shared_concurrency) {
    invocations = make(10);
    provision(2), next(0), next(1);
    reserved_by_others = 8;  // of them 2 by this function
    invoke(), invoke();
    EXPECT_EQ(sandbox.processes.size(), 2u);
    invoke(), invoke();
    EXPECT_FALSE(result) << "10 - 8 events share the rest";
    invoke();
    ASSERT_TRUE(result);
    EXPECT_THAT(*result, test_support::Fails_with("TooManyRequestsException"));
}

TEST_F(Provisioned_Test, retired_environments_end_and_are_not_replaced) {
    provision(1), next(0);
    invocations->retire(function->account, "hello", "$LATEST");
    loop.advance(10s);
    EXPECT_EQ(invocations->environments(), 0u);
    EXPECT_EQ(sandbox.processes.size(), 1u);
}

struct Snap_Start_Test : Running_Test {
    std::vector<std::string> taken;  ///< the error type of each snapshot; "" for a success
    bool restored = false;

    Snap_Start_Test() {
        Function published = make_zip_function();
        published.version = "1";
        published.settings["SnapStart"] = {{"ApplyOn", "PublishedVersions"}};
        function = std::make_shared<Function>(published);
    }
    void take_snapshot() {
        invocations->take_snapshot(function, [this](const std::string& error_type) { taken.push_back(error_type); });
        loop.run();
    }
    Result<void> restore_next(std::size_t index = 0) {
        auto waits = endpoints.apis.at(index)->restore_next([this] { restored = true; });
        loop.run();
        return waits;
    }
    void exit(std::size_t index = 0) {
        sandbox.processes[index]->exit = sandbox::Exit{.status = 65, .signal = 0, .out_of_memory = false};
        loop.fire_readable(sandbox.processes[index]->exit_ends[0]);
        loop.run();
    }
};

TEST_F(Snap_Start_Test, environment_waits_in_its_snapshot_for_the_first_event) {
    take_snapshot();
    ASSERT_EQ(sandbox.processes.size(), 1u);
    EXPECT_THAT(sandbox.processes[0]->spec.environment, Contains("AWS_LAMBDA_INITIALIZATION_TYPE=snap-start"));
    EXPECT_THAT(sandbox.processes[0]->spec.environment,
                Not(Contains(testing::StartsWith("AWS_LAMBDA_LOG_STREAM_NAME="))));
    EXPECT_TRUE(taken.empty());
    EXPECT_TRUE(restore_next());
    EXPECT_EQ(taken, std::vector<std::string>{""});
    loop.advance(10ms);
    EXPECT_TRUE(sandbox.processes[0]->frozen);
    EXPECT_FALSE(restored);

    invoke();
    EXPECT_TRUE(restored);
    EXPECT_FALSE(sandbox.processes[0]->frozen);
    EXPECT_TRUE(events.empty()) << "the hooks run";
    next();
    ASSERT_EQ(events.size(), 1u);
    respond("1");
    EXPECT_THAT((*result)->log_tail, HasSubstr("RESTORE_REPORT Restore Duration: "));
    EXPECT_THAT((*result)->log_tail, HasSubstr("\tBilled Restore Duration: "));
    EXPECT_EQ(sandbox.processes.size(), 1u);
    next(), invoke();
    EXPECT_EQ(events.size(), 2u) << "it is restored once";
}

TEST_F(Snap_Start_Test, event_without_a_snapshot_starts_and_restores) {
    invoke();
    ASSERT_EQ(sandbox.processes.size(), 1u);
    EXPECT_TRUE(restore_next());
    EXPECT_TRUE(restored);
    next(), respond("1");
    EXPECT_EQ((*result)->payload, "1");
}

TEST_F(Snap_Start_Test, runtime_without_hooks_is_restored_at_its_event) {
    take_snapshot(), next();
    EXPECT_EQ(taken, std::vector<std::string>{""});
    invoke(), respond("1");
    EXPECT_THAT(log(), HasSubstr("RESTORE_REPORT Restore Duration: 0.00 ms\n"));
}

TEST_F(Snap_Start_Test, failed_init_fails_the_snapshot) {
    take_snapshot();
    EXPECT_TRUE(endpoints.apis[0]->init_error("{}", "Runtime.BeforeSnapshotError"));
    loop.run();
    EXPECT_EQ(taken, std::vector<std::string>{"Runtime.BeforeSnapshotError"});
    take_snapshot(), exit(1);
    take_snapshot(), loop.advance(131s);
    EXPECT_EQ(taken,
              (std::vector<std::string>{"Runtime.BeforeSnapshotError", "Runtime.ExitError", "Sandbox.Timedout"}));
    EXPECT_EQ(invocations->environments(), 0u);
}

TEST_F(Snap_Start_Test, stopping_engine_does_not_fail_the_snapshot) {
    take_snapshot();
    invocations->clear();
    loop.run();
    EXPECT_TRUE(taken.empty());
}

TEST_F(Snap_Start_Test, failed_restore_fails_the_event) {
    take_snapshot(), (void)restore_next(), invoke();
    EXPECT_TRUE(endpoints.apis[0]->restore_error("Runtime.AfterRestoreError"));
    loop.run();
    ASSERT_TRUE(result);
    EXPECT_THAT(*result, test_support::Fails_with("SnapStartException"));
    EXPECT_THAT(log(), HasSubstr("\tStatus: error\tError Type: Runtime.AfterRestoreError\n"));
    EXPECT_EQ(invocations->environments(), 0u);

    invoke(), (void)restore_next(1), exit(1);
    EXPECT_THAT(*result, test_support::Fails_with("SnapStartException"));
}

TEST_F(Snap_Start_Test, restore_ends_after_ten_seconds) {
    take_snapshot(), (void)restore_next(), invoke();
    loop.advance(9s);
    EXPECT_FALSE(result);
    loop.advance(1s);
    ASSERT_TRUE(result);
    EXPECT_THAT(*result, test_support::Fails_with("SnapStartTimeoutException"));
    EXPECT_THAT(log(), HasSubstr("\tStatus: timeout\n"));
}

TEST_F(Snap_Start_Test, restore_calls_are_rejected_at_other_times) {
    take_snapshot();
    EXPECT_THAT(endpoints.apis[0]->restore_error(""), test_support::Fails_with("InvalidStateTransition"));
    next();
    EXPECT_THAT(restore_next(), test_support::Fails_with("InvalidStateTransition"));
    function = make_function();
    invoke();
    EXPECT_THAT(restore_next(1), test_support::Fails_with("NotFound"));
}

TEST_F(Running_Test, unreadable_event_does_not_block_others) {
    store->put("lambda/event", "broken", "{not json");
    invocations->enqueue(
        {.function = function, .invoked_arn = {}, .payload = "{}", .client_context = {}, .trace_id = {}});
    invocations.reset();
    invocations = make();
    loop.advance(0s);
    EXPECT_EQ(sandbox.processes.size(), 1u);
    EXPECT_EQ(store->load("lambda/event").size(), 2u) << "the unreadable event remains in the store";
}

TEST_F(Running_Test, retiring_latest_keeps_published_versions_running) {
    Function published = make_zip_function();
    published.version = "1";
    function = std::make_shared<Function>(published);
    invoke(), next(), respond("1"), next();
    invocations->retire(function->account, "hello", "$LATEST");
    EXPECT_EQ(invocations->environments(), 1u);
    invocations->retire(function->account, "hello", "1");
    EXPECT_EQ(invocations->environments(), 0u);
}

}  // namespace
}  // namespace osbot_aws::services
