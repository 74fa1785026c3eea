#include "services/images/tar_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "base/encoding.hpp"
#include "base/hash.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t block_bytes = 1 << 18;

/// Names are bytes on Linux. libarchive returns null for a UTF-8 name that the locale ("C" in the engine) cannot
/// encode.
std::string text_of(const char* plain, const char* utf8) {
    return plain != nullptr ? plain : utf8 != nullptr ? utf8 : "";
}

Tar_Reader::Entry::Kind kind_of(archive_entry* entry) {
    using Entry_Kind = Tar_Reader::Entry::Kind;
    if (archive_entry_hardlink(entry) != nullptr || archive_entry_hardlink_utf8(entry) != nullptr)
        return Entry_Kind::hard_link;
    switch (archive_entry_filetype(entry)) {
        case AE_IFREG:
            return Entry_Kind::file;
        case AE_IFDIR:
            return Entry_Kind::folder;
        case AE_IFLNK:
            return Entry_Kind::symbolic_link;
        default:
            return Entry_Kind::other;
    }
}

}  // namespace

struct Tar_Reader::State {
    State(base::Unique_Fd descriptor, std::int64_t max)
        : file(std::move(descriptor)), archive(archive_read_new()), bytes_max(max) {}
    ~State() { archive_read_free(archive); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// Reads the next block of the file. Returns 0 at the end of the file and a negative value for an error.
    ssize_t fill() {
        ssize_t count = 0;
        do { count = ::read(file.fd(), block.data(), block.size()); } while (count < 0 && errno == EINTR);
        if (count > 0) digest.update({block.data(), static_cast<std::size_t>(count)});
        bytes_read += std::max(count, ssize_t{0});
        constexpr int unpacked = 0;  // the filter whose output is the tar
        too_large = bytes_read > bytes_max || archive_filter_bytes(archive, unpacked) > bytes_max;
        if (too_large) return (errno = EFBIG), -1;
        return count;
    }

    static la_ssize_t read_block(archive* to, void* self, const void** bytes) {
        auto& state = *static_cast<State*>(self);
        *bytes = state.block.data();
        const ssize_t count = state.fill();
        if (count < 0) archive_set_error(to, errno, "%s", std::strerror(errno));
        return count;
    }

    Result<void> open() {
        archive_read_support_format_tar(archive);
        archive_read_support_filter_gzip(archive);
        archive_read_support_filter_zstd(archive);
        opened = true;
        if (archive_read_open(archive, this, nullptr, &State::read_block, nullptr) != ARCHIVE_OK) return fault();
        return {};
    }

    Error fault() const {
        if (too_large) return {"BadImage", fmt::format("the archive has more than {} bytes", bytes_max)};
        const char* reason = archive_error_string(archive);
        return {"BadImage",
                fmt::format("it is not a readable tar archive: {}", reason != nullptr ? reason : "unknown")};
    }

    base::Unique_Fd file;
    ::archive* archive;
    std::int64_t bytes_max, bytes_read = 0, bytes_of_entries = 0;
    bool too_large = false;
    base::Sha256 digest;
    bool opened = false;
    std::array<char, block_bytes> block;
};

Tar_Reader::Tar_Reader(base::Unique_Fd file, std::int64_t bytes_max)
    : state_(std::make_unique<State>(std::move(file), bytes_max)) {}
Tar_Reader::~Tar_Reader() = default;
Tar_Reader::Tar_Reader(Tar_Reader&&) noexcept = default;

Result<bool> Tar_Reader::next(Entry& entry) {
    if (!state_->opened) { OSBOT_TRY(state_->open()); }
    archive_entry* found = nullptr;
    const int status = archive_read_next_header(state_->archive, &found);
    if (status == ARCHIVE_EOF) return false;
    // Warnings concern the encoding of names.
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return state_->fault();
    entry.kind = kind_of(found);
    entry.path = text_of(archive_entry_pathname(found), archive_entry_pathname_utf8(found));
    entry.link = entry.kind == Entry::Kind::hard_link
                     ? text_of(archive_entry_hardlink(found), archive_entry_hardlink_utf8(found))
                     : text_of(archive_entry_symlink(found), archive_entry_symlink_utf8(found));
    entry.mode = archive_entry_perm(found);
    entry.modified_s = archive_entry_mtime(found);
    entry.modified_ns = archive_entry_mtime_nsec(found);
    return true;
}

Result<void> Tar_Reader::read(const std::function<Result<void>(std::string_view)>& piece) {
    std::array<char, 65536> bytes;
    for (;;) {
        const la_ssize_t count = archive_read_data(state_->archive, bytes.data(), bytes.size());
        if (count < 0) return state_->fault();
        if (count == 0) return {};
        state_->bytes_of_entries += count;  // those of a sparse file are not in the archive
        state_->too_large = state_->bytes_of_entries > state_->bytes_max;
        if (state_->too_large) return state_->fault();
        OSBOT_TRY(piece({bytes.data(), static_cast<std::size_t>(count)}));
    }
}

Result<std::string> Tar_Reader::sha256() {
    ssize_t count = 1;
    while (count > 0) count = state_->fill();
    if (count < 0) return Error{"FileError", fmt::format("cannot read the archive: {}", std::strerror(errno))};
    return base::hex_encode(state_->digest.finish_raw());
}

}  // namespace osbot_aws::services
