#include "store/blobs.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "store/file_blobs.hpp"
#include "support/printers.hpp"

namespace osbot_aws::store {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;

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

    EXPECT_EQ(first.sha256, base::sha256_hex("hello"));
    EXPECT_EQ(first.size, 5U);
    EXPECT_EQ(again.sha256, first.sha256);
    EXPECT_EQ(blobs.read(first.sha256).value(), "hello");
    EXPECT_EQ(files_in(folder), 1);
    EXPECT_EQ(files_in(temporary), 0);
}

TEST_F(Blobs_Test, a_blob_can_not_be_written_to) {
    const auto blob = blobs.put("hello").value();

    struct stat found {};
    ASSERT_EQ(::stat(blobs.path(blob.sha256).c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0222, 0U);
}

TEST_F(Blobs_Test, adopt_takes_the_file_over_whether_or_not_its_bytes_are_known) {
    const auto file = temporary / "upload";
    for (int i = 0; i < 2; ++i) {
        base::write_file(file, std::string(1 << 20, 'a')).value();
        const auto blob = blobs.adopt(file).value();
        EXPECT_EQ(blob.sha256, base::sha256_hex(std::string(1 << 20, 'a')));
        EXPECT_EQ(blob.size, 1U << 20);
        EXPECT_FALSE(fs::exists(file));
    }
    EXPECT_EQ(files_in(folder), 1);
}

TEST_F(Blobs_Test, what_is_missing_is_an_error_that_names_the_file) {
    EXPECT_THAT(blobs.read(std::string(64, '0')), Fails_with("ServiceException"));
    EXPECT_THAT(blobs.adopt(temporary / "none"), Fails_with("ServiceException"));
    EXPECT_FALSE(blobs.exists(std::string(64, '0')));
    EXPECT_FALSE(blobs.exists(""));
}

TEST_F(Blobs_Test, keep_only_erases_the_others) {
    const auto kept = blobs.put("kept").value();
    const auto orphan = blobs.put("orphan").value();

    blobs.keep_only({kept.sha256});

    EXPECT_TRUE(blobs.exists(kept.sha256));
    EXPECT_FALSE(blobs.exists(orphan.sha256));
}

TEST_F(Blobs_Test, a_failed_reset_erases_nothing) {
    const auto blob = blobs.put("here").value();

    blobs.doom_all();
    blobs.pardon_doomed();
    blobs.erase_doomed();

    EXPECT_TRUE(blobs.exists(blob.sha256));
}

}  // namespace
}  // namespace osbot_aws::store
