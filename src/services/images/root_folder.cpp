#include "services/images/root_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "base/regular_file.hpp"

namespace osbot_aws::services {
namespace {

/// Returns the names in a folder. Takes ownership of `folder`.
Result<std::vector<std::string>> names_in(base::Unique_Fd folder) {
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::fdopendir(folder.fd()), &::closedir);
    if (!open) return base::file_error("list", ".");
    folder.release();
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(open.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") names.emplace_back(name);
    }
    return names;
}

}  // namespace

Result<Root_Folder> Root_Folder::open(const std::filesystem::path& folder) {
    base::Unique_Fd fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return base::file_error("open", folder);
    return Root_Folder(std::move(fd));
}

base::Unique_Fd Root_Folder::open_below(const std::string& path, int flags) const {
    open_how how = {};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const char* target = path.empty() ? "." : path.c_str();
    for (;;) {  // EAGAIN: a parent folder was renamed during the lookup
        const auto fd = static_cast<int>(::syscall(SYS_openat2, fd_.fd(), target, &how, sizeof how));
        if (fd >= 0 || errno != EAGAIN) return base::Unique_Fd(fd);
    }
}

Result<base::Unique_Fd> Root_Folder::folder(const std::string& path, bool create) const {
    base::Unique_Fd found = open_below(path, O_RDONLY | O_DIRECTORY);
    if (found) return found;
    if (!create || errno != ENOENT || path.empty()) return base::file_error("open", path);
    const auto [parent, name] = split_path(path);
    auto parent_fd = folder(parent, true);
    if (!parent_fd) return parent_fd;
    if (::mkdirat(parent_fd->fd(), name.c_str(), 0755) != 0 && errno != EEXIST) return base::file_error("create", path);
    found = open_below(path, O_RDONLY | O_DIRECTORY);
    if (!found) return base::file_error("open", path);  // a dangling link
    return found;
}

Result<base::Unique_Fd> Root_Folder::file(const std::string& path) const {
    base::Unique_Fd found = open_below(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (auto error = base::irregular_file(found, path)) return *error;
    return found;
}

Result<std::string> Root_Folder::read(const std::string& path, std::size_t bytes_max) const {
    OSBOT_TRY(const auto opened, file(path));
    return base::read_file(opened, path, bytes_max).or_else([](Error error) {
        return Error{"BadImage", std::move(error.message)};
    });
}

bool Root_Folder::is_program(const std::string& path) const {
    const base::Unique_Fd found = open_below(path, O_PATH);
    struct stat status = {};
    return found && ::fstat(found.fd(), &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0;
}

Error too_deep(std::string_view path) {
    return {"BadImage", fmt::format("{:.100} is more than {} folders deep", path, folder_depth_max)};
}

Result<std::string> clean_path(std::string_view path) {
    const std::string_view path_text = path;
    std::string clean;
    std::ptrdiff_t depth = 0;
    while (!path.empty()) {
        const std::string_view part = path.substr(0, path.find('/'));
        path.remove_prefix(std::min(part.size() + 1, path.size()));
        if (part == "..") return Error{"BadImage", "an entry has '..' in its path, which leads out of the image"};
        if (part.empty() || part == ".") continue;
        if (++depth > folder_depth_max) return too_deep(path_text);
        if (!clean.empty()) clean += '/';
        clean += part;
    }
    return clean;
}

std::pair<std::string, std::string> split_path(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return {"", path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

Result<void> remove_at(int folder, const std::string& name) {
    if (::unlinkat(folder, name.c_str(), 0) == 0 || errno == ENOENT) return {};
    if (errno != EISDIR && errno != EPERM) return base::file_error("remove", name);
    base::Unique_Fd inner(::openat(folder, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!inner) return base::file_error("remove", name);
    OSBOT_TRY(auto names, names_in(base::Unique_Fd(::dup(inner.fd()))));
    for (const std::string& entry : names) { OSBOT_TRY(remove_at(inner.fd(), entry)); }
    if (::unlinkat(folder, name.c_str(), AT_REMOVEDIR) != 0) return base::file_error("remove", name);
    return {};
}

}  // namespace osbot_aws::services
