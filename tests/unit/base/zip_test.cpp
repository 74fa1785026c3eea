#include <sys/stat.h>

#include "base/files.hpp"
#include "base/zip_reader.hpp"
#include "base/zip_writer.hpp"
#include "support/printers.hpp"

namespace osbot_aws::base {
namespace {

using test_support::Fails_with;

std::string zip_of(std::vector<Zip_Entry> entries) { return write_zip(entries).value(); }

TEST(Zip_Test, what_was_written_is_read_again_with_its_modes) {
    const std::string zip = zip_of({{.path = "bin/run", .file = {}, .bytes = "#!/bin/sh\n", .executable = true},
                                    {.path = "data.txt", .file = {}, .bytes = std::string(100'000, 'x')}});
    const Zip_Reader reader = Zip_Reader::open_bytes(zip).value();

    ASSERT_EQ(reader.entries().size(), 2u);
    EXPECT_TRUE(reader.entries()[0].executable);
    EXPECT_FALSE(reader.entries()[1].executable);
    EXPECT_EQ(reader.read(reader.entries()[1]).value(), std::string(100'000, 'x'));
    EXPECT_LT(zip.size(), 1'000u);
}

TEST(Zip_Test, equal_input_gives_equal_bytes) {
    const auto make = [] {
        return zip_of({{.path = "a", .file = {}, .bytes = "one"}, {.path = "b", .file = {}, .bytes = "two"}});
    };
    EXPECT_EQ(make(), make());
}

TEST(Zip_Test, extracting_keeps_run_bits_and_links_inside) {
    const Temporary_Folder folder;
    const std::string zip = zip_of({{.path = "real", .file = {}, .bytes = "text", .executable = true},
                                    {.path = "link", .file = {}, .bytes = "real", .symlink = true}});
    ASSERT_TRUE(Zip_Reader::open_bytes(zip).value().extract_to(folder.path() / "out").has_value());

    EXPECT_EQ(read_file(folder.path() / "out/link").value(), "text");
    struct stat info {};
    ASSERT_EQ(::stat((folder.path() / "out/real").c_str(), &info), 0);
    EXPECT_NE(info.st_mode & 0100u, 0u);
}

TEST(Zip_Test, names_that_leave_the_folder_are_refused) {
    for (const char* name : {"../up", "a/../../up", "/etc/passwd", "a\\b"}) {
        EXPECT_THAT(Zip_Reader::open_bytes(zip_of({{.path = name, .file = {}, .bytes = "x"}})), Fails_with("BadZip"))
            << name;
    }
}

TEST(Zip_Test, links_that_leave_the_folder_are_refused) {
    for (const char* target : {"/etc/passwd", "../up", "a/../../up"}) {
        const Temporary_Folder folder;
        const std::string zip = zip_of({{.path = "link", .file = {}, .bytes = target, .symlink = true}});
        EXPECT_THAT(Zip_Reader::open_bytes(zip).value().extract_to(folder.path() / "out"), Fails_with("BadZip"))
            << target;
        EXPECT_FALSE(std::filesystem::is_symlink(folder.path() / "out/link"));
    }
}

TEST(Zip_Test, more_than_the_limit_unpacked_is_refused_before_anything_is_unpacked) {
    const std::string zip = zip_of({{.path = "zeros", .file = {}, .bytes = std::string(2'000'000, '\0')}});
    EXPECT_THAT(Zip_Reader::open_bytes(zip, 1'000'000), Fails_with("ZipTooLarge"));
}

TEST(Zip_Test, a_name_twice_what_is_no_zip_and_what_is_cut_off_are_refused) {
    EXPECT_THAT(Zip_Reader::open_bytes(
                    zip_of({{.path = "a", .file = {}, .bytes = "1"}, {.path = "a", .file = {}, .bytes = "2"}})),
                Fails_with("BadZip"));
    EXPECT_THAT(Zip_Reader::open_bytes("this is no zip"), Fails_with("BadZip"));
    const std::string zip = zip_of({{.path = "a", .file = {}, .bytes = "1"}});
    EXPECT_THAT(Zip_Reader::open_bytes(std::string_view(zip).substr(0, zip.size() - 10)), Fails_with("BadZip"));
}

}  // namespace
}  // namespace osbot_aws::base
