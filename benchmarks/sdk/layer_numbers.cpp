// A layer of `requests` beside `uv pip install --target` alone, in turns, with the same cache of wheels; and what a
// layer of 150 MiB costs each environment of a function that has it. Needs uv on PATH and PyPI, or uv's cache.
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

double ms_since(std::chrono::steady_clock::time_point began) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void line(const std::string& what, const std::string& promise, const std::string& measured) {
    fmt::print("{:<66} {:<10} {}\n", what, promise, measured);
}

[[noreturn]] void fail(const std::string& why) {
    fmt::print(stderr, "ERROR OCCURRED: {}\n", why);
    std::exit(1);
}

double layer_of_requests(const Session& session, const std::string& name) {
    Lambda_Layer layer(name, {.session = session});
    const auto began = std::chrono::steady_clock::now();
    const Json made = layer.create_from_pip("requests");
    const double took = ms_since(began);
    if (made.value("Version", 0) != 1) fail(made.dump());
    return took;
}

double uv_alone(const fs::path& folder) {
    base::Program program{.argv = {"uv", "pip", "install", "--target", folder.string(), "--python-version", "3.11",
                                   "--python-platform", "x86_64-manylinux_2_17", "--only-binary", ":all:", "requests"}};
    program.time_max = std::chrono::minutes(5);
    const auto began = std::chrono::steady_clock::now();
    const auto end = base::run_program(program).value();
    const double took = ms_since(began);
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

/// Two environments at once: each says which file it sees, by inode and device, and what a byte of it is.
constexpr const char* looks = R"(
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

/// Of a function's first answers in so many environments at once.
std::vector<Json> in_environments(const Session& session, const std::string& name, int environments, std::size_t at) {
    std::vector<Json> answers(static_cast<std::size_t>(environments));
    std::vector<std::thread> callers;
    for (Json& answer : answers) {
        callers.emplace_back([&answer, at, lambda = Lambda(name, session.for_another_thread())]() mutable {
            answer = lambda.invoke({{"hold_s", 0.5}, {"at", at}});
        });
    }
    for (auto& caller : callers) caller.join();
    return answers;
}

double cold_ms(const Session& session, const fs::path& source, const std::vector<std::string>& layers, int rounds) {
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) {
        Deploy_Lambda deploy(source, {.lambda_name = fmt::format("cold-{}-{}", layers.size(), i), .session = session});
        deploy.add_layers(layers);
        if (!deploy.deploy()) fail(deploy.last_error());
        const auto began = std::chrono::steady_clock::now();
        if (deploy.invoke() != "ok") fail("the function did not answer");
        times.push_back(ms_since(began));
    }
    return median(times);
}

void measure_large_layer(const Session& session, const fs::path& work, std::size_t bytes, int rounds) {
    const fs::path folder = work / "tree", source = work / "looks.py", empty = work / "empty.py";
    fs::create_directories(folder / "large");
    std::mt19937_64 random(7);
    std::string content(bytes, '\0');
    for (std::size_t at = 0; at + 8 <= bytes; at += 16) {  // half of it random: a zip below S3's one part
        const auto value = random();
        std::copy_n(reinterpret_cast<const char*>(&value), 8, content.begin() + static_cast<std::ptrdiff_t>(at));
    }
    base::write_file(folder / "large/large.bin", content).value();
    fs::create_directories(folder / "python");
    base::write_file(folder / "python/marker.py", "").value();
    base::write_file(source, looks).value();
    base::write_file(empty, "def handler(event, context):\n    return 'ok'\n").value();
    Lambda_Layer layer("large", {.session = session});
    const std::string arn = layer.create_from_folder_via_s3(folder);

    Deploy_Lambda deploy(source, {.session = session});
    deploy.add_layer(arn);
    if (!deploy.deploy()) fail(deploy.last_error());
    const std::size_t at = bytes / 32 * 16;
    const auto answers = in_environments(session, deploy.name(), 3, at);
    for (const Json& answer : answers) {
        if (!answer.is_array() || answer[3] != bytes || answer[4] != static_cast<unsigned char>(content[at]))
            fail(answer.dump());
        if (answer[1] != answers[0][1] || answer[2] != answers[0][2]) fail("an environment has a copy of the layer");
    }
    if (answers[0][0] == answers[1][0]) fail("it was one environment");
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
