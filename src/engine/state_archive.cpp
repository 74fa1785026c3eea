#include "engine/state_archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/characters.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "engine/version.hpp"
#include "services/images/tar_reader.hpp"

namespace osbot_aws::engine {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t piece_bytes = 1 << 18, manifest_bytes_max = 64 << 10, sha256_characters = 64;
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

Result<void> write_contents(const fs::path& folder, const fs::path& file, int fd) {
    Archive_Writer archive(file);
    OSBOT_TRY(archive.open(fd));
    const Json manifest{
        {"format", format_name}, {"format_version", state_archive_version}, {"osbot", std::string(version)}};
    OSBOT_TRY(archive.add(manifest_name, base::dump_json(manifest)));
    OSBOT_TRY(archive.add_file(database_name, folder / database_name));
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder / "blobs", error))
        OSBOT_TRY(archive.add_file("blobs/" + entry.path().filename().string(), entry.path()));
    OSBOT_TRY(archive.close());
    if (::fsync(fd) != 0) return base::file_error("write", file);
    return {};
}

// ---- reading ----

using Entry = services::Tar_Reader::Entry;

bool is_blob_path(std::string_view path) {
    const auto is_hex = [](char c) { return base::is_digit(c) || (c >= 'a' && c <= 'f'); };
    return base::take_prefix(path, "blobs/") && path.size() == sha256_characters && base::consists_of(path, is_hex);
}

Result<void> check_manifest(const std::string& text) {
    const Json manifest = base::parse_json(text);
    const bool is_manifest = manifest.is_object() && manifest.value("format", Json()) == format_name &&
                             manifest.value("format_version", Json()).is_number_integer();
    if (!is_manifest) return Error{"InvalidArchive", "it is not an archive of osbot local export"};
    const int found = manifest["format_version"].get<int>();
    if (found >= 1 && found <= state_archive_version) return {};
    return Error{"InvalidArchive", fmt::format("it has version {}, and this osbot reads version {}: use a newer osbot",
                                               found, state_archive_version)};
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

Result<void> unpack_file(services::Tar_Reader& tar, const fs::path& to) {
    const base::Unique_Fd fd(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, private_file));
    if (!fd) return base::file_error("write", to);
    return tar.read([&](std::string_view piece) { return base::write_all(fd.fd(), piece, to); });
}

Result<void> read_entries(services::Tar_Reader& tar, const fs::path& folder) {
    Entry entry;
    OSBOT_TRY(const bool has_first, tar.next(entry));
    if (!has_first || entry.path != manifest_name)
        return Error{"InvalidArchive", "it is not an archive of osbot local export"};
    OSBOT_TRY(const auto manifest, read_manifest(tar));
    OSBOT_TRY(check_manifest(manifest));
    for (std::size_t count = 0;; ++count) {
        OSBOT_TRY(const bool has_next, tar.next(entry));
        if (!has_next) return {};
        if (count == state_archive_entries_max)
            return Error{"InvalidArchive", fmt::format("it has more than {} files", state_archive_entries_max)};
        const bool is_known = entry.path == database_name || is_blob_path(entry.path);
        if (entry.kind != Entry::Kind::file || !is_known)
            return Error{"InvalidArchive",
                         fmt::format("it has the unexpected entry {}", base::dump_json_lossy(entry.path))};
        OSBOT_TRY(unpack_file(tar, folder / entry.path));
    }
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
    services::Tar_Reader tar(std::move(fd));
    auto read = read_entries(tar, folder);
    if (!read && (read.error().code == "InvalidArchive" || read.error().code == "BadImage"))
        return invalid_archive_file(file, read.error().message);
    if (read && !fs::exists(folder / database_name)) return invalid_archive_file(file, "it has no state.db");
    return read;
}

}  // namespace osbot_aws::engine
