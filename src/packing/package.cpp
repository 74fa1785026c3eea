#include "packing/package.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include "base/encoding.hpp"
#include "base/files.hpp"
#include "base/hash.hpp"
#include "base/local_error.hpp"
#include "packing/zip_cache.hpp"

namespace osbot_aws::packing {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t quick_bytes_max = 32'000'000;  // above, sending it uncompressed is slower than compressing it
constexpr std::uint64_t cached_bytes_min = 2'000'000;  // below, creating the zip is as fast as the cache

Result<Entry> entry_of(const fs::path& file, std::string path) {
    struct stat info {};
    if (::stat(file.c_str(), &info) != 0) return base::file_error("read", file);
    if (!S_ISREG(info.st_mode)) return local_error("FileError", "cannot pack {}: it is not a file", file.string());
    return Entry{.path = std::move(path), .file = file, .bytes = {}, .executable = (info.st_mode & 0111) != 0};
}

bool stays_below(const fs::path& link, const fs::path& target) {
    if (target.is_absolute()) return false;
    const fs::path end = (link.parent_path() / target).lexically_normal();
    return end.empty() || *end.begin() != "..";
}

/// Returns a link if its target is inside the folder. Otherwise returns the target file, because the link would be
/// broken in the package.
Result<Entry> entry_of_link(const fs::path& folder, const fs::path& relative, std::string path) {
    const fs::path link = folder / relative;
    std::error_code error;
    const fs::path target = fs::read_symlink(link, error);
    if (error) return local_error("FileError", "cannot read {}: {}", link.string(), error.message());
    if (stays_below(relative, target))
        return Entry{.path = std::move(path), .file = {}, .bytes = target.string(), .symlink = true};
    if (fs::is_directory(link, error))
        return local_error("FileError",
                           "cannot pack {}: it is a link to a folder outside of {}; add that folder "
                           "itself, or ignore the link",
                           link.string(), folder.string());
    return entry_of(link, std::move(path));
}

std::string joined(std::string_view folder, const std::string& name) {
    while (folder.ends_with('/')) folder.remove_suffix(1);
    return folder.empty() ? name : fmt::format("{}/{}", folder, name);
}

/// Sorts entries by path and removes all but the first of each path. Done once instead of at each insertion, because a
/// folder may have thousands of files.
std::vector<Entry> first_of_each_path(std::vector<Entry> entries) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.path < b.path; });
    entries.erase(
        std::unique(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.path == b.path; }),
        entries.end());
    return entries;
}

/// Collects the files of a folder that the filter does not exclude.
class Folder_Walk {
public:
    Folder_Walk(const fs::path& folder, std::string_view prefix, const Folder_Filter& filter)
        : folder_(folder), prefix_(prefix), filter_(filter) {}

    /// Adds the contents of a subfolder. `excluded`: only what the rules include.
    Result<void> add(const fs::path& subfolder, bool excluded) {
        const fs::path path = subfolder.empty() ? folder_ : folder_ / subfolder;
        std::error_code error;
        std::vector<fs::directory_entry> children;
        for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
            children.push_back(*at);
        if (error) return local_error("FileError", "cannot read the folder {}: {}", path.string(), error.message());
        for (const fs::directory_entry& child : children)
            OSBOT_TRY(add_child(subfolder / child.path().filename(), child, excluded));
        return {};
    }

    std::vector<Entry> found;
    std::vector<std::string> left_out;

private:
    Result<void> add_child(const fs::path& relative, const fs::directory_entry& child, bool parent_excluded) {
        std::error_code error;
        const bool link = child.is_symlink(error), subfolder = !link && child.is_directory(error);
        if (error) return local_error("FileError", "cannot read {}: {}", child.path().string(), error.message());
        const bool excluded =
            filter_.excludes(relative, subfolder, parent_excluded) || (link && filter_.excludes_target(relative));
        if (excluded && !parent_excluded) left_out.push_back(relative.generic_string());
        if (excluded && !(subfolder && filter_.has_included_below(relative))) return {};
        if (subfolder) return add(relative, excluded);
        std::string path = joined(prefix_, relative.generic_string());
        OSBOT_TRY(auto entry,
                  link ? entry_of_link(folder_, relative, std::move(path)) : entry_of(child.path(), std::move(path)));
        found.push_back(std::move(entry));
        return {};
    }

    const fs::path& folder_;
    std::string_view prefix_;
    const Folder_Filter& filter_;
};

Error too_large(const std::vector<std::pair<std::uint64_t, std::string>>& sizes, std::uint64_t total) {
    std::vector<std::pair<std::uint64_t, std::string>> largest(sizes);
    std::sort(largest.rbegin(), largest.rend());
    std::string names;
    for (std::size_t i = 0; i < largest.size() && i < 5; ++i) {
        names += fmt::format("{}{} ({:.1f} MB)", i == 0 ? "" : ", ", largest[i].second,
                             static_cast<double>(largest[i].first) / 1e6);
    }
    return local_error("CodeStorageExceeded",
                       "The package is {} bytes unpacked, over Lambda's limit of {}; the largest: {}", total,
                       unpacked_bytes_max, names);
}

}  // namespace

void Package::add(Entry entry) {
    const auto position = std::lower_bound(entries_.begin(), entries_.end(), entry.path,
                                           [](const Entry& e, const std::string& path) { return e.path < path; });
    if (position != entries_.end() && position->path == entry.path)
        *position = std::move(entry);
    else
        entries_.insert(position, std::move(entry));
}

Result<void> Package::add_file(const fs::path& file, std::string_view folder) {
    std::error_code error;
    const fs::path real = fs::canonical(file, error);  // the target of a link is added under the link's name
    if (error) return local_error("FileError", "cannot read {}: {}", file.string(), error.message());
    OSBOT_TRY(auto entry, entry_of(real, joined(folder, file.filename().string())));
    add(std::move(entry));
    return {};
}

Result<void> Package::add_folder(const fs::path& folder, std::string_view prefix, const Folder_Rules& rules) {
    OSBOT_TRY(auto filter, Folder_Filter::create(folder, rules));
    Folder_Walk walk(folder, prefix, filter);
    OSBOT_TRY(walk.add("", false));
    std::vector<Entry> found = std::move(walk.found);
    std::sort(walk.left_out.begin(), walk.left_out.end());
    left_out_.insert(left_out_.end(), walk.left_out.begin(), walk.left_out.end());
    found.insert(found.end(), std::make_move_iterator(entries_.begin()), std::make_move_iterator(entries_.end()));
    entries_ = first_of_each_path(std::move(found));
    return {};
}

void Package::add_missing(const Package& other) {
    std::vector<Entry> all = std::move(entries_);
    all.insert(all.end(), other.entries_.begin(), other.entries_.end());
    entries_ = first_of_each_path(std::move(all));
}

void Package::remove_folder(std::string_view folder) {
    const std::string below = fmt::format("{}/", folder);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.path == folder || entry.path.starts_with(below); });
}

Result<std::uint64_t> Package::unpacked_bytes() const {
    std::uint64_t total = 0;
    std::vector<std::pair<std::uint64_t, std::string>> sizes;
    for (const Entry& entry : entries_) {
        std::error_code error;
        std::uint64_t size = entry.bytes.size();
        if (!entry.file.empty()) size = fs::file_size(entry.file, error);
        if (error) return local_error("FileError", "cannot read {}: {}", entry.file.string(), error.message());
        sizes.emplace_back(size, entry.path);
        total += size;
    }
    if (total > unpacked_bytes_max) return too_large(sizes, total);
    return total;
}

Result<Package::Zip> Package::quick_zip(Packed_Files& before) const {
    const auto total = unpacked_bytes();
    if (!total || *total > quick_bytes_max) return zip();
    OSBOT_TRY(auto bytes, before.zip(entries_, std::chrono::system_clock::now()));
    std::string sha256 = base::base64_encode(base::sha256_raw(bytes));
    return Zip{std::move(bytes), std::move(sha256), *total};
}

Result<Package::Zip> Package::zip() const {
    OSBOT_TRY(const auto total, unpacked_bytes());
    const auto result = [&](std::string bytes, const std::string& sha256_raw) {
        return Zip{std::move(bytes), base::base64_encode(sha256_raw), total};
    };
    std::optional<Zip_Cache> cache;
    if (total >= cached_bytes_min) cache.emplace(entries_, std::chrono::system_clock::now());
    if (auto found = cache ? cache->find() : std::nullopt) return result(std::move(found->bytes), found->sha256_raw);
    OSBOT_TRY(auto bytes, base::write_zip(entries_));
    const std::string sha256_raw = cache ? cache->store(bytes) : base::sha256_raw(bytes);
    return result(std::move(bytes), sha256_raw);
}

}  // namespace osbot_aws::packing
