// Packs a generated tree of 5,400 files and 150 MiB, and the wheels of pandas and numpy. The controls in interleaved
// rounds are Python's zipfile and `zip -r`. Python must be able to read our zip, which must not be larger than that of
// zipfile.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "base/files.hpp"
#include "base/subprocess.hpp"
#include "packing/package.hpp"
#include "packing/wheels.hpp"

namespace fs = std::filesystem;
using namespace osbot_aws;

namespace {

double ms_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// Writes files that consist of pieces of this program, which compress about as well as wheels.
void make_tree(const fs::path& folder, int files, std::size_t total_bytes) {
    const std::string program = base::read_file("/proc/self/exe").value();
    std::mt19937 random(7);
    for (int i = 0; i < files; ++i) {
        // As in trees of packages, a few files are large and most are small.
        const std::size_t average = total_bytes / static_cast<std::size_t>(files);
        const std::size_t size = i % 100 == 0 ? average * 60 : average * 2 / 5;
        std::string content;
        while (content.size() < size) content += program.substr(random() % (program.size() - 4096), 4096);
        content.resize(size);
        const fs::path file = folder / fmt::format("package{}/module{}.bin", i % 60, i);
        fs::create_directories(file.parent_path());
        base::write_file(file, content).value();
    }
}

/// Installs the wheels of pandas and numpy for Lambda. Returns false on failure, for example without a network.
bool install_wheels(const fs::path& folder) {
    const auto installed = packing::install_wheels({"pandas==2.2.3", "numpy==2.1.3"}, {}, folder);
    if (!installed) fmt::print(stderr, "cannot install the wheels: {}\n", installed.error().message);
    return installed.has_value();
}

struct Measured {
    double ms = 0;
    std::uint64_t bytes = 0;
};

Measured pack(const fs::path& folder, std::string* zip = nullptr) {
    const auto begin = std::chrono::steady_clock::now();
    packing::Package package;
    package.add_folder(folder).value();
    auto zipped = package.zip().value();
    const Measured result{ms_since(begin), zipped.bytes.size()};
    if (zip != nullptr) *zip = std::move(zipped.bytes);
    return result;
}

Measured run_packer(std::vector<std::string> argv, const fs::path& folder, const fs::path& zip) {
    fs::remove(zip);
    base::Program program{.argv = std::move(argv), .folder = folder};
    program.time_max = std::chrono::minutes(10);
    const auto begin = std::chrono::steady_clock::now();
    const auto result = base::run_program(program).value();
    const double took = ms_since(begin);
    if (result.exit_code != 0) {
        fmt::print(stderr, "{}: {}\n", program.argv[0], result.errors);
        std::exit(1);
    }
    return {took, fs::file_size(zip)};
}

constexpr const char* pack_script = R"(
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
    for folder, _, names in os.walk('.'):
        for name in names: z.write(os.path.join(folder, name))
)";
constexpr const char* check_script = R"(
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None and len(z.namelist()) == int(sys.argv[2]), (z.testzip(), len(z.namelist()))
)";

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void report(const std::string& title, const std::string& promise, const std::string& measured) {
    fmt::print("{:<66} {:<10} {}\n", title, promise, measured);
}

/// Returns false if our zip is incomplete or larger than that of Python's zipfile.
bool measure(const fs::path& tree, const fs::path& work, const std::string& title, int rounds) {
    const auto files = std::count_if(fs::recursive_directory_iterator(tree), {},
                                     [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
    const fs::path cache = work / "cache", zip = work / "other.zip";
    ::setenv("XDG_CACHE_HOME", cache.c_str(), 1);
    std::this_thread::sleep_for(std::chrono::seconds(2));  // the cache skips files that are too recently modified
    std::vector<double> our_times, python_times, zip_times;
    Measured last, python, info_zip;
    std::string our_zip;
    const bool has_zip = base::find_program("zip").has_value();
    for (int i = 0; i < rounds; ++i) {
        fs::remove_all(cache);
        our_times.push_back((last = pack(tree, &our_zip)).ms);  // includes storing the zip in the cache
        python_times.push_back((python = run_packer({"python3", "-c", pack_script, zip.string()}, tree, zip)).ms);
        if (has_zip) zip_times.push_back((info_zip = run_packer({"zip", "-q", "-r", zip.string(), "."}, tree, zip)).ms);
    }
    base::write_file(zip, our_zip).value();
    if (base::run_program({.argv = {"python3", "-c", check_script, zip.string(), std::to_string(files)}})->exit_code !=
        0)
        return fmt::print(stderr, "ERROR OCCURRED: Python cannot read the zip completely\n"), false;

    const double took = median(our_times);
    const auto mb = [](const Measured& packed) { return static_cast<double>(packed.bytes) / 1e6; };
    report(fmt::format("packing {}, {} files: speed over Python's zipfile", title, files), ">= 4x",
           fmt::format("{:.1f}x ({:.0f} ms; {:.1f} MB, zipfile {:.1f} MB)", median(python_times) / took, took, mb(last),
                       mb(python)));
    if (has_zip)
        report("the same over zip -r", ">= 4x",
               fmt::format("{:.1f}x (zip {:.1f} MB)", median(zip_times) / took, mb(info_zip)));
    const auto again = pack(tree);
    report("the same tree again, unchanged", "<= 300 ms", fmt::format("{:.0f} ms", again.ms));
    if (again.bytes != last.bytes || last.bytes > python.bytes)
        return fmt::print(stderr,
                          "ERROR OCCURRED: the zip differs from the first one or is larger than that of zipfile\n"),
               false;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const bool smoke = argc > 1 && std::string_view(argv[1]) == "--smoke";
    const base::Temporary_Folder folder("osbot_packing");
    const fs::path generated = folder.path() / "generated", wheels = folder.path() / "wheels";
    make_tree(generated, smoke ? 60 : 5400, smoke ? 3'000'000 : 150u << 20);
    bool good = measure(generated, folder.path(), "a generated tree", smoke ? 1 : 5);
    if (!smoke && install_wheels(wheels)) good = measure(wheels, folder.path(), "pandas with numpy", 5) && good;
    return good ? 0 : 1;
}
