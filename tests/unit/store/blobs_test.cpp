#include "store/blobs.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <thread>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "store/file_blobs.hpp"
#include "support/printers.hpp"

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
    static long files_in(const fs::path& where) {
        return std::distance(fs::directory_iterator{where}, fs::directory_iterator{});
    }
};

TEST_F(Blobs_Test, put_names_bytes_by_their_sha256_and_keeps_equal_bytes_once) {
    const auto first = blobs.put("hello").value();
    const auto again = blobs.put("hello").value();

    EXPECT_EQ(first->sha256(), base::sha256_hex("hello"));
    EXPECT_EQ(first->size(), 5U);
    EXPECT_EQ(again, first);
    EXPECT_EQ(blobs.read(*first).value(), "hello");
    EXPECT_EQ(files_in(folder), 1);
    EXPECT_EQ(files_in(temporary), 0);
}

TEST_F(Blobs_Test, a_blob_can_not_be_written_to) {
    const auto blob = blobs.put("hello").value();

    struct stat found {};
    ASSERT_EQ(::stat(blobs.path(*blob).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0222, 0U);
}

TEST_F(Blobs_Test, adopt_takes_the_file_over_whether_or_not_its_bytes_are_known) {
    const auto file = temporary / "upload";
    std::vector<Blob_Ptr> held;
    for (int i = 0; i < 2; ++i) {
        base::write_file(file, std::string(1 << 20, 'a')).value();
        const auto blob = held.emplace_back(blobs.adopt(file).value());
        EXPECT_EQ(blob->sha256(), base::sha256_hex(std::string(1 << 20, 'a')));
        EXPECT_EQ(blob->size(), 1U << 20);
        EXPECT_FALSE(fs::exists(file));
    }
    EXPECT_EQ(files_in(folder), 1);
}

TEST_F(Blobs_Test, what_is_missing_is_an_error_that_names_the_file) {
    const auto missing = blobs.hold(std::string(64, '0'), 1);
    const auto read = blobs.read(*missing);
    EXPECT_THAT(read, Fails_with("ServiceException"));
    EXPECT_THAT(read.error().message, testing::HasSubstr(std::string(64, '0')));
    EXPECT_THAT(blobs.adopt(temporary / "none"), Fails_with("ServiceException"));
    EXPECT_EQ(blobs.hold("no hash", 1), nullptr);
    EXPECT_EQ(blobs.find(std::string(64, '1')), nullptr);
}

TEST_F(Blobs_Test, a_blob_is_released_by_its_last_holder_and_its_file_goes_when_it_is_erased) {
    auto blob = blobs.put("hello").value();
    auto other = blobs.hold(blob->sha256(), blob->size());
    const auto file = blobs.path(*blob);

    blob.reset();
    EXPECT_THAT(blobs.take_released(), IsEmpty());
    other.reset();
    const auto released = blobs.take_released();
    EXPECT_THAT(released, SizeIs(1));
    EXPECT_TRUE(fs::exists(file)) << "a record may name it still";

    blobs.erase_unheld(released);
    EXPECT_FALSE(fs::exists(file));
    EXPECT_EQ(files_in(temporary), 0);
    EXPECT_THAT(blobs.take_released(), IsEmpty());
}

TEST_F(Blobs_Test, who_puts_released_bytes_again_keeps_them) {
    blobs.put("hello").value().reset();
    const auto released = blobs.take_released();

    const auto again = blobs.put("hello").value();
    blobs.erase_unheld(released);

    EXPECT_EQ(blobs.read(*again).value(), "hello");
    EXPECT_THAT(blobs.take_released(), IsEmpty());
}

TEST_F(Blobs_Test, it_tells_once_that_there_are_released_ones_until_they_are_taken) {
    blobs.put("before").value().reset();
    int told = 0;
    blobs.when_released([&] { ++told; });
    EXPECT_EQ(told, 1) << "of what was released before";
    blobs.put("a").value().reset();
    EXPECT_EQ(told, 1);
    EXPECT_THAT(blobs.take_released(), SizeIs(2));
    blobs.put("b").value().reset();
    EXPECT_EQ(told, 2);
}

TEST_F(Blobs_Test, at_start_all_goes_that_nobody_holds) {
    const auto kept = blobs.put("kept").value();
    blobs.put("orphan").value().reset();

    blobs.erase_unheld();

    EXPECT_EQ(blobs.read(*kept).value(), "kept");
    EXPECT_EQ(files_in(folder), 1);
}

TEST_F(Blobs_Test, bytes_that_are_put_and_let_go_by_many_at_once_are_there_for_whoever_holds_them) {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 10'000; ++round) {
                const auto blob = blobs.put("contended").value();
                EXPECT_EQ(blobs.read(*blob).value(), "contended");
            }
        });
    }
    for (int round = 0; round < 10'000; ++round) blobs.erase_unheld(blobs.take_released());
    threads.clear();
    blobs.erase_unheld(blobs.take_released());
    EXPECT_EQ(files_in(folder), 0);
}

}  // namespace
}  // namespace osbot_aws::store
