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
    for (const char* name : {"../up", "a/../../up", "/etc/passwd"}) {
        EXPECT_THAT(Zip_Reader::open_bytes(zip_of({{.path = name, .file = {}, .bytes = "x"}})), Fails_with("BadZip"))
            << name;
    }
}

Zip_Entry link(std::string path, std::string target) {
    return {.path = std::move(path), .file = {}, .bytes = std::move(target), .symlink = true};
}
Zip_Entry file(std::string path) { return {.path = std::move(path), .file = {}, .bytes = "x"}; }

TEST(Zip_Test, links_are_stored_with_any_target) {
    for (const char* target : {"/etc/passwd", "../up", "a/../../up", "link", ".", "missing"}) {
        const Temporary_Folder folder;
        Zip_Reader::open_bytes(zip_of({link("link", target)})).value().extract_to(folder.path() / "out").value();
        EXPECT_EQ(std::filesystem::read_symlink(folder.path() / "out/link"), target);
    }
}

TEST(Zip_Test, rejects_links_without_a_valid_target) {
    for (const std::string& target : {std::string(), std::string(4096, 'a'), std::string("a\0b", 3)}) {
        const Temporary_Folder folder;
        EXPECT_THAT(
            Zip_Reader::open_bytes(zip_of({link("link", target), file("a")})).value().extract_to(folder.path() / "out"),
            Fails_with("BadZip"));
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

TEST(Zip_Test, last_of_several_files_with_one_name_counts) {
    const Temporary_Folder folder;
    const auto with = [](std::string path, std::string bytes) {
        return Zip_Entry{.path = std::move(path), .file = {}, .bytes = std::move(bytes)};
    };
    const std::string zip = zip_of({with("a", "first"), with("b", "1"), link("c", "/etc"), link("d", "a"),
                                    with("./a", "second"), with("c", "now a file"), with("a", "last"), link("d", "b")});
    const Zip_Reader reader = Zip_Reader::open_bytes(zip).value();
    EXPECT_EQ(reader.entries().size(), 4U);
    EXPECT_EQ(reader.unpacked_bytes(), std::string("last1now a fileb").size());
    reader.extract_to(folder.path() / "out").value();
    EXPECT_EQ(read_file(folder.path() / "out/a").value(), "last");
    EXPECT_EQ(read_file(folder.path() / "out/c").value(), "now a file");
    EXPECT_EQ(std::filesystem::read_symlink(folder.path() / "out/d"), "b");
}

TEST(Zip_Test, backslash_is_an_ordinary_character_of_a_name) {
    const Temporary_Folder folder;
    Zip_Reader::open_bytes(zip_of({file("a\\b"), file("..\\up")})).value().extract_to(folder.path() / "out").value();
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "out/a\\b"));
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "out/..\\up"));
}

TEST(Zip_Test, other_compression_is_rejected_by_its_name) {
    for (const auto& [method, name] :
         {std::pair{'\x0c', "bzip2 (method 12)"}, {'\x5d', "Zstandard"}, {'\x63', "unknown"}}) {
        std::string zip = zip_of({file("app.py")});
        zip[zip.find("PK\1\2") + 10] = method;
        const auto opened = Zip_Reader::open_bytes(zip);
        EXPECT_THAT(opened, Fails_with("UnsupportedZip"));
        EXPECT_THAT(opened.error().message, testing::AllOf(testing::StartsWith("app.py: "), testing::HasSubstr(name)));
    }
}

/// Moves values of the first entry into a zip64 field, as the format requires for values above 32 bits.
std::string with_zip64(std::string zip, const std::string& field) {
    const std::size_t header = zip.find("PK\1\2"), end = zip.find("PK\5\6"), name = header + 46;
    const auto name_size = static_cast<unsigned char>(zip[header + 28]);
    zip.replace(header + 20, 8, 8, '\xff');  // the sizes
    zip[header + 30] = static_cast<char>(field.size());
    zip[end + 12] = static_cast<char>(zip[end + 12] + field.size());  // the size of the directory
    return zip.insert(name + name_size, field);
}

TEST(Zip_Test, sizes_of_a_zip64_field_are_read) {
    const std::string sizes("\5\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0", 16);
    const std::string zip = zip_of({{.path = "a", .file = {}, .bytes = "12345"}});
    const std::string other("\x55\x54\1\0x", 5);  // a field of another kind
    const std::string read = with_zip64(zip, other + std::string("\1\0\x10\0", 4) + sizes);
    const Zip_Reader reader = Zip_Reader::open_bytes(read).value();
    EXPECT_EQ(reader.read(reader.entries().at(0)).value(), "12345");
    for (const std::string& broken :
         {std::string(), std::string("\1\0\x10\0", 4), std::string("\1\0\x08\0", 4) + sizes.substr(0, 8),
          std::string("\1\0\x10\0", 4) + std::string(16, '\x7f')})
        EXPECT_THAT(Zip_Reader::open_bytes(with_zip64(zip, broken)), Fails_with("BadZip")) << broken.size();
}

TEST(Zip_Test, rejects_other_files_and_truncated_zips) {
    EXPECT_THAT(Zip_Reader::open_bytes("this is not a zip"), Fails_with("BadZip"));
    const std::string zip = zip_of({{.path = "a", .file = {}, .bytes = "1"}});
    EXPECT_THAT(Zip_Reader::open_bytes(std::string_view(zip).substr(0, zip.size() - 10)), Fails_with("BadZip"));
}

}  // namespace
}  // namespace osbot_aws::base
