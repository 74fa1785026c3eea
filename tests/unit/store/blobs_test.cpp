#include "store/blobs.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "store/blob_reader.hpp"
#include "store/blob_writer.hpp"
#include "store/file_blobs.hpp"
#include "support/printers.hpp"

namespace {

std::atomic<int> failing_folder_fsyncs = 0;

}  // namespace

/// Replaces the C library's fsync in this program.
extern "C" int fsync(int fd) {
    struct stat found {};
    if (failing_folder_fsyncs > 0 && ::fstat(fd, &found) == 0 && S_ISDIR(found.st_mode)) {
        --failing_folder_fsyncs;
        errno = EIO;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace osbot_aws::store {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::IsEmpty;
using testing::SizeIs;

struct Blobs_Test : testing::Test {
    base::Temporary_Folder parent;
    fs::path temporary = parent.path() / "tmp";
    fs::path folder = parent.path() / "blobs";
    File_Blobs blobs{folder, temporary};

    void SetUp() override {
        fs::create_directories(temporary);
        fs::create_directories(folder);
    }
    static long files_in(const fs::path& path) {
        return std::distance(fs::directory_iterator{path}, fs::directory_iterator{});
    }
};

TEST_F(Blobs_Test, put_names_blobs_by_sha256_and_stores_equal_bytes_once) {
    const auto first = blobs.put("hello").value();
    const auto again = blobs.put("hello").value();

    EXPECT_EQ(first->sha256(), base::sha256_hex("hello"));
    EXPECT_EQ(first->size(), 5U);
    EXPECT_EQ(again, first);
    EXPECT_EQ(blobs.read(*first).value(), "hello");
    EXPECT_EQ(files_in(folder), 1);
    EXPECT_EQ(files_in(temporary), 0);
}

TEST_F(Blobs_Test, blob_file_is_read_only) {
    const auto blob = blobs.put("hello").value();

    struct stat found {};
    ASSERT_EQ(::stat(blobs.path(*blob).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0222, 0U);
}

TEST_F(Blobs_Test, adopt_moves_the_file_and_stores_equal_bytes_once) {
    const auto file = temporary / "upload";
    std::vector<Blob_Ptr> references;
    for (int i = 0; i < 2; ++i) {
        base::write_file(file, std::string(1 << 20, 'a')).value();
        const auto blob = references.emplace_back(blobs.adopt(file).value());
        EXPECT_EQ(blob->sha256(), base::sha256_hex(std::string(1 << 20, 'a')));
        EXPECT_EQ(blob->size(), 1U << 20);
        EXPECT_FALSE(fs::exists(file));
    }
    EXPECT_EQ(files_in(folder), 1);
}

TEST_F(Blobs_Test, writer_joins_pieces_and_deletes_unfinished_bytes) {
    Blob_Writer writer(blobs, temporary);
    writer.write("hel").value();
    writer.write("lo").value();
    EXPECT_EQ(files_in(temporary), 1);
    EXPECT_EQ(writer.finish().value(), blobs.put("hello").value());
    EXPECT_EQ(Blob_Writer(blobs, temporary).finish().value()->size(), 0U) << "a blob without a piece is empty";
    { Blob_Writer(blobs, temporary).write("lost").value(); }
    EXPECT_EQ(files_in(temporary), 0);
    EXPECT_EQ(files_in(folder), 2);
}

TEST_F(Blobs_Test, writer_reports_the_error_of_the_disk) {
    Blob_Writer writer(blobs, temporary / "none");
    EXPECT_THAT(writer.write("hello"), Fails_with("ServiceException"));
}

TEST_F(Blobs_Test, reader_reads_slices_in_order) {
    const auto hello = blobs.put("hello").value(), world = blobs.put("world").value();
    Blob_Reader reader(blobs, {{hello, 1, 4}, {world, 0, 0}, {world, 0, 3}});
    std::string all, piece;
    while (!reader.finished()) {
        reader.read(piece, 3).value();
        EXPECT_LE(piece.size(), 3U);
        all += piece;
    }
    EXPECT_EQ(all, "ellowor");
}

TEST_F(Blobs_Test, reader_reports_missing_and_short_files) {
    std::string piece;
    Blob_Reader missing(blobs, {{blobs.hold(std::string(64, '0'), 1), 0, 1}});
    EXPECT_THAT(missing.read(piece, 1), Fails_with("ServiceException"));
    Blob_Reader short_file(blobs, {{blobs.put("hello").value(), 5, 1}});
    EXPECT_THAT(short_file.read(piece, 1), Fails_with("ServiceException"));
}

TEST_F(Blobs_Test, blob_is_not_stored_before_its_folder_is_fsynced) {
    failing_folder_fsyncs = 2;
    EXPECT_THAT(blobs.put("hello"), Fails_with("ServiceException"));
    EXPECT_THAT(blobs.put("hello"), Fails_with("ServiceException")) << "the file exists, but not durably";
    EXPECT_EQ(blobs.read(*blobs.put("hello").value()).value(), "hello");
}

TEST_F(Blobs_Test, read_of_missing_blob_fails_and_names_the_file) {
    const auto missing = blobs.hold(std::string(64, '0'), 1);
    const auto read = blobs.read(*missing);
    EXPECT_THAT(read, Fails_with("ServiceException"));
    EXPECT_THAT(read.error().message, testing::HasSubstr(std::string(64, '0')));
    EXPECT_THAT(blobs.adopt(temporary / "none"), Fails_with("ServiceException"));
    EXPECT_EQ(blobs.hold("no hash", 1), nullptr);
    EXPECT_EQ(blobs.find(std::string(64, '1')), nullptr);
}

TEST_F(Blobs_Test, release_of_last_reference_keeps_file_until_erase) {
    auto blob = blobs.put("hello").value();
    auto other = blobs.hold(blob->sha256(), blob->size());
    const auto file = blobs.path(*blob);

    blob.reset();
    EXPECT_THAT(blobs.take_released(), IsEmpty());
    other.reset();
    const auto released = blobs.take_released();
    EXPECT_THAT(released, SizeIs(1));
    EXPECT_TRUE(fs::exists(file)) << "a record may still name it";

    blobs.erase_unreferenced(released);
    EXPECT_FALSE(fs::exists(file));
    EXPECT_EQ(files_in(temporary), 0);
    EXPECT_THAT(blobs.take_released(), IsEmpty());
}

TEST_F(Blobs_Test, put_of_released_bytes_prevents_their_erasure) {
    blobs.put("hello").value().reset();
    const auto released = blobs.take_released();

    const auto again = blobs.put("hello").value();
    blobs.erase_unreferenced(released);

    EXPECT_EQ(blobs.read(*again).value(), "hello");
    EXPECT_THAT(blobs.take_released(), IsEmpty());
}

TEST_F(Blobs_Test, when_released_is_called_once_until_blobs_are_taken) {
    blobs.put("before").value().reset();
    int calls = 0;
    blobs.when_released([&] { ++calls; });
    EXPECT_EQ(calls, 1) << "for the blob that was released earlier";
    blobs.put("a").value().reset();
    EXPECT_EQ(calls, 1);
    EXPECT_THAT(blobs.take_released(), SizeIs(2));
    blobs.put("b").value().reset();
    EXPECT_EQ(calls, 2);
}

TEST_F(Blobs_Test, erase_unreferenced_removes_all_unreferenced_files) {
    const auto referenced = blobs.put("kept").value();
    blobs.put("orphan").value().reset();

    blobs.erase_unreferenced();

    EXPECT_EQ(blobs.read(*referenced).value(), "kept");
    EXPECT_EQ(files_in(folder), 1);
}

TEST_F(Blobs_Test, concurrent_put_and_release_keep_referenced_blobs) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 10'000; ++round) {
                const auto blob = blobs.put("contended").value();
                EXPECT_EQ(blobs.read(*blob).value(), "contended");
            }
        });
    }
    for (int round = 0; round < 10'000; ++round) blobs.erase_unreferenced(blobs.take_released());
    threads.clear();
    blobs.erase_unreferenced(blobs.take_released());
    EXPECT_EQ(files_in(folder), 0);
}

}  // namespace
}  // namespace osbot_aws::store
