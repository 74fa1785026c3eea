#include "engine/state_archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/folder_entries.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"
#include "engine/version.hpp"
#include "services/images/tar_reader.hpp"

namespace osbot_aws::engine {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t piece_bytes = 1 << 18, manifest_bytes_max = 64 << 10;
constexpr unsigned private_file = 0600;
constexpr const char *manifest_name = "manifest.json", *database_name = "state.db", *format_name = "osbot-state";

Error invalid_archive_file(const fs::path& file, std::string_view reason) {
    return {"InvalidArchive", fmt::format("cannot import {}: {}", file.string(), reason), 400};
}

// ---- writing ----

class Archive_Writer {
public:
    explicit Archive_Writer(fs::path file) : file_(std::move(file)), archive_(archive_write_new()) {}
    ~Archive_Writer() { archive_write_free(archive_); }
    Archive_Writer(const Archive_Writer&) = delete;
    Archive_Writer& operator=(const Archive_Writer&) = delete;

    Result<void> open(int fd) {
        archive_write_set_format_pax_restricted(archive_);
        archive_write_add_filter_zstd(archive_);
        return check(archive_write_open_fd(archive_, fd));
    }

    Result<void> add(const std::string& name, std::string_view content) {
        OSBOT_TRY(add_header(name, static_cast<std::int64_t>(content.size())));
        return write(content);
    }

    Result<void> add_file(const std::string& name, const fs::path& path) {
        const base::Unique_Fd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat found {};
        if (!from || ::fstat(from.fd(), &found) != 0) return base::file_error("read", path);
        OSBOT_TRY(add_header(name, found.st_size));
        std::string piece(piece_bytes, '\0');
        for (ssize_t count; (count = ::read(from.fd(), piece.data(), piece.size())) != 0;) {
            if (count < 0) return base::file_error("read", path);
            OSBOT_TRY(write(std::string_view(piece).substr(0, static_cast<std::size_t>(count))));
        }
        return {};
    }

    Result<void> close() { return check(archive_write_close(archive_)); }

private:
    Result<void> add_header(const std::string& name, std::int64_t size) {
        const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), &archive_entry_free);
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), private_file);
        archive_entry_set_size(entry.get(), size);
        return check(archive_write_header(archive_, entry.get()));
    }

    Result<void> write(std::string_view bytes) {
        const auto written = archive_write_data(archive_, bytes.data(), bytes.size());
        return check(written == static_cast<la_ssize_t>(bytes.size()) ? ARCHIVE_OK : ARCHIVE_FATAL);
    }

    Result<void> check(int status) const {
        if (status == ARCHIVE_OK || status == ARCHIVE_WARN) return {};
        const char* reason = archive_error_string(archive_);
        return Error{"FileError",
                     fmt::format("cannot write {}: {}", file_.string(), reason != nullptr ? reason : "unknown"), 0};
    }

    const fs::path file_;
    ::archive* archive_;
};

/// The size of an archive, by its manifest: an incomplete archive is noticed, and the disk space is known before.
struct Content {
    std::uint64_t blobs = 0;
    std::uint64_t bytes = 0;  ///< of all files but the manifest
};

Result<std::uint64_t> size_of(const fs::path& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return base::file_error("read", path);
    return static_cast<std::uint64_t>(found.st_size);
}

Result<Content> content_of(const fs::path& folder) {
    OSBOT_TRY(const auto database_bytes, size_of(folder / database_name));
    Content content{.blobs = 0, .bytes = database_bytes};
    OSBOT_TRY(base::for_each_entry(folder / "blobs", [&](const fs::path& blob) -> Result<void> {
        OSBOT_TRY(const auto bytes, size_of(blob));
        ++content.blobs;
        content.bytes += bytes;
        return {};
    }));
    return content;
}

Result<void> write_contents(const fs::path& folder, const fs::path& file, int fd) {
    OSBOT_TRY(const auto content, content_of(folder));
    Archive_Writer archive(file);
    OSBOT_TRY(archive.open(fd));
    const Json manifest{{"format", format_name},
                        {"format_version", state_archive_version},
                        {"osbot", std::string(version)},
                        {"blobs", content.blobs},
                        {"bytes", content.bytes}};
    OSBOT_TRY(archive.add(manifest_name, base::dump_json(manifest)));
    OSBOT_TRY(archive.add_file(database_name, folder / database_name));
    OSBOT_TRY(base::for_each_entry(folder / "blobs", [&](const fs::path& blob) {
        return archive.add_file("blobs/" + blob.filename().string(), blob);
    }));
    OSBOT_TRY(archive.close());
    if (::fsync(fd) != 0) return base::file_error("write", file);
    return {};
}

// ---- reading ----

using Entry = services::Tar_Reader::Entry;

bool is_blob_path(std::string_view path) { return base::take_prefix(path, "blobs/") && base::is_sha256_hex(path); }

/// The limits of an archive whose manifest does not have its content: those of the osbot that wrote it.
constexpr Content old_content_max{.blobs = 5'000'000, .bytes = 20'000'000'000};

Error not_an_archive() { return {"InvalidArchive", "it is not an archive of osbot local export"}; }

/// Returns the content of the archive; nullopt if an osbot wrote it whose manifests did not have it.
Result<std::optional<Content>> parse_manifest(const std::string& text) {
    const Json manifest = base::parse_json(text);
    const bool is_manifest = manifest.is_object() && manifest.value("format", Json()) == format_name &&
                             manifest.value("format_version", Json()).is_number_integer();
    if (!is_manifest) return not_an_archive();
    const int found = manifest["format_version"].get<int>();
    if (found < 1 || found > state_archive_version)
        return Error{"InvalidArchive", fmt::format("it has version {}, and this osbot reads version {}: use a newer "
                                                   "osbot",
                                                   found, state_archive_version)};
    if (!manifest.contains("blobs") && !manifest.contains("bytes")) return std::optional<Content>();
    const Json blobs = manifest.value("blobs", Json()), bytes = manifest.value("bytes", Json());
    if (!blobs.is_number_unsigned() || !bytes.is_number_unsigned()) return not_an_archive();
    return std::optional(Content{.blobs = blobs.get<std::uint64_t>(), .bytes = bytes.get<std::uint64_t>()});
}

/// Checks that the disk has space for the files of an archive, which have no other limit.
Result<void> check_space(const Content& content, const fs::path& folder) {
    std::error_code error;
    const auto space = fs::space(folder, error);
    if (error || content.bytes <= space.available) return {};
    return Error{"FileError",
                 fmt::format("cannot unpack the archive: its files have {} bytes, and the disk of {} has {} bytes free",
                             content.bytes, folder.string(), space.available)};
}

Result<std::string> read_manifest(services::Tar_Reader& tar) {
    std::string text;
    OSBOT_TRY(tar.read([&](std::string_view piece) -> Result<void> {
        text += piece;
        if (text.size() > manifest_bytes_max) return Error{"InvalidArchive", "its manifest is too large"};
        return {};
    }));
    return text;
}

/// Unpacks a file of at most `bytes_left` bytes, which are reduced by its size.
Result<void> unpack_file(services::Tar_Reader& tar, const fs::path& to, std::uint64_t& bytes_left) {
    const base::Unique_Fd fd(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, private_file));
    if (!fd) return base::file_error("write", to);
    return tar.read([&](std::string_view piece) -> Result<void> {
        if (piece.size() > bytes_left) return Error{"InvalidArchive", "its files have more bytes than they may have"};
        bytes_left -= piece.size();
        return base::write_all(fd.fd(), piece, to);
    });
}

/// Unpacks the files after the manifest. Returns the number of blobs.
Result<std::uint64_t> unpack_files(services::Tar_Reader& tar, const fs::path& folder, const Content& max) {
    Entry entry;
    std::uint64_t blobs = 0, bytes_left = max.bytes;
    for (;;) {
        OSBOT_TRY(const bool has_next, tar.next(entry));
        if (!has_next) return blobs;
        const bool is_blob = is_blob_path(entry.path);
        if (entry.kind != Entry::Kind::file || (!is_blob && entry.path != database_name))
            return Error{"InvalidArchive",
                         fmt::format("it has the unexpected entry {}", base::dump_json_lossy(entry.path))};
        if (is_blob && blobs++ == max.blobs)
            return Error{"InvalidArchive", fmt::format("it has more than {} blobs", max.blobs)};
        OSBOT_TRY(unpack_file(tar, folder / entry.path, bytes_left));
    }
}

Result<void> read_entries(services::Tar_Reader& tar, const fs::path& folder) {
    Entry entry;
    OSBOT_TRY(const bool has_first, tar.next(entry));
    if (!has_first || entry.path != manifest_name) return not_an_archive();
    OSBOT_TRY(const auto manifest, read_manifest(tar));
    OSBOT_TRY(const auto content, parse_manifest(manifest));
    if (content) OSBOT_TRY(check_space(*content, folder));
    OSBOT_TRY(const auto blobs, unpack_files(tar, folder, content.value_or(old_content_max)));
    if (!content || blobs == content->blobs) return {};
    return Error{"InvalidArchive", fmt::format("it is incomplete: it has {} of {} blobs", blobs, content->blobs)};
}

}  // namespace

Result<void> write_state_archive(const fs::path& folder, const fs::path& file) {
    const fs::path partial = file.string() + ".partial";
    ::unlink(partial.c_str());  // it would keep its mode; a link would be followed
    const base::Unique_Fd fd(::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, private_file));
    if (!fd) return base::file_error("write", partial);
    auto written = write_contents(folder, file, fd.fd());
    if (written && ::rename(partial.c_str(), file.c_str()) != 0) written = base::file_error("write", file);
    if (!written) return ::unlink(partial.c_str()), written;
    return base::fsync_folder(file.parent_path());
}

Result<void> read_state_archive(const fs::path& file, const fs::path& folder) {
    base::Unique_Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return base::file_error("read", file);
    if (::mkdir((folder / "blobs").c_str(), 0700) != 0) return base::file_error("create", folder / "blobs");
    services::Tar_Reader tar(std::move(fd), std::numeric_limits<std::int64_t>::max());  // unpack_files() has limits
    auto read = read_entries(tar, folder);
    if (!read && (read.error().code == "InvalidArchive" || read.error().code == "BadImage"))
        return invalid_archive_file(file, read.error().message);
    if (read && !fs::exists(folder / database_name)) return invalid_archive_file(file, "it has no state.db");
    return read;
}

}  // namespace osbot_aws::engine
