#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "base/files.hpp"
#include "base/subprocess.hpp"
#include "base/zip_reader.hpp"
#include "packing/elf.hpp"
#include "packing/handlers.hpp"
#include "packing/package.hpp"
#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::Contains;
using testing::HasSubstr;

const fs::path program = PROGRAM;  // tests/unit/runtime/program.cpp
const std::string host_architecture = sizeof(void*) == 8 && std::string(MACHINE) == "aarch64" ? "arm64" : "x86_64";

// ---- changing a program ----

template <class T, class Change>
void change(std::string& bytes, std::uint64_t at, Change modify) {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    modify(value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

Elf64_Ehdr header_of(const std::string& bytes) {
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    return header;
}

template <class T>
std::vector<T> table(const std::string& bytes, Elf64_Off Elf64_Ehdr::*offset, Elf64_Half Elf64_Ehdr::*count) {
    const Elf64_Ehdr header = header_of(bytes);
    std::vector<T> all(header.*count);
    std::memcpy(all.data(), bytes.data() + header.*offset, all.size() * sizeof(T));
    return all;
}

void change_dynamic(std::string& bytes, std::int64_t tag, std::uint64_t value) {
    for (const auto& segment : table<Elf64_Phdr>(bytes, &Elf64_Ehdr::e_phoff, &Elf64_Ehdr::e_phnum)) {
        if (segment.p_type != PT_DYNAMIC) continue;
        for (std::uint64_t at = 0; at < segment.p_filesz; at += sizeof(Elf64_Dyn))
            change<Elf64_Dyn>(bytes, segment.p_offset + at, [&](Elf64_Dyn& entry) {
                if (entry.d_tag == tag) entry.d_un.d_val = value;
            });
    }
}

class Executable_Test : public testing::Test {
protected:
    fs::path file(const std::string& name, std::string_view bytes) const {
        const fs::path path = folder_.path() / name;
        base::write_file(path, bytes).value();
        fs::permissions(path, fs::perms::owner_all);
        return path;
    }
    fs::path unpacked(const Package& package) const {
        const std::string zip = package.zip().value().bytes;
        base::Zip_Reader::open_bytes(zip).value().extract_to(folder_.path() / "task").value();
        return folder_.path() / "task";
    }
    const base::Temporary_Folder folder_;
};

// ---- ELF ----

TEST_F(Executable_Test, read_elf_returns_dependencies_of_a_program) {
    const Elf elf = read_elf(program).value().value();
    EXPECT_EQ(elf.architecture, host_architecture);
    EXPECT_TRUE(elf.program);
    EXPECT_TRUE(elf.symbols);
    EXPECT_THAT(elf.interpreter, HasSubstr("ld-linux"));
    EXPECT_THAT(elf.needed, Contains("libc.so.6"));
    EXPECT_THAT(elf.glibc_versions, Contains("2.34"));
}

TEST_F(Executable_Test, read_elf_survives_truncated_and_corrupt_files) {
    const std::string whole = base::read_file(program).value();
    for (const std::size_t size : {4u, 16u, 63u, 64u, 100u, 700u, 5000u}) {
        const auto read = read_elf(file("cut", std::string_view(whole).substr(0, size)));
        EXPECT_TRUE(read || read.error().code == "BadElf");
    }
    std::mt19937 random(7);
    for (int i = 0; i < 300; ++i) {
        std::string changed = whole.substr(0, 8192);
        for (int k = 0; k < 20; ++k) changed[4 + random() % (changed.size() - 4)] = static_cast<char>(random());
        (void)read_elf(file("changed", changed));
    }
}

TEST_F(Executable_Test, read_elf_terminates_for_a_cyclic_version_list) {
    std::string bytes = base::read_file(program).value();
    for (const auto& section : table<Elf64_Shdr>(bytes, &Elf64_Ehdr::e_shoff, &Elf64_Ehdr::e_shnum)) {
        if (section.sh_type != SHT_GNU_verneed) continue;
        change<Elf64_Verneed>(bytes, section.sh_offset, [](Elf64_Verneed& need) { need.vn_next = 0; });
    }
    change_dynamic(bytes, DT_VERNEEDNUM, 1ull << 60);
    EXPECT_TRUE(read_elf(file("loops", bytes)).value().has_value());
}

TEST(Newer_Version_Test, compares_versions_numerically) {
    EXPECT_TRUE(newer_version("2.36", "2.34"));
    EXPECT_TRUE(newer_version("2.100", "2.34"));
    EXPECT_FALSE(newer_version("2.34", "2.34"));
    EXPECT_FALSE(newer_version("2.4", "2.34"));
    EXPECT_TRUE(newer_version("2.34.1", "2.34"));
}

// ---- packing a program ----

TEST_F(Executable_Test, add_executable_rejects_text_and_other_architectures) {
    Package package;
    EXPECT_THAT(add_executable(package, file("text", "#!/bin/sh\n"), host_architecture), Fails_with("NotExecutable"));
    EXPECT_THAT(add_executable(package, "/not/there", host_architecture), Fails_with("FileError"));
    const std::string other = host_architecture == "arm64" ? "x86_64" : "arm64";
    const auto mismatch = add_executable(package, program, other);
    EXPECT_THAT(mismatch, Fails_with("ArchitectureMismatch"));
    EXPECT_THAT(mismatch.error().message, testing::AllOf(HasSubstr(host_architecture), HasSubstr(other)));
    EXPECT_TRUE(package.empty());
}

TEST_F(Executable_Test, add_executable_rejects_a_shared_library) {
    std::string library = base::read_file(program).value();
    // A program without an interpreter and without the flag of a position-independent executable is a shared library.
    std::uint64_t at = header_of(library).e_phoff;
    for (const auto& segment : table<Elf64_Phdr>(library, &Elf64_Ehdr::e_phoff, &Elf64_Ehdr::e_phnum)) {
        if (segment.p_type == PT_INTERP)
            change<Elf64_Phdr>(library, at, [](Elf64_Phdr& interpreter) { interpreter.p_type = PT_NULL; });
        at += sizeof(Elf64_Phdr);
    }
    change_dynamic(library, DT_FLAGS_1, 0);
    Package package;
    const auto added = add_executable(package, file("libthing.so", library), host_architecture);
    EXPECT_THAT(added, Fails_with("NotExecutable"));
    EXPECT_THAT(added.error().message, HasSubstr("is a shared library, not a program"));
}

TEST_F(Executable_Test, packed_program_runs_in_any_folder) {
    Package package;
    add_executable(package, program, host_architecture).value();
    const fs::path task = unpacked(package);
    const auto list = [&](std::vector<std::string> variables) {
        variables.push_back("OSBOT_AWS_LIST_HANDLERS=1");
        base::Program run{.argv = {(task / "bootstrap").string()}, .environment = variables, .folder = "/"};
        return base::run_program(run).value();
    };
    const auto listed = list({"LAMBDA_TASK_ROOT=" + task.string()});
    EXPECT_EQ(listed.exit_code, 0) << listed.errors;
    EXPECT_THAT(listed.output, HasSubstr("shop_price\n"));
    EXPECT_EQ(list({}).output, listed.output) << "without the variable it uses its own folder";
    EXPECT_EQ(list({"LAMBDA_TASK_ROOT=/not/there"}).exit_code, 127);
}

TEST_F(Executable_Test, packed_libc_is_not_in_lambdas_library_path) {
    Package package;
    add_executable(package, program, host_architecture).value();
    for (const Entry& entry : package.entries()) EXPECT_NE(fs::path(entry.path).parent_path(), "lib") << entry.path;
}

TEST_F(Executable_Test, packed_program_has_no_symbols) {
    Package package;
    add_executable(package, program, host_architecture).value();
    const fs::path task = unpacked(package);
    EXPECT_FALSE(read_elf(task / "bin/program").value().value().symbols);
    EXPECT_LT(fs::file_size(task / "bin/program"), fs::file_size(program));
    EXPECT_THAT(list_program_handlers(task / "bin/program").value(), Contains("shop_price")) << "and it runs";
}

TEST_F(Executable_Test, loaded_part_removes_symbols_and_section_table) {
    const std::string part = loaded_part(program).value();
    EXPECT_EQ(header_of(part).e_shnum, 0);
    EXPECT_EQ(part.substr(sizeof(Elf64_Ehdr)),
              base::read_file(program).value().substr(sizeof(Elf64_Ehdr), part.size() - sizeof(Elf64_Ehdr)));
    EXPECT_EQ(loaded_part(file("again", part)).value(), part);
    EXPECT_THAT(loaded_part(file("cut", part.substr(0, part.size() - 1))), Fails_with("BadElf"));
    EXPECT_THAT(loaded_part(file("text", "not a program")), Fails_with("BadElf"));
}

// ---- listing the handlers of a program ----

TEST_F(Executable_Test, list_program_handlers_returns_registered_handlers) {
    EXPECT_THAT(list_program_handlers(program).value(), Contains("shop_price"));
}

TEST_F(Executable_Test, list_program_handlers_rejects_other_programs) {
    EXPECT_THAT(list_program_handlers(file("prints", "#!/bin/sh\necho Hello, you!\n")), Fails_with("HandlerNotFound"));
    EXPECT_THAT(list_program_handlers(file("fails", "#!/bin/sh\nexit 3\n")), Fails_with("HandlerNotFound"));
    EXPECT_THAT(list_program_handlers(file("nothing", "#!/bin/sh\n")), Fails_with("HandlerNotFound"));
    EXPECT_THAT(list_program_handlers(file("reads", "#!/bin/sh\ncat\n")), Fails_with("HandlerNotFound"));
}

}  // namespace
}  // namespace osbot_aws::packing
