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
    std::vector<base::Zip_Entry> entries(const std::string& generated) const {
        return {{.path = "lib/large.so", .file = library, .bytes = {}},
                {.path = "lib/small.txt", .file = small, .bytes = {}},
                {.path = "program", .file = {}, .bytes = generated, .executable = true}};
    }
    /// Zips the entries 10 s in the future, when the files are old enough to be identified.
    std::string zip_of(const std::string& generated) {
        return files.zip(entries(generated), std::chrono::system_clock::now() + 10s).value();
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

TEST_F(Packed_Files_Test, zip_compresses_only_large_files) {
    const std::string zip = zip_of(program);
    EXPECT_EQ(in(zip, 0), large);
    EXPECT_EQ(in(zip, 1), "small");
    EXPECT_EQ(in(zip, 2), program);
    EXPECT_GT(zip.size(), program.size());
    EXPECT_LT(zip.size(), program.size() + 10'000);
}

TEST_F(Packed_Files_Test, next_zip_contains_changes_and_is_deterministic) {
    const std::string first = zip_of(program);
    EXPECT_EQ(zip_of(program), first);
    EXPECT_EQ(in(zip_of("another program"), 2), "another program");
    EXPECT_EQ(Packed_Files().zip(entries(program), std::chrono::system_clock::now() + 10s).value(), first);
    file("large.so", std::string(200'000, 'L'));
    EXPECT_EQ(in(zip_of(program), 0), std::string(200'000, 'L'));
}

TEST_F(Packed_Files_Test, file_changed_just_before_is_not_reused) {
    EXPECT_EQ(file_identity(library, std::chrono::system_clock::now()), "");
    const std::string zip = files.zip(entries(program), std::chrono::system_clock::now()).value();
    EXPECT_GT(zip.size(), large.size() + program.size());
    EXPECT_EQ(in(zip, 0), large);
}

TEST_F(Packed_Files_Test, missing_file_fails_with_file_error) {
    fs::remove(small);
    EXPECT_THAT(files.zip(entries(program), std::chrono::system_clock::now()), test_support::Fails_with("FileError"));
}

}  // namespace
}  // namespace osbot_aws::packing
