// Packs a made tree of 5,400 files and 150 MiB, and pandas with numpy as wheels, and has Python's zipfile and `zip -r`
// do the same, in turns. What we made must be whole for Python, and no larger than theirs.
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

double ms_since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

/// Pieces of this very program (code) and of text made of them: they shrink about as wheels do.
void make_tree(const fs::path& folder, int files, std::size_t bytes_in_all) {
    const std::string program = base::read_file("/proc/self/exe").value();
    std::mt19937 random(7);
    for (int i = 0; i < files; ++i) {
        // A few large ones and many small ones, as in such trees.
        const std::size_t usual = bytes_in_all / static_cast<std::size_t>(files);
        const std::size_t size = i % 100 == 0 ? usual * 60 : usual * 2 / 5;
        std::string content;
        while (content.size() < size) content += program.substr(random() % (program.size() - 4096), 4096);
        content.resize(size);
        const fs::path file = folder / fmt::format("package{}/module{}.bin", i % 60, i);
        fs::create_directories(file.parent_path());
        base::write_file(file, content).value();
    }
}

/// pandas with numpy as wheels for Lambda, where PyPI can be reached.
bool install_wheels(const fs::path& folder) {
    const auto installed = packing::install_wheels({"pandas==2.2.3", "numpy==2.1.3"}, {}, folder);
    if (!installed) fmt::print(stderr, "no tree of wheels: {}\n", installed.error().message);
    return installed.has_value();
}

struct Made {
    double ms = 0;
    std::uint64_t bytes = 0;
};

Made ours(const fs::path& folder, std::string* zip = nullptr) {
    const auto began = std::chrono::steady_clock::now();
    packing::Package package;
    package.add_folder(folder).value();
    auto made = package.zip().value();
    const Made result{ms_since(began), made.bytes.size()};
    if (zip != nullptr) *zip = std::move(made.bytes);
    return result;
}

Made by_program(std::vector<std::string> argv, const fs::path& folder, const fs::path& zip) {
    fs::remove(zip);
    base::Program program{.argv = std::move(argv), .folder = folder};
    program.time_max = std::chrono::minutes(10);
    const auto began = std::chrono::steady_clock::now();
    const auto end = base::run_program(program).value();
    const double took = ms_since(began);
    if (end.exit_code != 0) {
        fmt::print(stderr, "{}: {}\n", program.argv[0], end.errors);
        std::exit(1);
    }
    return {took, fs::file_size(zip)};
}

constexpr const char* python_packs = R"(
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as z:
    for folder, _, names in os.walk('.'):
        for name in names: z.write(os.path.join(folder, name))
)";
constexpr const char* python_checks = R"(
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None and len(z.namelist()) == int(sys.argv[2]), (z.testzip(), len(z.namelist()))
)";

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void line(const std::string& what, const std::string& promise, const std::string& measured) {
    fmt::print("{:<66} {:<10} {}\n", what, promise, measured);
}

/// False: what we made is not whole, or larger than theirs.
bool measure(const fs::path& tree, const fs::path& work, const std::string& what, int rounds) {
    const auto files = std::count_if(fs::recursive_directory_iterator(tree), {},
                                     [](const fs::directory_entry& entry) { return entry.is_regular_file(); });
    const fs::path cache = work / "cache", zip = work / "other.zip";
    ::setenv("XDG_CACHE_HOME", cache.c_str(), 1);
    std::this_thread::sleep_for(std::chrono::seconds(2));  // younger files are not trusted to be seen changing
    std::vector<double> mine, pythons, zips;
    Made last, python, info_zip;
    std::string whole;
    const bool has_zip = base::find_program("zip").has_value();
    for (int i = 0; i < rounds; ++i) {
        fs::remove_all(cache);
        mine.push_back((last = ours(tree, &whole)).ms);  // and keeps the zip, as it does for users
        pythons.push_back((python = by_program({"python3", "-c", python_packs, zip.string()}, tree, zip)).ms);
        if (has_zip) zips.push_back((info_zip = by_program({"zip", "-q", "-r", zip.string(), "."}, tree, zip)).ms);
    }
    base::write_file(zip, whole).value();
    if (base::run_program({.argv = {"python3", "-c", python_checks, zip.string(), std::to_string(files)}})->exit_code !=
        0)
        return fmt::print(stderr, "ERROR OCCURRED: Python finds the zip not whole\n"), false;

    const double took = median(mine);
    const auto mb = [](const Made& made) { return static_cast<double>(made.bytes) / 1e6; };
    line(fmt::format("packing {}, {} files: speed over Python's zipfile", what, files), ">= 4x",
         fmt::format("{:.1f}x ({:.0f} ms; {:.1f} MB, zipfile {:.1f} MB)", median(pythons) / took, took, mb(last),
                     mb(python)));
    if (has_zip)
        line("the same over zip -r", ">= 4x",
             fmt::format("{:.1f}x (zip {:.1f} MB)", median(zips) / took, mb(info_zip)));
    const auto again = ours(tree);
    line("the same tree again, unchanged", "<= 300 ms", fmt::format("{:.0f} ms", again.ms));
    if (again.bytes != last.bytes || last.bytes > python.bytes)
        return fmt::print(stderr, "ERROR OCCURRED: sizes\n"), false;
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const bool smoke = argc > 1 && std::string_view(argv[1]) == "--smoke";
    const base::Temporary_Folder folder("osbot_packing");
    const fs::path made = folder.path() / "made", wheels = folder.path() / "wheels";
    make_tree(made, smoke ? 60 : 5400, smoke ? 3'000'000 : 150u << 20);
    bool good = measure(made, folder.path(), "a made tree", smoke ? 1 : 5);
    if (!smoke && install_wheels(wheels)) good = measure(wheels, folder.path(), "pandas with numpy", 5) && good;
    return good ? 0 : 1;
}
