#pragma once

#include <fmt/format.h>

#include <cstring>
#include <string>

#include <osbot_aws/core/Json.hpp>

#include "base/files.hpp"
#include "base/hash.hpp"

namespace osbot_aws::test_support {

/// Writes a tar archive (ustar) of any entries, including malicious ones that no tool would write.
class Tar {
public:
    Tar& file(const std::string& path, const std::string& bytes, unsigned mode = 0644) {
        return add('0', path, "", bytes, mode);
    }
    Tar& folder(const std::string& path, unsigned mode = 0755) { return add('5', path, "", "", mode); }
    Tar& symbolic_link(const std::string& path, const std::string& to) { return add('2', path, to, "", 0777); }
    Tar& hard_link(const std::string& path, const std::string& to) { return add('1', path, to, "", 0644); }
    Tar& device(const std::string& path) { return add('3', path, "", "", 0666); }
    Tar& pipe(const std::string& path) { return add('6', path, "", "", 0666); }
    std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

private:
    Tar& add(char type, const std::string& path, const std::string& link, const std::string& bytes, unsigned mode) {
        std::string header(512, '\0');
        const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
        put(0, path);
        put(100, fmt::format("{:07o}", mode));
        put(108, "0000000");
        put(116, "0000000");
        put(124, fmt::format("{:011o}", bytes.size()));
        put(136, fmt::format("{:011o}", 1'700'000'000));
        put(148, "        ");
        header[156] = type;
        put(157, link);
        put(257, std::string("ustar\0", 6) + "00");
        unsigned sum = 0;
        for (const char c : header) sum += static_cast<unsigned char>(c);
        put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
        bytes_ += header + bytes + std::string((512 - bytes.size() % 512) % 512, '\0');
        return *this;
    }

    std::string bytes_;
};

#if defined(__aarch64__)
constexpr const char* host_image_architecture = "arm64";
#else
constexpr const char* host_image_architecture = "amd64";
#endif

/// Writes an OCI layout of one image into a folder.
struct Oci_Layout {
    std::filesystem::path folder;
    std::string name = "my-repo:latest";
    std::string architecture = host_image_architecture;
    Json config = Json::object();
    Json index = {{"schemaVersion", 2}, {"manifests", Json::array()}};

    Json blob(const std::string& bytes) const {
        const std::string hex = base::sha256_hex(bytes);
        std::filesystem::create_directories(folder / "blobs/sha256");
        base::write_file(folder / "blobs/sha256" / hex, bytes).value();
        return {{"digest", "sha256:" + hex}, {"size", bytes.size()}};
    }

    /// Adds an image of these layers. Returns the digest of its manifest in hex digits.
    std::string add(const std::vector<std::string>& layers) {
        Json manifest{{"schemaVersion", 2}, {"layers", Json::array()}};
        manifest["config"] = blob(Json{{"architecture", architecture}, {"os", "linux"}, {"config", config}}.dump());
        for (const std::string& layer : layers) manifest["layers"].push_back(blob(layer));
        Json descriptor = blob(manifest.dump());
        if (!name.empty()) descriptor["annotations"] = {{"io.containerd.image.name", name}};
        index["manifests"].push_back(descriptor);
        write_index();
        return descriptor["digest"].get<std::string>().substr(7);
    }
    void write_index() const {
        base::write_file(folder / "oci-layout", R"({"imageLayoutVersion": "1.0.0"})").value();
        base::write_file(folder / "index.json", index.dump()).value();
    }
};

}  // namespace osbot_aws::test_support
