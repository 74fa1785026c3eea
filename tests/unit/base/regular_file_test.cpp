#include "base/regular_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/printers.hpp"

namespace osbot_aws::base {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::HasSubstr;

struct Open_Regular_File_Test : testing::Test {
    Temporary_Folder scratch;
};

TEST_F(Open_Regular_File_Test, opens_a_file_and_follows_links) {
    write_file(scratch.path() / "file", "text").value();
    fs::create_symlink("file", scratch.path() / "link");

    char bytes[8] = {};
    EXPECT_EQ(::read(open_regular_file(scratch.path() / "link").value().fd(), bytes, sizeof bytes), 4);
    EXPECT_STREQ(bytes, "text");
}

// Without the limit of 120 s of ctest, an implementation that waits for a writer would hang here.
TEST_F(Open_Regular_File_Test, rejects_pipes_devices_sockets_and_folders) {
    const fs::path pipe = scratch.path() / "pipe", link = scratch.path() / "link";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    fs::create_symlink("pipe", link);

    for (const fs::path& path : {pipe, link, fs::path("/dev/zero"), fs::path("/dev/tty"), scratch.path()}) {
        const auto opened = open_regular_file(path);
        ASSERT_THAT(opened, Fails_with("FileError")) << path;
        EXPECT_THAT(opened.error().message, HasSubstr("cannot open " + path.string()));
    }
}

TEST_F(Open_Regular_File_Test, missing_file_is_named) {
    EXPECT_THAT(open_regular_file(scratch.path() / "missing").error().message,
                HasSubstr("missing: No such file or directory"));
}

// /proc/kmsg reports that it is a regular file, and blocks a reader until the kernel logs a message.
TEST_F(Open_Regular_File_Test, reads_do_not_block) {
    const auto opened = open_regular_file("/proc/self/status");

    EXPECT_NE(::fcntl(opened.value().fd(), F_GETFL) & O_NONBLOCK, 0);
}

}  // namespace
}  // namespace osbot_aws::base
