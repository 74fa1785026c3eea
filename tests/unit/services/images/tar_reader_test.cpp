#include "services/images/tar_reader.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gmock/gmock.h>

#include "base/files.hpp"
#include "support/printers.hpp"

namespace osbot_aws::services {
namespace {

using test_support::Fails_with_message;

/// Writes a tar with a file of zeros, of which it contains one byte.
void write_sparse_tar(const std::filesystem::path& path, std::size_t bytes) {
    archive* tar = archive_write_new();
    archive_entry* entry = archive_entry_new();
    const auto size = static_cast<la_int64_t>(bytes);
    archive_write_set_format_pax(tar);
    ASSERT_EQ(archive_write_open_filename(tar, path.c_str()), ARCHIVE_OK);
    archive_entry_set_pathname(entry, "sparse");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, size);
    archive_entry_sparse_add_entry(entry, size - 1, 1);
    ASSERT_EQ(archive_write_header(tar, entry), ARCHIVE_OK);
    ASSERT_EQ(archive_write_data(tar, std::string(bytes, '\0').data(), bytes), size);
    ASSERT_EQ(archive_write_close(tar), ARCHIVE_OK);
    archive_entry_free(entry);
    archive_write_free(tar);
}

/// Returns the size of the first file of a tar.
Result<std::size_t> read_first(const std::filesystem::path& path, std::int64_t bytes_max) {
    Tar_Reader reader(base::Unique_Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)), bytes_max);
    Tar_Reader::Entry entry;
    EXPECT_TRUE(reader.next(entry).value());
    std::size_t bytes = 0;
    OSBOT_TRY(
        reader.read([&](std::string_view piece) -> Result<void> { return bytes += piece.size(), Result<void>{}; }));
    return bytes;
}

TEST(Tar_Reader_Test, holes_of_sparse_files_count) {
    const base::Temporary_Folder folder;
    const auto path = folder.path() / "sparse.tar";
    constexpr std::size_t bytes = 1'000'000;
    write_sparse_tar(path, bytes);
    ASSERT_LT(std::filesystem::file_size(path), 100'000u);
    EXPECT_EQ(read_first(path, 2'000'000).value(), bytes);
    EXPECT_THAT(read_first(path, 100'000), Fails_with_message("BadImage", "the archive has more than 100000 bytes"));
}

}  // namespace
}  // namespace osbot_aws::services
