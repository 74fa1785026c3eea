// Compares creating a layer of `requests` with `uv pip install --target`, in interleaved rounds with the same wheel
// cache. Also measures the cost of a 150 MiB layer for each execution environment. Needs uv on PATH, and PyPI or uv's
// cache.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/aws/lambda_/Lambda_Layer.hpp>
#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "base/files.hpp"
#include "base/subprocess.hpp"

namespace fs = std::filesystem;
using namespace osbot_aws;

namespace {

double ms_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void line(const std::string& what, const std::string& promise, const std::string& measured) {
    fmt::print("{:<66} {:<10} {}\n", what, promise, measured);
}

[[noreturn]] void fail(const std::string& reason) {
    fmt::print(stderr, "ERROR OCCURRED: {}\n", reason);
    std::exit(1);
}

double layer_of_requests(const Session& session, const std::string& name) {
    Lambda_Layer layer(name, {.session = session});
    const auto start = std::chrono::steady_clock::now();
    const Json published = layer.create_from_pip("requests").value();
    const double took = ms_since(start);
    if (published.value("Version", 0) != 1) fail(published.dump());
    return took;
}

double uv_alone(const fs::path& folder) {
    base::Program program{.argv = {"uv", "pip", "install", "--target", folder.string(), "--python-version", "3.11",
                                   "--python-platform", "x86_64-manylinux_2_17", "--only-binary", ":all:", "requests"}};
    program.time_max = std::chrono::minutes(5);
    const auto start = std::chrono::steady_clock::now();
    const auto end = base::run_program(program).value();
    const double took = ms_since(start);
    if (end.exit_code != 0 || !fs::exists(folder / "requests/__init__.py")) fail(end.errors);
    return took;
}

void measure_pip_layer(const Session& session, const fs::path& work, int rounds) {
    if (!base::find_program("uv")) return line("a layer of requests over uv alone", "<= 1.3x", "not measured: no uv");
    uv_alone(work / "warms the cache");
    std::vector<double> layers, uvs;
    for (int i = 0; i < rounds; ++i) {
        layers.push_back(layer_of_requests(session, fmt::format("requests-{}", i)));
        uvs.push_back(uv_alone(work / fmt::format("uv-{}", i)));
    }
    line("a layer of requests, published, over uv alone", "<= 1.3x",
         fmt::format("{:.2f}x ({:.0f} ms, uv {:.0f} ms)", median(layers) / median(uvs), median(layers), median(uvs)));
}

/// Code of a function that returns the inode and the device of the layer's file, and one byte of its content.
constexpr const char* function_code = R"(
import os, sys, time
def handler(event, context):
    # Without namespaces nothing is mounted at /opt: the layer's folders are on Python's path.
    path = next(p for p in (os.path.join(os.path.dirname(folder), 'large/large.bin') for folder in sys.path) if os.path.exists(p))
    time.sleep(event['hold_s'])
    with open(path, 'rb') as file:
        file.seek(event['at'])
        byte = file.read(1)[0]
    seen = os.stat(path)
    return [context.log_stream_name, seen.st_ino, seen.st_dev, seen.st_size, byte]
)";

/// Invokes the function concurrently, so that each call starts an execution environment, and returns the responses.
std::vector<Json> invoke_concurrently(const Session& session, const std::string& name, int environments,
                                      std::size_t at) {
    std::vector<Json> responses(static_cast<std::size_t>(environments));
    std::vector<std::thread> callers;
    for (Json& response : responses) {
        callers.emplace_back([&response, at, lambda = Lambda(name, session.for_another_thread())]() mutable {
            response = lambda.invoke({{"hold_s", 0.5}, {"at", at}});
        });
    }
    for (auto& caller : callers) caller.join();
    return responses;
}

double cold_ms(const Session& session, const fs::path& source, const std::vector<std::string>& layers, int rounds) {
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        Deploy_Lambda deploy(source, {.lambda_name = fmt::format("cold-{}-{}", layers.size(), i), .session = session});
        deploy.add_layers(layers);
        if (!deploy.deploy()) fail(deploy.last_error());
        const auto start = std::chrono::steady_clock::now();
        if (deploy.invoke() != "ok") fail("the function did not return ok");
        times.push_back(ms_since(start));
    }
    return median(times);
}

void measure_large_layer(const Session& session, const fs::path& work, std::size_t bytes, int rounds) {
    const fs::path folder = work / "tree", source = work / "looks.py", empty = work / "empty.py";
    fs::create_directories(folder / "large");
    std::mt19937_64 random(7);
    std::string content(bytes, '\0');
    for (std::size_t at = 0; at + 8 <= bytes;
         at += 16) {  // half random, so that the zip fits into one part of an S3 upload
        const auto value = random();
        std::copy_n(reinterpret_cast<const char*>(&value), 8, content.begin() + static_cast<std::ptrdiff_t>(at));
    }
    base::write_file(folder / "large/large.bin", content).value();
    fs::create_directories(folder / "python");
    base::write_file(folder / "python/marker.py", "").value();
    base::write_file(source, function_code).value();
    base::write_file(empty, "def handler(event, context):\n    return 'ok'\n").value();
    Lambda_Layer layer("large", {.session = session});
    const std::string arn = layer.create_from_folder_via_s3(folder);

    Deploy_Lambda deploy(source, {.session = session});
    deploy.add_layer(arn);
    if (!deploy.deploy()) fail(deploy.last_error());
    const std::size_t at = bytes / 32 * 16;
    const auto responses = invoke_concurrently(session, deploy.name(), 3, at);
    for (const Json& response : responses) {
        if (!response.is_array() || response[3] != bytes || response[4] != static_cast<unsigned char>(content[at]))
            fail(response.dump());
        if (response[1] != responses[0][1] || response[2] != responses[0][2])
            fail("an environment has a copy of the layer");
    }
    if (responses[0][0] == responses[1][0]) fail("the calls used the same environment");
    const double with = cold_ms(session, empty, {arn}, rounds), without = cold_ms(session, empty, {}, rounds);
    line(fmt::format("a layer of {} MiB: copies of it in three environments", bytes >> 20), "none",
         "none (one inode on one device)");
    line("a cold start with it over one without", "", fmt::format("{:.2f}x ({:.0f} ms)", with / without, with));
}

}  // namespace

int main(int argc, char** argv) {
    const bool smoke = argc > 1 && std::string_view(argv[1]) == "--smoke";
    const base::Temporary_Folder folder("osbot_layers");
    const Session session = Session::in_memory();
    if (!smoke) measure_pip_layer(session, folder.path(), 7);
    measure_large_layer(session, folder.path(), smoke ? 1u << 20 : 150u << 20, smoke ? 1 : 7);
}
