// Untrusted zips: extraction writes nothing outside the target folder.
#include <filesystem>

#include "base/files.hpp"
#include "base/zip_reader.hpp"
#include "base/zip_writer.hpp"
#include "fuzz.hpp"

using namespace osbot_aws::base;
namespace fs = std::filesystem;

std::vector<std::string> seeds() {
    const auto zip = [](std::vector<Zip_Entry> entries) { return write_zip(entries).value(); };
    return {zip({{.path = "app.py", .file = {}, .bytes = "def handler(event, context): pass\n"}}),
            zip({{.path = "bin/run", .file = {}, .bytes = "#!/bin/sh\n", .executable = true},
                 {.path = "lib/data", .file = {}, .bytes = std::string(3000, 'x')}}),
            zip({{.path = "a/b", .file = {}, .bytes = "x"},
                 {.path = "a/link", .file = {}, .bytes = "../a/b", .symlink = true},
                 {.path = "t", .file = {}, .bytes = "/etc", .symlink = true}})};
}

void run_target(std::string_view bytes) {
    const auto reader = Zip_Reader::open_bytes(bytes, 1 << 20);
    if (!reader) return;
    for (const auto& entry : reader->entries()) (void)reader->read(entry);
    const Temporary_Folder outside("fuzz");
    (void)reader->extract_to(outside.path() / "inside");
    for (const auto& entry : fs::directory_iterator(outside.path())) require(entry.path().filename() == "inside");
}
