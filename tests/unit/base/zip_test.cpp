#include <sys/stat.h>

#include "base/files.hpp"
#include "base/zip_reader.hpp"
#include "base/zip_writer.hpp"
#include "support/printers.hpp"

namespace osbot_aws::base {
namespace {

using test_support::Fails_with;

std::string zip_of(std::vector<Zip_Entry> entries) { return write_zip(entries).value(); }

TEST(Zip_Test, round_trip_preserves_content_and_modes) {
    const std::string zip = zip_of({{.path = "bin/run", .file = {}, .bytes = "#!/bin/sh\n", .executable = true},
                                    {.path = "data.txt", .file = {}, .bytes = std::string(100'000, 'x')}});
    const Zip_Reader reader = Zip_Reader::open_bytes(zip).value();

    ASSERT_EQ(reader.entries().size(), 2u);
    EXPECT_TRUE(reader.entries()[0].executable);
    EXPECT_FALSE(reader.entries()[1].executable);
    EXPECT_EQ(reader.read(reader.entries()[1]).value(), std::string(100'000, 'x'));
    EXPECT_LT(zip.size(), 1'000u);
}

TEST(Zip_Test, equal_input_produces_equal_bytes) {
    const auto make = [] {
        return zip_of({{.path = "a", .file = {}, .bytes = "one"}, {.path = "b", .file = {}, .bytes = "two"}});
    };
    EXPECT_EQ(make(), make());
}

TEST(Zip_Test, extract_preserves_executable_bits_and_links) {
    const Temporary_Folder folder;
    const std::string zip = zip_of({{.path = "real", .file = {}, .bytes = "text", .executable = true},
                                    {.path = "link", .file = {}, .bytes = "real", .symlink = true}});
    ASSERT_TRUE(Zip_Reader::open_bytes(zip).value().extract_to(folder.path() / "out").has_value());

    EXPECT_EQ(read_file(folder.path() / "out/link").value(), "text");
    struct stat info {};
    ASSERT_EQ(::stat((folder.path() / "out/real").c_str(), &info), 0);
    EXPECT_NE(info.st_mode & 0100u, 0u);
}

/// Sets the mode of the first entry in the central directory.
std::string with_mode(std::string zip, unsigned mode) {
    const std::size_t header = zip.find("PK\1\2");
    zip[header + 40] = static_cast<char>(mode & 255), zip[header + 41] = static_cast<char>(mode >> 8);
    return zip;
}

// The user of a Lambda function is not the owner of its files.
TEST(Zip_Test, extract_gives_all_users_the_rights_of_others) {
    struct Case {
        unsigned mode, extracted;
    };
    for (const Case& c : {Case{0100600, 0},
                          {0600, 0},
                          {0100700, 0},
                          {0100744, 0644},
                          {0100755, 0755},
                          {0100644, 0644},
                          {0100711, 0111},
                          {0, 0644}}) {
        const Temporary_Folder folder;
        const std::string zip = with_mode(zip_of({{.path = "file", .file = {}, .bytes = "text"}}), c.mode);
        Zip_Reader::open_bytes(zip).value().extract_to(folder.path() / "out", Zip_Reader::Rights::of_others).value();
        struct stat info {};
        ASSERT_EQ(::stat((folder.path() / "out/file").c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777u, c.extracted) << std::oct << c.mode;
    }
}

TEST(Zip_Test, rejects_names_that_leave_the_folder) {
    for (const char* name : {"../up", "a/../../up", "/etc/passwd", "a\\b"}) {
        EXPECT_THAT(Zip_Reader::open_bytes(zip_of({{.path = name, .file = {}, .bytes = "x"}})), Fails_with("BadZip"))
            << name;
    }
}

TEST(Zip_Test, rejects_links_that_leave_the_folder) {
    for (const char* target : {"/etc/passwd", "../up", "a/../../up"}) {
        const Temporary_Folder folder;
        const std::string zip = zip_of({{.path = "link", .file = {}, .bytes = target, .symlink = true}});
        EXPECT_THAT(Zip_Reader::open_bytes(zip).value().extract_to(folder.path() / "out"), Fails_with("BadZip"))
            << target;
        EXPECT_FALSE(std::filesystem::is_symlink(folder.path() / "out/link"));
    }
}

Zip_Entry link(std::string path, std::string target) {
    return {.path = std::move(path), .file = {}, .bytes = std::move(target), .symlink = true};
}
Zip_Entry file(std::string path) { return {.path = std::move(path), .file = {}, .bytes = "x"}; }

TEST(Zip_Test, rejects_chains_of_links_that_leave_the_folder) {
    const std::vector<std::vector<Zip_Entry>> chains{
        {link("a/b/c/s", "../../.."), link("t", "a/b/c/s/../outside")},  // s is the folder itself
        {link("here", "."), link("out", "here/../..")},
        {link("d/up", ".."), link("out", "d/up/..")},
    };
    for (const auto& chain : chains) {
        const Temporary_Folder folder;
        EXPECT_THAT(Zip_Reader::open_bytes(zip_of(chain)).value().extract_to(folder.path() / "out"),
                    Fails_with("BadZip"))
            << chain.back().bytes;
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "out")) << "links are checked before anything is written";
    }
}

TEST(Zip_Test, extracts_links_that_pass_through_other_links) {
    const Temporary_Folder folder;
    const std::string zip =
        zip_of({file("usr/lib/libx.so.1.2"), link("usr/lib/libx.so.1", "libx.so.1.2"),
                link("usr/lib/libx.so", "libx.so.1"), link("lib", "usr/lib"), link("opt/x", "../lib/libx.so")});
    Zip_Reader::open_bytes(zip).value().extract_to(folder.path() / "out").value();
    EXPECT_EQ(read_file(folder.path() / "out/opt/x").value(), "x");
}

TEST(Zip_Test, rejects_entries_below_a_file_or_a_link) {
    for (const auto& entries : std::vector<std::vector<Zip_Entry>>{{file("a"), file("a/b")},
                                                                   {file("a/b"), file("a")},
                                                                   {link("s", "d"), file("s/f")},
                                                                   {link("s", "d"), link("s/deep/t", "x")},
                                                                   {link("s", "d"), file("./s//f")}})
        EXPECT_THAT(Zip_Reader::open_bytes(zip_of(entries)), Fails_with("BadZip")) << entries[1].path;
}

TEST(Zip_Test, rejects_folder_links_and_too_long_names) {
    EXPECT_THAT(Zip_Reader::open_bytes(zip_of({link("s/", "d")})), Fails_with("BadZip"));
    EXPECT_THAT(Zip_Reader::open_bytes(zip_of({file(std::string(5000, 'a'))})), Fails_with("BadZip"));
    EXPECT_THAT(Zip_Reader::open_bytes(zip_of({file("a/.")})), Fails_with("BadZip"));
}

TEST(Zip_Test, reads_an_entry_from_a_copy_of_its_description) {
    const std::string zip = zip_of({file("a"), {.path = "b", .file = {}, .bytes = "second"}});
    const Zip_Reader reader = Zip_Reader::open_bytes(zip).value();
    const Zip_Reader::Entry copy = reader.entries()[1];
    EXPECT_EQ(reader.read(copy).value(), "second");
}

TEST(Zip_Test, rejects_names_with_too_many_folders) {
    const auto nested = [](int folders) {
        std::string path;
        for (int i = 0; i < folders; ++i) path += "a/";
        return path + "file";
    };
    EXPECT_TRUE(Zip_Reader::open_bytes(zip_of({file(nested(255))})).has_value());
    EXPECT_THAT(Zip_Reader::open_bytes(zip_of({file(nested(256))})), Fails_with("BadZip"));
}

TEST(Zip_Test, folders_without_entries_count_as_entries) {
    std::vector<Zip_Entry> entries;
    for (int i = 0; i < 500; ++i) {
        std::string path = std::to_string(i);
        for (int depth = 0; depth < 200; ++depth) path += "/a";
        entries.push_back(file(path));
    }
    EXPECT_THAT(Zip_Reader::open_bytes(zip_of(entries)), Fails_with("ZipTooLarge"));
    entries.resize(450);  // 450 files in 90,000 folders
    EXPECT_TRUE(Zip_Reader::open_bytes(zip_of(entries)).has_value());
}

TEST(Zip_Test, creates_parents_of_files_links_and_folders) {
    const Temporary_Folder folder;
    const std::string zip = zip_of({file("z/y/file"),
                                    link("l/m/link", "../../z"),
                                    {.path = "e/f/", .file = {}, .bytes = ""},
                                    file("z/other"),
                                    file("z.txt")});
    Zip_Reader::open_bytes(zip).value().extract_to(folder.path() / "new/out").value();
    for (const char* path : {"z/y/file", "l/m/link/other", "e/f", "z.txt"})
        EXPECT_TRUE(std::filesystem::exists(folder.path() / "new/out" / path)) << path;
}

TEST(Zip_Test, rejects_zip_above_the_size_limit_on_open) {
    const std::string zip = zip_of({{.path = "zeros", .file = {}, .bytes = std::string(2'000'000, '\0')}});
    EXPECT_THAT(Zip_Reader::open_bytes(zip, 1'000'000), Fails_with("ZipTooLarge"));
}

TEST(Zip_Test, rejects_duplicates_other_files_and_truncated_zips) {
    EXPECT_THAT(Zip_Reader::open_bytes(
                    zip_of({{.path = "a", .file = {}, .bytes = "1"}, {.path = "a", .file = {}, .bytes = "2"}})),
                Fails_with("BadZip"));
    EXPECT_THAT(Zip_Reader::open_bytes("this is not a zip"), Fails_with("BadZip"));
    const std::string zip = zip_of({{.path = "a", .file = {}, .bytes = "1"}});
    EXPECT_THAT(Zip_Reader::open_bytes(std::string_view(zip).substr(0, zip.size() - 10)), Fails_with("BadZip"));
}

}  // namespace
}  // namespace osbot_aws::base
