// Measures invokes and their parts (SPECIFICATION.md) against controls in interleaved rounds. Prints one line per
// promise and fails on a wrong response. `--smoke` runs everything once, for ctest; `--only WORD` runs one part.
//
// This program is also the function that it measures: it packs itself, as Deploy_Lambda would.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include <osbot_aws/runtime/handler.hpp>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/zip_reader.hpp"
#include "engine/local_engine.hpp"
#include "packing/package.hpp"
#include "raw_client.hpp"
#include "raw_echo.hpp"
#include "sandbox/sandbox.hpp"

extern char** environ;

using namespace osbot_aws;
using namespace osbot_aws::bench;
using Clock = std::chrono::steady_clock;

std::string echo(std::string_view event, const Context&) { return std::string(event); }
const auto registered = handler<echo>;

namespace {

bool smoke = false;
int rounds(int full) { return smoke ? 1 : full; }

double microseconds_of(const std::function<void()>& work) {
    const auto begin = Clock::now();
    work();
    return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

void report(std::string_view title, std::string_view promise, const std::string& measured) {
    fmt::print("{:<58} {:<12} {}\n", title, promise, measured);
    std::fflush(stdout);
}

void require(bool condition, std::string_view subject) {
    if (!condition) throw std::runtime_error(fmt::format("wrong result: {}", subject));
}

constexpr std::string_view signed_for_lambda =
    "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, "
    "Signature=0\r\n"
    "Content-Type: application/json\r\n";
constexpr std::string_view signed_for_iam =
    "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, "
    "Signature=0\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\n";

/// Sends the requests of an SDK, prepared and signed in advance, so that the client's own cost is not measured.
class Lambda_Client {
public:
    explicit Lambda_Client(std::uint16_t port) : http_(port) {}

    static std::string create_request(const std::string& name, const std::string& runtime,
                                      const std::string& handler_name, const std::string& zip) {
        const Json body{{"FunctionName", name},
                        {"Runtime", runtime},
                        {"Handler", handler_name},
                        {"Timeout", 30},
                        {"MemorySize", 512},
                        {"Role", "arn:aws:iam::000000000000:role/bench"},
                        {"Code", {{"ZipFile", base::base64_encode(zip)}}}};
        return http_request("POST", "/2015-03-31/functions", body.dump(), signed_for_lambda);
    }
    void create(const std::string& request) { http_.exchange(request, "201"); }
    void wait_until_active(const std::string& name) {
        for (;;) {
            const Json found = Json::parse(http_.exchange(
                http_request("GET", "/2015-03-31/functions/" + name + "/configuration", "", signed_for_lambda)));
            if (found.at("State") == "Active" && found.at("LastUpdateStatus") == "Successful") return;
            require(found.at("State") != "Failed", "the function failed");
        }
    }
    void change_configuration(const std::string& name, int generation) {
        const Json body{{"Environment", {{"Variables", {{"GENERATION", std::to_string(generation)}}}}}};
        http_.exchange(
            http_request("PUT", "/2015-03-31/functions/" + name + "/configuration", body.dump(), signed_for_lambda));
        wait_until_active(name);
    }
    void remove(const std::string& name) {
        http_.exchange(http_request("DELETE", "/2015-03-31/functions/" + name, "", signed_for_lambda), "204");
    }
    std::string invoke(const std::string& name, std::string_view event) {
        return http_.exchange(
            http_request("POST", "/2015-03-31/functions/" + name + "/invocations", event, signed_for_lambda));
    }
    void create_role() {
        http_.exchange(http_request("POST", "/",
                                    "Action=CreateRole&Version=2010-05-08&RoleName=bench&AssumeRolePolicyDocument=%7B%"
                                    "22Version%22%3A%222012-10-17%22%2C"
                                    "%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%"
                                    "22Service%22%3A%22lambda.amazonaws.com%22%7D%2C"
                                    "%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D",
                                    signed_for_iam));
    }

private:
    Raw_Client http_;
};

constexpr std::string_view event = R"({"order_id":"ORD-12345","items":[1,2,3]})";

void warm_invoke(std::uint16_t engine_port) {
    Raw_Echo control;
    Raw_Client raw(control.port());
    Lambda_Client lambda(engine_port);
    const std::string raw_request = http_request("POST", "/", event);
    require(lambda.invoke("echo", event) == event, "echo");
    require(raw.exchange(raw_request) == event, "raw echo");

    std::vector<double> ratios, results, control_results;
    for (int round = 0; round < rounds(15); ++round) {
        std::vector<double> invoke_us, echo_us;
        for (int i = 0; i < (smoke ? 20 : 400); ++i) {
            echo_us.push_back(microseconds_of([&] { require(raw.exchange(raw_request) == event, "raw echo"); }));
        }
        for (int i = 0; i < (smoke ? 20 : 400); ++i) {
            invoke_us.push_back(microseconds_of([&] { require(lambda.invoke("echo", event) == event, "echo"); }));
        }
        results.push_back(median(invoke_us));
        control_results.push_back(median(echo_us));
        ratios.push_back(results.back() / control_results.back());
    }
    report("warm invoke, 1 connection, p50 over raw echo", "<= 5.5x",
           fmt::format("{:.2f}x ({:.0f} us over {:.0f} us)", median(ratios), median(results), median(control_results)));
}

/// Measures one invoke every 50 ms, between which an idle function is frozen, and beside it on an engine that does not
/// freeze functions. The difference is the cost of thawing.
void paced_invoke(std::uint16_t freezing_port, const std::filesystem::path& folder, const std::string& zip) {
    auto engine = engine::Local_Engine::start({.state_folder = folder, .port = 0, .freeze = false}).value();
    Lambda_Client frozen(freezing_port), running(engine->port());
    running.create_role();
    running.create(Lambda_Client::create_request("echo", "provided.al2023", "echo", zip));
    running.wait_until_active("echo");
    std::vector<double> results, control_results;
    for (int i = 0; i < (smoke ? 3 : 200); ++i) {
        for (auto& [lambda, times] : {std::pair{&frozen, &results}, std::pair{&running, &control_results}}) {
            std::this_thread::sleep_for(std::chrono::milliseconds(25));
            times->push_back(microseconds_of([&] { require(lambda->invoke("echo", event) == event, "echo"); }));
        }
    }
    const double thawing = median(results) - median(control_results);
    report("one invoke every 50 ms: cost of thawing, p50", "<= 300 us",
           fmt::format("{:.0f} us ({:.0f} us over {:.0f} us)", thawing, median(results), median(control_results)));
}

double requests_per_second(int connections, const std::function<std::function<void()>(int)>& make_caller) {
    std::atomic<long> done{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < connections; ++i) {
        threads.emplace_back([&, i] {
            const auto call = make_caller(i);
            call();  // the first call may start an environment
            while (!stop) call(), ++done;
        });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(smoke ? 50 : 300));
    const long before = done;
    const auto begin = Clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(smoke ? 50 : 1000));
    const double rate =
        static_cast<double>(done - before) / std::chrono::duration<double>(Clock::now() - begin).count();
    stop = true;
    for (auto& thread : threads) thread.join();
    return rate;
}

void throughput(std::uint16_t engine_port) {
    Raw_Echo control;
    std::vector<double> ratios, results;
    for (int round = 0; round < rounds(5); ++round) {
        const double raw = requests_per_second(8, [&](int) {
            return [client = std::make_shared<Raw_Client>(control.port()), request = http_request("POST", "/", event)] {
                require(client->exchange(request) == event, "raw echo");
            };
        });
        const double invokes = requests_per_second(8, [&](int) {
            return [client = std::make_shared<Lambda_Client>(engine_port)] {
                require(client->invoke("echo", event) == event, "echo");
            };
        });
        results.push_back(invokes);
        ratios.push_back(invokes / raw);
    }
    report("warm invokes, 8 connections, rate over raw echo", ">= 0.1x",
           fmt::format("{:.2f}x ({:.0f}/s)", median(ratios), median(results)));
}

constexpr std::string_view signed_for_s3 =
    "Authorization: AWS4-HMAC-SHA256 Credential=AKIABENCH/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, "
    "Signature=0\r\n";

/// Reads that need neither the disk nor a process. They should cost little more than HTTP itself.
void control_plane_reads(std::uint16_t engine_port) {
    Raw_Echo control;
    Raw_Client(engine_port).exchange(http_request("PUT", "/reads", "", signed_for_s3));
    Raw_Client(engine_port).exchange(http_request("PUT", "/reads/key", "", signed_for_s3));  // HEAD reports length 0
    const auto calls_per_second = [](std::uint16_t port, const std::string& request, std::string_view text) {
        return requests_per_second(8, [&](int) {
            return [client = std::make_shared<Raw_Client>(port), request, text] {
                require(client->exchange(request).find(text) != std::string::npos, request);
            };
        });
    };
    const std::string get = http_request("GET", "/2015-03-31/functions/echo/configuration", "", signed_for_lambda);
    const std::string head = http_request("HEAD", "/reads/key", "", signed_for_s3);
    std::vector<double> gets, heads, of_get, of_head;
    for (int round = 0; round < rounds(5); ++round) {
        const double raw = calls_per_second(control.port(), http_request("POST", "/", event), event);
        gets.push_back(calls_per_second(engine_port, get, "\"FunctionName\":\"echo\""));
        heads.push_back(calls_per_second(engine_port, head, ""));
        of_get.push_back(gets.back() / raw);
        of_head.push_back(heads.back() / raw);
    }
    report("GetFunctionConfiguration; HeadObject, 8 connections, over raw echo", ">= 0.3x",
           fmt::format("{:.2f}x; {:.2f}x ({:.0f}/s; {:.0f}/s)", median(of_get), median(of_head), median(gets),
                       median(heads)));
}

/// The control of a cold start: starts the packed binary in the same sandbox. It lists its handlers and exits.
double start_in_sandbox(sandbox::Sandbox& sandbox, const std::filesystem::path& code, int null_fd) {
    sandbox::Process_Spec spec;
    spec.argv = {sandbox.mounts_apply() ? "/var/task/bootstrap" : (code / "bootstrap").string()};
    spec.environment = {"OSBOT_AWS_LIST_HANDLERS=1",
                        "LAMBDA_TASK_ROOT=" + (sandbox.mounts_apply() ? "/var/task" : code.string())};
    spec.mounts = {{code, "/var/task", true}};
    spec.tmp_folder = code.parent_path() / "tmp";
    spec.memory_bytes_max = 512ull << 20;
    spec.stdout_fd = spec.stderr_fd = null_fd;
    return microseconds_of([&] {
        auto process = sandbox.start(spec).value();
        pollfd exited{process->exit_fd(), POLLIN, 0};
        ::poll(&exited, 1, 10'000);
        const auto exit = process->exit();
        require(exit && exit->status == 0 && exit->signal == 0, "listing the handlers of the packed binary");
    });
}

void cold_invoke(std::uint16_t engine_port, const std::string& zip) {
    const base::Temporary_Folder folder;
    base::Zip_Reader::open_bytes(zip).value().extract_to(folder.path() / "code").value();
    auto sandbox = sandbox::Sandbox::create(sandbox::Mode::automatic).value();
    const base::Unique_Fd null_fd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    Lambda_Client lambda(engine_port);

    std::vector<double> ratios, results, control_results;
    for (int round = 0; round < rounds(25); ++round) {
        lambda.change_configuration("echo", round);
        control_results.push_back(start_in_sandbox(*sandbox, folder.path() / "code", null_fd.fd()));
        results.push_back(microseconds_of([&] { require(lambda.invoke("echo", event) == event, "echo"); }));
        ratios.push_back(results.back() / control_results.back());
    }
    report("cold invoke over starting the packed binary in the sandbox", "<= 3x",
           fmt::format("{:.2f}x ({:.2f} ms over {:.2f} ms)", median(ratios), median(results) / 1000,
                       median(control_results) / 1000));
}

void cold_python(std::uint16_t engine_port) {
    packing::Package package;
    package.add({.path = "app.py", .file = {}, .bytes = "def handler(event, context):\n    return event\n"});
    Lambda_Client lambda(engine_port);
    lambda.create(Lambda_Client::create_request("python", "python3.11", "app.handler", package.zip().value().bytes));
    lambda.wait_until_active("python");
    require(Json::parse(lambda.invoke("python", event)) == Json::parse(event), "python echo");
    std::vector<double> results;
    for (int round = 0; round < rounds(15); ++round) {
        lambda.change_configuration("python", round);
        results.push_back(microseconds_of(
            [&] { require(Json::parse(lambda.invoke("python", event)) == Json::parse(event), "python echo"); }));
    }
    report("cold invoke of python3.11, not the first of its runtime", "<= 45 ms",
           fmt::format("{:.1f} ms", median(results) / 1000));
}

void create_until_active(std::uint16_t engine_port, const std::string& zip) {
    Lambda_Client lambda(engine_port);
    const std::string again = Lambda_Client::create_request("created", "provided.al2023", "echo", zip);
    const auto created = [&](std::vector<double>& results, const std::string& request) {
        results.push_back(microseconds_of([&] { lambda.create(request), lambda.wait_until_active("created"); }));
        lambda.remove("created");
    };
    std::vector<double> small, same;
    for (int round = 0; round < rounds(15); ++round) {
        packing::Package package;  // different bytes in each round, since equal code would already be unpacked
        package.add({.path = "app.py",
                     .file = {},
                     .bytes = fmt::format("# {}\ndef handler(event, context):\n    return event\n", round)});
        created(small,
                Lambda_Client::create_request("created", "python3.11", "app.handler", package.zip().value().bytes));
        created(same, again);
    }
    report("CreateFunction until Active, small package", "<= 15 ms", fmt::format("{:.1f} ms", median(small) / 1000));
    report("CreateFunction until Active, this program's package again", "<= 15 ms",
           fmt::format("{:.1f} ms", median(same) / 1000));
}

pid_t spawn(const std::vector<std::string>& arguments, const std::vector<std::string>& variables, int output) {
    std::vector<char*> argv, env;
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    for (const auto& variable : variables) env.push_back(const_cast<char*>(variable.c_str()));
    argv.push_back(nullptr), env.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, output, 1);
    ::posix_spawn_file_actions_adddup2(&actions, output, 2);
    pid_t pid = 0;
    require(::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), env.data()) == 0, "spawn " + arguments[0]);
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
}

/// Measures the time from exec to the first `next` request of the package in `code`, outside the sandbox.
void start_to_first_next(const std::filesystem::path& code, const std::string& handler_name, int null_fd) {
    const base::Unique_Fd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    require(::bind(listener.fd(), reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                ::listen(listener.fd(), 8) == 0 &&
                ::getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &length) == 0,
            "listen");
    std::vector<double> results;
    for (int round = 0; round < rounds(25); ++round) {
        pid_t pid = 0;
        results.push_back(microseconds_of([&] {
            pid = spawn({code / "bootstrap"},
                        {"LAMBDA_TASK_ROOT=" + code.string(), "_HANDLER=" + handler_name, "AWS_LAMBDA_FUNCTION_NAME=f",
                         fmt::format("AWS_LAMBDA_RUNTIME_API=127.0.0.1:{}", ntohs(address.sin_port))},
                        null_fd);
            const base::Unique_Fd connection(::accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
            char head[64] = {};
            require(::recv(connection.fd(), head, sizeof head - 1, 0) > 0 &&
                        std::string_view(head).find("/invocation/next") != std::string_view::npos,
                    "next");
        }));
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    report("packed program: exec to first next", "<= 2 ms", fmt::format("{:.2f} ms", median(results) / 1000));
}

double whole_process(const std::vector<std::string>& arguments, const std::vector<std::string>& variables,
                     int null_fd) {
    return microseconds_of([&] {
        int status = 0;
        ::waitpid(spawn(arguments, variables, null_fd), &status, 0);
        require(WIFEXITED(status) && WEXITSTATUS(status) == 0, arguments[0] + " " + arguments[1]);
    });
}

double resident_mib(pid_t pid) {
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
    }
    return 0;
}

void command_and_daemon(const std::string& osbot, int null_fd) {
    const base::Temporary_Folder folder;
    const std::string state = (folder.path() / "state").string(), port = "47471";
    const std::vector<std::string> variables{"PATH=/usr/bin:/bin", "HOME=" + folder.path().string(),
                                             "OSBOT_AWS_TARGET=local", "OSBOT_AWS_STATE=" + state,
                                             "OSBOT_AWS_RUNTIME_SUPPORT=off"};
    std::vector<double> version, control, start, memory, invoke;
    for (int round = 0; round < rounds(15); ++round) {
        version.push_back(whole_process({osbot, "--version"}, variables, null_fd));
        control.push_back(whole_process({"/bin/true", "--version"}, variables, null_fd));
    }

    for (int round = 0; round < rounds(7); ++round) {
        pid_t daemon = 0;
        start.push_back(microseconds_of([&] {
            daemon =
                spawn({osbot, "local", "start", "--foreground", "--port", port, "--state", state}, variables, null_fd);
            for (;;) {
                try {
                    Raw_Client(47471).exchange(http_request("GET", "/_osbot/health", ""));
                    return;
                } catch (const std::runtime_error&) {  // not listening yet
                }
            }
        }));
        memory.push_back(resident_mib(daemon));
        if (round == 0) {
            std::ofstream(folder.path() / "hello.py") << "def handler(event, context):\n    return event\n";
            whole_process({osbot, "deploy", (folder.path() / "hello.py").string()}, variables, null_fd);
            for (int i = 0; i < rounds(20); ++i)
                invoke.push_back(whole_process({osbot, "invoke", "hello", "{}"}, variables, null_fd));
        }
        ::kill(daemon, SIGTERM);
        ::waitpid(daemon, nullptr, 0);
    }
    report("osbot --version, whole process", "<= 3 ms",
           fmt::format("{:.1f} ms (/bin/true: {:.1f} ms)", median(version) / 1000, median(control) / 1000));
    report("osbot invoke of a warm daemon, whole process", "<= 15 ms", fmt::format("{:.1f} ms", median(invoke) / 1000));
    report("engine start to first response", "<= 30 ms", fmt::format("{:.1f} ms", median(start) / 1000));
    report("idle memory, no runtime used yet", "<= 16 MiB", fmt::format("{:.1f} MiB", median(memory)));
}

std::string packed(const std::filesystem::path& program) {
    packing::Package package;
    packing::add_executable(package, program, "x86_64").value();
    return package.zip().value().bytes;
}

}  // namespace

int main(int argc, char** argv) try {
    serve_if_lambda();
    std::string only, osbot, order_processor;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        if (argument == "--smoke" || argument.starts_with("--benchmark_min_time"))
            smoke = true;
        else if (argument == "--only" && i + 1 < argc)
            only = argv[++i];
        else if (argument == "--osbot" && i + 1 < argc)
            osbot = argv[++i];
        else if (argument == "--order-processor" && i + 1 < argc)
            order_processor = argv[++i];
        else
            return fmt::print(stderr,
                              "usage: {} [--smoke] [--only "
                              "warm|paced|throughput|reads|cold|python|create|start|command] [--osbot "
                              "PATH] [--order-processor PATH]\n",
                              argv[0]),
                   2;
    }
    const auto selected = [&](std::string_view part) { return only.empty() || only == part; };

    const base::Temporary_Folder folder;
    const base::Unique_Fd null_fd(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    auto engine = engine::Local_Engine::start({.state_folder = folder.path() / "state", .port = 0}).value();
    const std::string zip = packed("/proc/self/exe");
    Lambda_Client lambda(engine->port());
    lambda.create_role();
    lambda.create(Lambda_Client::create_request("echo", "provided.al2023", "echo", zip));
    lambda.wait_until_active("echo");

    if (selected("warm")) warm_invoke(engine->port());
    if (selected("paced")) paced_invoke(engine->port(), folder.path() / "without_freezer", zip);
    if (selected("throughput")) throughput(engine->port());
    if (selected("reads")) control_plane_reads(engine->port());
    if (selected("cold")) cold_invoke(engine->port(), zip);
    if (selected("python")) cold_python(engine->port());
    if (selected("create")) create_until_active(engine->port(), zip);
    if (selected("start") && !order_processor.empty()) {
        const std::string order_zip = packed(order_processor);
        base::Zip_Reader::open_bytes(order_zip).value().extract_to(folder.path() / "order").value();
        start_to_first_next(folder.path() / "order", "process_order", null_fd.fd());
        report("zip of the order processor", "<= 4 MiB",
               fmt::format("{:.2f} MiB", static_cast<double>(order_zip.size()) / (1 << 20)));
    }
    if (selected("command") && !osbot.empty()) command_and_daemon(osbot, null_fd.fd());
    return 0;
} catch (const std::exception& error) {
    fmt::print(stderr, "ERROR OCCURRED: {}\n", error.what());
    return 1;
}
