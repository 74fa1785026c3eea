// Untrusted image layers: unpacking a tar changes nothing outside its root folder.
#include "services/images/layer.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/files.hpp"
#include "fuzz.hpp"
#include "services/images/image_source.hpp"
#include "support/tar.hpp"

using namespace osbot_aws;
namespace fs = std::filesystem;

std::vector<std::string> seeds() {
    using test_support::Tar;
    return {
        Tar().folder("a").file("a/b", "text", 0755).symbolic_link("l", "a").file("l/c", "x").bytes(),
        Tar().file("a/b", "1").hard_link("c", "a/b").file("a/.wh.b", "").file("a/.wh..wh..opq", "").bytes(),
        Tar().symbolic_link("up", "../secret").file("up", "1").symbolic_link("abs", "/tmp").file("abs/x", "2").bytes(),
        Tar().file("index.json", R"({"manifests": [{"digest": "sha256:0", "annotations": {"a": "b"}}]})").bytes(),
        Tar().file("manifest.json", R"([{"Config": "a.json", "RepoTags": ["a:1"], "Layers": ["b"]}])").bytes()};
}

/// Corrects the checksums of the headers. The reader stops at a wrong one, so most mutations would test nothing else.
std::string with_checksums(std::string_view tar) {
    std::string fixed(tar);
    for (std::size_t at = 0; at + 512 <= fixed.size(); at += 512) {
        if (fixed.compare(at + 257, 5, "ustar") != 0) continue;
        fixed.replace(at + 148, 8, "        ");
        unsigned sum = 0;
        for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(fixed[at + i]);
        fixed.replace(at + 148, 8, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
    }
    return fixed;
}

void run_target(std::string_view mutated) {
    const std::string bytes = with_checksums(mutated);
    static const fs::path memory = fs::is_directory("/dev/shm") ? "/dev/shm" : "";  // thousands of folders, not on disk
    const base::Temporary_Folder outside("fuzz", memory);
    const fs::path inside = outside.path() / "inside";
    fs::create_directory(inside);
    base::write_file(outside.path() / "secret", "s").value();
    base::Unique_Fd file(::memfd_create("layer", MFD_CLOEXEC));
    require(::write(file.fd(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    ::lseek(file.fd(), 0, SEEK_SET);

    services::Tar_Reader reader(std::move(file));
    services::Image_Budget budget{.bytes = 1 << 20, .entries = 1000};
    const auto root = services::Root_Folder::open(inside).value();
    (void)services::unpack_layer(reader, root, budget);
    require(budget.bytes_used <= 1 << 20);
    require(base::read_file(outside.path() / "secret").value() == "s");
    require(std::distance(fs::directory_iterator(outside.path()), {}) == 2);
    (void)services::find_image(root, "");
}
