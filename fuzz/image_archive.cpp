// Untrusted container images: OCI layouts and `docker save` archives. The input has a file in each part that a line
// "=== path" starts; its paths, manifests and configs are untrusted, and its digests are made correct.
#include <filesystem>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "fuzz.hpp"
#include "memory_store.hpp"
#include "services/images/image_unpacker.hpp"
#include "support/tar.hpp"

using namespace osbot_aws;
namespace fs = std::filesystem;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

Files files_of(std::string_view text) {
    Files files;
    while (!text.empty()) {
        std::string_view line = base::take_until(text, '\n');
        if (base::take_prefix(line, "=== "))
            files.emplace_back(line.substr(0, 99), "");
        else if (!files.empty())
            files.back().second += line;
    }
    return files;
}

/// Replaces "{name}" in the files by the SHA-256 of the file with that name, and its name by blobs/sha256/<digest>. The
/// files are in the order of their references: a layer, a config, a manifest, an index.
void set_digests(Files& files) {
    for (std::size_t i = 0; i < files.size(); ++i) {
        const std::string mark = "{" + files[i].first + "}", digest = base::sha256_hex(files[i].second);
        bool used = false;
        for (std::size_t later = i + 1; later < files.size(); ++later) {
            std::string& text = files[later].second;
            for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + digest.size())) {
                text.replace(at, mark.size(), digest);
                used = true;
            }
        }
        if (used) files[i].first = "blobs/sha256/" + digest;
    }
}

std::string archive_of(const Files& files) {
    test_support::Tar tar;
    for (const auto& [path, bytes] : files) tar.file(path, bytes);
    return tar.bytes();
}

}  // namespace

std::vector<std::string> seeds() {
    const std::string layer = test_support::Tar().file("bin/run", "x", 0755).bytes();
    const std::string config = std::string(R"({"architecture":")") + test_support::host_image_architecture +
                               R"(","os":"linux","config":{"Cmd":["app.handler"],"Env":["A=b"],"WorkingDir":"/w"}})";
    const auto layout = [&](const std::string& layers) {
        return "=== layer\n" + layer + "\n=== config\n" + config + "\n=== manifest\n" +
               R"({"schemaVersion":2,"config":{"digest":"sha256:{config}"},"layers":[)" + layers +
               "]}\n=== oci-layout\n{\"imageLayoutVersion\":\"1.0.0\"}\n=== index.json\n" +
               R"({"schemaVersion":2,"manifests":[{"digest":"sha256:{manifest}"}]})" + "\n";
    };
    const std::string one = R"({"digest":"sha256:{layer}"})";
    return {layout(one), layout(repeated(200, one + ",") + one),
            "=== index.json\n" + nested(base::json_depth_max + 1, "[", "]") + "\n"};
}

void run_target(std::string_view bytes) {
    Files files = files_of(bytes);
    set_digests(files);
    const base::Temporary_Folder outside("fuzz", fuzz::memory_folder());
    base::write_file(outside.path() / "image.tar", archive_of(files)).value();
    const auto image = services::unpack_image({.path = outside.path() / "image.tar",
                                               .name = "",
                                               .existing_digests = {},
                                               .folder = outside.path() / "inside"});
    const auto count = std::distance(fs::directory_iterator(outside.path()), {});
    require(count == 1 || (image && count == 2));
}
