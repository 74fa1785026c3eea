// Runs a target on its corpus and on a fixed number of mutations of it, the same in each run. The input that crashes
// the program remains in the file `crash.<target>`.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "fuzz.hpp"

namespace {

using Random = std::mt19937_64;

std::size_t random_below(Random& random, std::size_t limit) { return limit == 0 ? 0 : random() % limit; }

std::string mutate(std::string text, const std::vector<std::string>& all, Random& random) {
    constexpr unsigned char edges[] = {0, 1, 0x20, 0x22, 0x2f, 0x5c, 0x7f, 0x80, 0xff};
    for (std::size_t times = 1 + random_below(random, 6); times > 0; --times) {
        const std::size_t at = random_below(random, text.size()), length = 1 + random_below(random, 16);
        switch (random() % 6) {
            case 0:
                if (!text.empty()) text[at] = static_cast<char>(random());
                break;
            case 1:
                if (!text.empty()) text[at] = static_cast<char>(edges[random_below(random, sizeof edges)]);
                break;
            case 2:
                text.erase(std::min(at, text.size()), length);
                break;
            case 3:
                text.insert(std::min(at, text.size()), std::string(text.substr(std::min(at, text.size()), length)));
                break;
            case 4: {
                const std::string& other = all[random_below(random, all.size())];
                text.insert(std::min(at, text.size()), other.substr(random_below(random, other.size()), length));
                break;
            }
            default:
                text.resize(std::min(text.size(), at));
        }
    }
    return text;
}

/// Returns the files of the folder in the order of their names, then seeds().
std::vector<std::string> corpus(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    std::vector<std::string> all;
    for (const auto& file : files) {
        std::ostringstream text;
        text << std::ifstream(file, std::ios::binary).rdbuf();
        all.push_back(text.str());
    }
    for (std::string& seed : seeds()) all.push_back(std::move(seed));
    return all;
}

/// Returns an input of the corpus. Large ones are the exception, because their mutations take long.
const std::string& choose(const std::vector<std::string>& all, Random& random) {
    constexpr std::size_t large = 4096, tries = 8;
    const std::string* chosen = &all[random_below(random, all.size())];
    for (std::size_t i = 0; i < tries && chosen->size() > large; ++i) chosen = &all[random_below(random, all.size())];
    return *chosen;
}

}  // namespace

void require_linear_time(std::string_view, const std::function<void(std::string_view)>&) {}

int main(int argc, char** argv) {
    if (argc != 4) return 2;  // smoke TARGET MUTATIONS CORPUS
    const std::vector<std::string> all = corpus(argv[3]);
    require(!all.empty());
    const std::string crash_file = std::string("crash.") + argv[1];
    // Opened once: ext4 writes a file to the disk when it is closed after O_TRUNC, which takes milliseconds.
    const int current = ::open(crash_file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    Random random(20261123);
    const auto run = [&](const std::string& input) {
        const auto size = static_cast<off_t>(input.size());
        require(::pwrite(current, input.data(), input.size(), 0) == size && ::ftruncate(current, size) == 0);
        run_target(input);
    };
    for (const std::string& seed : all) run(seed);
    for (long i = std::atol(argv[2]); i > 0; --i) run(mutate(choose(all, random), all, random));
    std::remove(crash_file.c_str());
    return 0;
}
