#include "packing/packed_files.hpp"

#include <gmock/gmock.h>

#include <chrono>

#include "base/files.hpp"
#include "base/zip_reader.hpp"
#include "packing/zip_cache.hpp"
#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class Packed_Files_Test : public testing::Test {
protected:
    std::vector<base::Zip_Entry> entries(const std::string& made) const {
        return {{.path = "lib/large.so", .file = library, .bytes = {}},
                {.path = "lib/small.txt", .file = small, .bytes = {}},
                {.path = "program", .file = {}, .bytes = made, .executable = true}};
    }
    /// The files are old by then.
    std::string zip_of(const std::string& made) {
        return files.zip(entries(made), std::chrono::system_clock::now() + 10s).value();
    }
    std::string in(const std::string& zip, std::size_t entry) const {
        const auto reader = base::Zip_Reader::open_bytes(zip).value();
        return reader.read(reader.entries().at(entry)).value();
    }
    fs::path file(const std::string& name, std::string_view bytes) const {
        base::write_file(folder.path() / name, bytes).value();
        return folder.path() / name;
    }

    const base::Temporary_Folder folder;
    const std::string large = std::string(200'000, 'l'), program = std::string(100'000, 'p');
    const fs::path library = file("large.so", large), small = file("small.txt", "small");
    Packed_Files files;
};

TEST_F(Packed_Files_Test, a_large_file_is_compressed_and_what_is_made_or_small_stays_as_it_is) {
    const std::string zip = zip_of(program);
    EXPECT_EQ(in(zip, 0), large);
    EXPECT_EQ(in(zip, 1), "small");
    EXPECT_EQ(in(zip, 2), program);
    EXPECT_GT(zip.size(), program.size());
    EXPECT_LT(zip.size(), program.size() + 10'000);
}

TEST_F(Packed_Files_Test, the_next_zip_has_what_changed_and_equal_entries_give_equal_bytes) {
    const std::string first = zip_of(program);
    EXPECT_EQ(zip_of(program), first);
    EXPECT_EQ(in(zip_of("another program"), 2), "another program");
    EXPECT_EQ(Packed_Files().zip(entries(program), std::chrono::system_clock::now() + 10s).value(), first);
    file("large.so", std::string(200'000, 'L'));
    EXPECT_EQ(in(zip_of(program), 0), std::string(200'000, 'L'));
}

TEST_F(Packed_Files_Test, a_file_that_changed_a_moment_ago_may_again_and_is_not_kept) {
    EXPECT_EQ(file_identity(library, std::chrono::system_clock::now()), "");
    const std::string zip = files.zip(entries(program), std::chrono::system_clock::now()).value();
    EXPECT_GT(zip.size(), large.size() + program.size());
    EXPECT_EQ(in(zip, 0), large);
}

TEST_F(Packed_Files_Test, a_file_that_is_gone_is_an_error_that_names_it) {
    fs::remove(small);
    EXPECT_THAT(files.zip(entries(program), std::chrono::system_clock::now()), test_support::Fails_with("FileError"));
}

}  // namespace
}  // namespace osbot_aws::packing
