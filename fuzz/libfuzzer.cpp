// Runs a target under clang's libFuzzer. With OSBOT_FUZZ_SEEDS, the program writes seeds() to that folder instead.
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "fuzz.hpp"

namespace {

double cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double seconds_of(const std::string& text, const std::function<void(std::string_view)>& parse) {
    const double start = cpu_seconds();
    parse(text);
    return cpu_seconds() - start;
}

}  // namespace

void require_linear_time(std::string_view text, const std::function<void(std::string_view)>& parse) {
    constexpr std::size_t few = 8, many = 32, one_in = 64;
    constexpr double measurable_s = 0.1;
    if (text.empty() || std::hash<std::string_view>{}(text) % one_in != 0) return;
    const double many_s = seconds_of(repeated(many, text), parse);
    if (many_s < measurable_s) return;
    const double few_s = seconds_of(repeated(few, text), parse);
    require(many_s <= 2 * few_s * many / few);
}

extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* folder = std::getenv("OSBOT_FUZZ_SEEDS");
    if (folder == nullptr) return 0;
    std::size_t number = 0;
    for (const std::string& seed : seeds()) {
        const auto file = std::filesystem::path(folder) / ("seed_" + std::to_string(number++));
        std::ofstream(file, std::ios::binary) << seed;
    }
    std::exit(0);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    run_target({reinterpret_cast<const char*>(data), size});
    return 0;
}
