// Measures the time that the sandbox adds to running /bin/true, from start() until its exit is known. The control,
// `plain`, is posix_spawn and waitpid. The kernel spends the difference on creating and removing namespaces and about
// forty mounts. It should grow with the engine's memory only by the page tables that one clone copies: the argument
// `engine_mb` is the memory that the program occupies during the measurement.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "sandbox/sandbox.hpp"

namespace osbot_aws::sandbox {
namespace {

std::vector<char> engine_memory(const benchmark::State& state) {
    return std::vector<char>(static_cast<std::size_t>(state.range(0)) << 20, 'x');
}

void start_plain(benchmark::State& state) {
    const std::vector<char> memory = engine_memory(state);
    std::string program = "/bin/true";
    char* const arguments[] = {program.data(), nullptr};
    char* const environment[] = {nullptr};
    for (auto _ : state) {
        pid_t pid = 0;
        int status = -1;
        if (::posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments, environment) != 0 ||
            ::waitpid(pid, &status, 0) != pid || status != 0)
            state.SkipWithError("posix_spawn");
    }
}
BENCHMARK(start_plain)
    ->Name("sandbox/start/plain")
    ->ArgName("engine_mb")
    ->Arg(0)
    ->Arg(64)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

void start_and_exit(benchmark::State& state, Mode mode) {
    const std::vector<char> memory = engine_memory(state);
    auto sandbox = Sandbox::create(mode);
    if (!sandbox) return state.SkipWithError(sandbox.error().message.c_str());
    Process_Spec spec;
    spec.argv = {"/bin/true"};
    for (auto _ : state) {
        auto process = (*sandbox)->start(spec);
        if (!process) return state.SkipWithError(process.error().message.c_str());
        pollfd exited = {(*process)->exit_fd(), POLLIN, 0};
        ::poll(&exited, 1, -1);
        const auto exit = (*process)->exit();
        if (!exit || exit->status != 0 || exit->signal != 0) return state.SkipWithError("/bin/true did not run");
    }
}
BENCHMARK_CAPTURE(start_and_exit, off, Mode::off)
    ->Name("sandbox/start/mode_off")
    ->ArgName("engine_mb")
    ->Arg(0)
    ->Arg(64)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(start_and_exit, automatic, Mode::automatic)
    ->Name("sandbox/start/mode_automatic")
    ->ArgName("engine_mb")
    ->Arg(0)
    ->Arg(64)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

// Measures the time until exec has succeeded, which an invoke waits for. The exit of the process is not included.
void start_only(benchmark::State& state) {
    auto sandbox = Sandbox::create(Mode::automatic);
    if (!sandbox) return state.SkipWithError(sandbox.error().message.c_str());
    Process_Spec spec;
    spec.argv = {"/bin/true"};
    for (auto _ : state) {
        auto process = (*sandbox)->start(spec);
        if (!process) return state.SkipWithError(process.error().message.c_str());
        state.PauseTiming();
        process->reset();
        state.ResumeTiming();
    }
}
BENCHMARK(start_only)->Name("sandbox/start/until_exec")->Unit(benchmark::kMicrosecond)->UseRealTime();

// Part of the engine's start: checks what the host supports.
void create(benchmark::State& state) {
    for (auto _ : state) {
        auto sandbox = Sandbox::create(Mode::automatic);
        if (!sandbox) return state.SkipWithError(sandbox.error().message.c_str());
    }
}
BENCHMARK(create)->Name("sandbox/create")->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace osbot_aws::sandbox

BENCHMARK_MAIN();
