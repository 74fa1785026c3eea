#include "services/images/layer.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>

namespace osbot_aws::services {
namespace {

using Kind = Tar_Reader::Entry::Kind;

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";
constexpr std::string_view aufs_prefix = ".wh..wh.";  // metadata of aufs

/// Checks the path in the host's file system: the symbolic links of a layer can lead to folders deeper than its paths.
Result<void> check_depth(const base::Unique_Fd& folder, const std::string& path) {
    std::error_code error;
    const auto real = std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", folder.fd()), error);
    if (error || std::ranges::count(real.native(), '/') > folder_depth_max) return too_deep(path);
    return {};
}

bool is_folder(int parent, const std::string& name) {
    struct stat status = {};
    return ::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

class Unpacking {
public:
    Unpacking(Tar_Reader& layer, const Root_Folder& root, Image_Budget& budget)
        : layer_(layer), root_(root), budget_(budget) {}

    Result<void> run() {
        Tar_Reader::Entry entry;
        for (;;) {
            OSBOT_TRY(const bool more, layer_.next(entry));
            if (!more) return {};
            if (budget_.entries-- == 0) return Error{"BadImage", "it contains more files than an image may have"};
            OSBOT_TRY(add(entry));
        }
    }

private:
    Result<void> add(const Tar_Reader::Entry& entry) {
        OSBOT_TRY(const std::string path, clean_path(entry.path));
        if (path.empty()) return {};  // the root folder, whose mode the engine sets
        const auto [parent, name] = split_path(path);
        if (name.starts_with(whiteout_prefix)) return white_out(parent, name);
        if (entry.kind == Kind::other) return {};
        OSBOT_TRY(const auto folder, root_.folder(parent, true));
        OSBOT_TRY(check_depth(folder, path));
        added_.insert(path);
        const bool keeps_folder = entry.kind == Kind::folder && is_folder(folder.fd(), name);
        if (!keeps_folder) OSBOT_TRY(remove_at(folder.fd(), name));
        switch (entry.kind) {
            case Kind::folder:
                return add_folder(folder.fd(), name, entry);
            case Kind::symbolic_link:
                if (::symlinkat(entry.link.c_str(), folder.fd(), name.c_str()) != 0)
                    return base::file_error("link", path);
                return {};
            case Kind::hard_link:
                return add_hard_link(folder.fd(), name, entry);
            default:
                return add_file(folder.fd(), name, entry);
        }
    }

    // The owner's permissions are always set, so that the engine can list and delete the folder.
    static Result<void> add_folder(int parent, const std::string& name, const Tar_Reader::Entry& entry) {
        if (::mkdirat(parent, name.c_str(), 0700) != 0 && errno != EEXIST)
            return base::file_error("create", entry.path);
        if (::fchmodat(parent, name.c_str(), (entry.mode & 0777) | 0700, 0) != 0)
            return base::file_error("create", entry.path);
        return {};
    }

    Result<void> add_hard_link(int parent, const std::string& name, const Tar_Reader::Entry& entry) {
        OSBOT_TRY(const std::string target, clean_path(entry.link));
        const auto [target_parent, target_name] = split_path(target);
        OSBOT_TRY(const auto folder, root_.folder(target_parent));
        if (::linkat(folder.fd(), target_name.c_str(), parent, name.c_str(), 0) != 0)
            return base::file_error("link", entry.path);
        return {};
    }

    Result<void> add_file(int parent, const std::string& name, const Tar_Reader::Entry& entry) {
        const base::Unique_Fd file(
            ::openat(parent, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!file) return base::file_error("write", entry.path);
        auto written = layer_.read([&](std::string_view piece) -> Result<void> {
            if (piece.size() > budget_.bytes)
                return Error{"BadImage", "its unpacked size exceeds Lambda's limit of 10 GB"};
            budget_.bytes -= piece.size();
            budget_.bytes_used += piece.size();
            return base::write_all(file.fd(), piece, entry.path);
        });
        if (!written) return written;
        const timespec modified{.tv_sec = entry.modified_s, .tv_nsec = entry.modified_ns};
        const timespec times[] = {modified, modified};  // Python compares the source's time to validate its .pyc
        if (::fchmod(file.fd(), entry.mode & 0777) != 0 || ::futimens(file.fd(), times) != 0)
            return base::file_error("write", entry.path);
        return {};
    }

    // A whiteout removes files of lower layers only, regardless of its position in the tar.
    Result<void> white_out(const std::string& parent, const std::string& name) {
        const auto folder = root_.folder(parent);
        if (!folder) return {};  // nothing to hide
        if (name == opaque_name) return empty(folder->fd(), parent);
        if (name.starts_with(aufs_prefix)) return {};
        const std::string hidden = name.substr(whiteout_prefix.size());
        if (hidden.empty() || hidden == "." || hidden == "..")
            return Error{"BadImage", "a whiteout entry has an invalid name"};
        return remove_lower(folder->fd(), hidden, join(parent, hidden));
    }

    static std::string join(const std::string& parent, const std::string& name) {
        return parent.empty() ? name : parent + "/" + name;
    }

    /// Returns true if this layer added `path` or an entry below it.
    bool added_by_this_layer(const std::string& path) const {
        const auto at = added_.lower_bound(path);
        if (at != added_.end() && *at == path) return true;
        const auto below = added_.lower_bound(path + "/");
        return below != added_.end() && below->starts_with(path + "/");
    }

    Result<void> remove_lower(int parent, const std::string& name, const std::string& path) {
        if (!added_by_this_layer(path)) return remove_at(parent, name);
        if (!is_folder(parent, name)) return {};
        const base::Unique_Fd folder(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!folder) return base::file_error("open", path);
        return empty(folder.fd(), path);
    }

    Result<void> empty(int folder, const std::string& path) {
        const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(::openat(folder, ".", O_RDONLY | O_CLOEXEC)),
                                                       &::closedir);
        if (!open) return base::file_error("list", path);
        std::set<std::string> names;
        while (const dirent* entry = ::readdir(open.get())) names.insert(entry->d_name);
        for (const std::string& name : names) {
            if (name == "." || name == "..") continue;
            OSBOT_TRY(remove_lower(folder, name, join(path, name)));
        }
        return {};
    }

    Tar_Reader& layer_;
    const Root_Folder& root_;
    Image_Budget& budget_;
    std::set<std::string> added_;
};

}  // namespace

Result<void> unpack_layer(Tar_Reader& layer, const Root_Folder& root, Image_Budget& budget) {
    return Unpacking(layer, root, budget).run();
}

}  // namespace osbot_aws::services
