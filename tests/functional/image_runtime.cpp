// The program in the images of test_images.py: a Lambda runtime on plain sockets, linked statically so that the image
// needs no other files. With the argument `hooks`, it coordinates snapshots as SnapStart requires. Responds to each
// event with its arguments, environment variables, user and view of the file system.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "plain_runtime.hpp"

extern char** environ;

namespace {

std::string quoted(const std::string& text) {
    std::string json = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') json += '\\';
        if (c >= ' ') json += c;
    }
    return json + '"';
}

std::string text_of(const char* file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

const char* is_writable(const char* path) { return std::ofstream(path) << "x" ? "true" : "false"; }

std::string environment_as_json(int argc, char** argv) {
    std::string json = "{\"argv\": [";
    for (int i = 0; i < argc; ++i) json += (i > 0 ? ", " : "") + quoted(argv[i]);
    json += "], \"environment\": {";
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string text = *entry;
        json += (entry == environ ? "" : ", ") + quoted(text.substr(0, text.find('='))) + ": " +
                quoted(text.substr(text.find('=') + 1));
    }
    char folder[4096] = "";
    if (getcwd(folder, sizeof folder) == nullptr) folder[0] = '\0';
    json += "}, \"folder\": " + quoted(folder) + ", \"file\": " + quoted(text_of("/data/file"));
    json += ", \"uid\": " + std::to_string(getuid()) + ", \"tmp\": " + is_writable("/tmp/x");
    return json + ", \"root\": " + is_writable("/x") + ", \"host\": " + quoted(text_of("/etc/debian_version")) + "}";
}

}  // namespace

int main(int argc, char** argv) {
    const char* api = std::getenv("AWS_LAMBDA_RUNTIME_API");
    if (api == nullptr) return 2;
    const char* type = std::getenv("AWS_LAMBDA_INITIALIZATION_TYPE");
    if (argc > 1 && std::string(argv[1]) == "hooks" && type != nullptr && std::string(type) == "snap-start")
        request(api, "GET /2018-06-01/runtime/restore/next");
    for (;;) {
        const std::string event = request(api, "GET /2018-06-01/runtime/invocation/next");
        constexpr const char* name = "Lambda-Runtime-Aws-Request-Id: ";
        const std::size_t at = event.find(name);
        if (at == std::string::npos) return 5;
        const std::size_t begin = at + std::string(name).size();
        const std::string id = event.substr(begin, event.find('\r', begin) - begin);
        request(api, "POST /2018-06-01/runtime/invocation/" + id + "/response", environment_as_json(argc, argv));
    }
}
