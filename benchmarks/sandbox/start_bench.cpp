// What the sandbox adds to starting a program, /bin/true each time, from start() until its end is known. `plain` is
// posix_spawn and waitpid, the floor of this machine in the same run. The sandbox's part is the kernel making (and
// afterwards removing) namespaces and some forty mounts; it should not grow with the engine's memory beyond the page
// tables that one clone copies: the `engine_mb` argument is memory that the program holds at the time.
#include <benchmark/benchmark.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "sandbox/sandbox.hpp"

namespace osbot_aws::sandbox {
namespace {

std::vector<char> memory_of_the_engine(const benchmark::State& state) {
    return std::vector<char>(static_cast<std::size_t>(state.range(0)) << 20, 'x');
}

void start_plain(benchmark::State& state) {
    const std::vector<char> held = memory_of_the_engine(state);
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

void start_and_end(benchmark::State& state, Mode mode) {
    const std::vector<char> held = memory_of_the_engine(state);
    auto sandbox = Sandbox::create(mode);
    if (!sandbox) return state.SkipWithError(sandbox.error().message.c_str());
    Process_Spec spec;
    spec.argv = {"/bin/true"};
    for (auto _ : state) {
        auto process = (*sandbox)->start(spec);
        if (!process) return state.SkipWithError(process.error().message.c_str());
        pollfd ended = {(*process)->exit_fd(), POLLIN, 0};
        ::poll(&ended, 1, -1);
        const auto exit = (*process)->exit();
        if (!exit || exit->status != 0 || exit->signal != 0) return state.SkipWithError("/bin/true did not run");
    }
}
BENCHMARK_CAPTURE(start_and_end, off, Mode::off)
    ->Name("sandbox/start/mode_off")
    ->ArgName("engine_mb")
    ->Arg(0)
    ->Arg(64)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();
BENCHMARK_CAPTURE(start_and_end, automatic, Mode::automatic)
    ->Name("sandbox/start/mode_automatic")
    ->ArgName("engine_mb")
    ->Arg(0)
    ->Arg(64)
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();

// Until exec has succeeded: what an invoke waits for. The end is not waited for within the measure.
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

// Part of the engine's start: looking at what the host allows.
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
