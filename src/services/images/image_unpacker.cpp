#include "services/images/image_unpacker.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/regular_file.hpp"
#include "services/images/layer.hpp"

namespace osbot_aws::services {
namespace {

namespace fs = std::filesystem;

Result<void> unpack_file(base::Unique_Fd file, const Root_Folder& root, Image_Budget& budget,
                         const std::vector<std::string>& digests) {
    Tar_Reader reader(std::move(file));
    OSBOT_TRY(unpack_layer(reader, root, budget));
    if (digests.empty()) return {};
    OSBOT_TRY(const auto sha256, reader.sha256());
    if (std::find(digests.begin(), digests.end(), sha256) == digests.end())
        return Error{"BadImage", "a layer does not match its digest: the archive is damaged"};
    return {};
}

/// Creates the files over which the sandbox mounts the host's. The sandbox cannot create them: the root is read-only.
Result<void> add_mount_points(const Root_Folder& root) {
    OSBOT_TRY(const auto etc, root.folder("etc", true));
    for (const char* name : {"resolv.conf", "hosts"}) {
        struct stat status = {};
        if (::fstatat(etc.fd(), name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode)) continue;
        OSBOT_TRY(remove_at(etc.fd(), name));
        const base::Unique_Fd file(::openat(etc.fd(), name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        if (!file) return base::file_error("create", name);
    }
    return {};
}

Result<Root_Folder> make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return Error{"FileError", fmt::format("cannot create {}: {}", folder.string(), error.message())};
    return Root_Folder::open(folder);
}

Result<Root_Folder> open_layout(const fs::path& path, const fs::path& unpack_to) {
    std::error_code ignored;
    if (fs::is_directory(path, ignored)) return Root_Folder::open(path);
    OSBOT_TRY(auto file, base::open_regular_file(path));
    auto layout = make_folder(unpack_to);
    if (!layout) return layout;
    Image_Budget budget;
    OSBOT_TRY(unpack_file(std::move(file), *layout, budget, {}));
    return layout;
}

Result<std::uint64_t> unpack_layers(const Root_Folder& layout, const Image_Source& source, const fs::path& folder) {
    OSBOT_TRY(const auto root, make_folder(folder));
    Image_Budget budget;
    for (const Image_Source::Layer& layer : source.layers) {
        OSBOT_TRY(auto file, layout.file(layer.file));
        OSBOT_TRY(unpack_file(std::move(file), root, budget, layer.digests));
    }
    OSBOT_TRY(add_mount_points(root));
    OSBOT_TRY(const auto whole, root.folder(""));
    if (::fchmod(whole.fd(), 0755) != 0) return base::file_error("set the mode of", folder);
    return budget.bytes_used;
}

Result<Unpacked_Image> unpack(const Unpack_Request& request) {
    OSBOT_TRY(const auto layout, open_layout(request.path, request.folder / "layout"));
    OSBOT_TRY(auto source, find_image(layout, request.name));
    if (!request.name.empty()) source.names = {request.name};
    if (source.names.empty())
        return Error{"BadImage", "the image has no name: set one, for example --name my-repo:latest"};
    if (request.existing_digests.contains(source.digest)) return Unpacked_Image{.source = std::move(source)};
    OSBOT_TRY(const auto bytes, unpack_layers(layout, source, request.folder / "root"));
    return Unpacked_Image{.source = std::move(source), .bytes = bytes};
}

}  // namespace

Result<Unpacked_Image> unpack_image(const Unpack_Request& request) {
    auto unpacked = unpack(request);
    std::error_code ignored;  // leftovers are removed at the next start
    fs::remove_all(unpacked && unpacked->bytes ? request.folder / "layout" : request.folder, ignored);
    if (unpacked) return unpacked;
    const Error& error = unpacked.error();
    return Error{error.code, fmt::format("{}: {}", request.path.string(), error.message), error.http_status};
}

}  // namespace osbot_aws::services
