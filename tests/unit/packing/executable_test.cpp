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
    EXPECT_THAT(list_program_handlers("/usr/bin/id"), Fails_with("HandlerNotFound"));
    const auto failed = list_program_handlers("/bin/false");
    EXPECT_THAT(failed, Fails_with("HandlerNotFound"));
    EXPECT_THAT(failed.error().message, HasSubstr("exited with status 1"));
    EXPECT_THAT(list_program_handlers("/bin/true"), Fails_with("HandlerNotFound"));
    EXPECT_THAT(list_program_handlers("/bin/cat"), Fails_with("HandlerNotFound"));
}

TEST_F(Executable_Test, list_program_handlers_rejects_files_that_cannot_start) {
    EXPECT_THAT(list_program_handlers(file("script", "#!/bin/sh\necho x\n")), Fails_with("NotExecutable"));
    EXPECT_THAT(list_program_handlers(file("text", "hello")).error().message, HasSubstr("is not an ELF executable"));
    std::string foreign = base::read_file(program).value();
    change<Elf64_Ehdr>(foreign, 0, [](Elf64_Ehdr& header) { header.e_machine = EM_RISCV; });
    const auto failed = list_program_handlers(file("foreign", foreign));
    EXPECT_THAT(failed, Fails_with("NotExecutable"));
    EXPECT_THAT(failed.error().message, HasSubstr("name one in"));
}

TEST_F(Executable_Test, program_handler_name_accepts_the_qualified_name) {
    EXPECT_EQ(program_handler_name("shop::api"), "shop_api");
    EXPECT_EQ(program_handler_name("a::b::c"), "a_b_c");
    EXPECT_EQ(program_handler_name("run"), "run");
}

// ---- shared libraries of a program ----

/// A program that needs lib/libprice.so, which only LD_LIBRARY_PATH names. Compiled with the system's compiler.
class Library_Path_Test : public Executable_Test {
protected:
    void SetUp() override {
        const auto compiler = base::find_program("cc");
        if (!compiler) GTEST_SKIP() << "no C compiler on PATH";
        fs::create_directories(folder_.path() / "lib");
        file("price.c", "int price(void) { return 0; }\n");
        file("main.c",
             "int printf(const char*, ...);\nint price(void);\n"
             "int main(void) { printf(\"shop_price\\n\"); return price(); }\n");
        run({compiler->string(), "-shared", "-fPIC", "-o", "lib/libprice.so", "price.c"});
        run({compiler->string(), "-o", "main", "main.c", "-Llib", "-lprice"});
    }
    ~Library_Path_Test() override { ::unsetenv("LD_LIBRARY_PATH"); }
    void run(std::vector<std::string> argv) const {
        const auto end = base::run_program({.argv = std::move(argv), .folder = folder_.path()}).value();
        ASSERT_EQ(end.exit_code, 0) << end.errors;
    }
};

TEST_F(Library_Path_Test, missing_library_is_reported_in_the_loaders_words) {
    const auto listed = list_program_handlers(folder_.path() / "main");
    EXPECT_THAT(listed, Fails_with("NotExecutable"));
    EXPECT_THAT(listed.error().message, HasSubstr("libprice.so: cannot open shared object file"));
    Package package;
    const auto added = add_executable(package, folder_.path() / "main", host_architecture);
    EXPECT_THAT(added, Fails_with("NotExecutable"));
    EXPECT_THAT(added.error().message, HasSubstr("libprice.so: cannot open shared object file"));
}

TEST_F(Library_Path_Test, library_path_is_passed_to_the_program_and_the_loader) {
    const fs::path before = fs::current_path();
    for (const std::string& folders : {(folder_.path() / "lib").string(), std::string("lib")}) {
        fs::current_path(folder_.path());  // a relative path is relative to the working directory
        ::setenv("LD_LIBRARY_PATH", folders.c_str(), 1);
        EXPECT_THAT(list_program_handlers("main").value(), Contains("shop_price")) << folders;
        Package package;
        const auto added = add_executable(package, "main", host_architecture);
        fs::current_path(before);
        ASSERT_TRUE(added.has_value()) << added.error().message;
        EXPECT_THAT(package.entries(), Contains(testing::Field(&Entry::path, "lib/packed/libprice.so"))) << folders;
    }
}

// ---- programs for another processor ----

/// A program and its libraries that say in their headers that they are for another processor.
class Other_Processor_Test : public Executable_Test {
protected:
    void SetUp() override {
        Package package;
        add_executable(package, program, host_architecture).value();
        for (const auto& entry : fs::directory_iterator(unpacked(package) / "lib/packed"))
            file(entry.path().filename().string(), for_other(base::read_file(entry.path()).value()));
        fs::remove_all(folder_.path() / "task");
        file("main", for_other(base::read_file(program).value()));
    }
    ~Other_Processor_Test() override { ::unsetenv("LD_LIBRARY_PATH"); }
    std::string for_other(std::string elf) const {
        change<Elf64_Ehdr>(elf, 0, [&](Elf64_Ehdr& header) {
            header.e_machine = other_architecture_ == "arm64" ? EM_AARCH64 : EM_X86_64;
        });
        return elf;
    }
    const std::string other_architecture_ = host_architecture == "arm64" ? "x86_64" : "arm64";
};

TEST_F(Other_Processor_Test, add_executable_finds_libraries_of_the_same_processor) {
    const std::string folder = folder_.path().string();
    // The libraries of this host have the same names, and are skipped.
    ::setenv("LD_LIBRARY_PATH", ("/usr/lib/" MACHINE "-linux-gnu:" + folder).c_str(), 1);
    Package package;
    const auto added = add_executable(package, folder_.path() / "main", other_architecture_);
    ASSERT_TRUE(added.has_value()) << added.error().message;
    const fs::path task = unpacked(package);
    for (const char* name : {"bin/program", "lib/packed/libc.so.6"})
        EXPECT_EQ(read_elf(task / name).value().value().architecture, other_architecture_) << name;
    EXPECT_THAT(base::read_file(task / "bootstrap").value(), testing::StartsWith("#!/bin/sh\n"));
}

TEST_F(Other_Processor_Test, add_executable_names_a_missing_library) {
    ::setenv("LD_LIBRARY_PATH", folder_.path().c_str(), 1);
    std::string bytes = base::read_file(folder_.path() / "main").value();
    bytes[bytes.find("libc.so.6") + 3] = 'x';
    Package package;
    const auto added = add_executable(package, file("missing", bytes), other_architecture_);
    EXPECT_THAT(added, Fails_with("NotExecutable"));
    EXPECT_THAT(added.error().message, HasSubstr("libx.so.6 for " + other_architecture_ + ", which is in none of"));
    // The folders of Debian's cross compilers, and of its packages for another processor.
    const std::string triple = other_architecture_ == "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
    EXPECT_THAT(added.error().message, HasSubstr("/usr/" + triple + "/lib, /usr/lib/" + triple));
}

TEST_F(Executable_Test, launcher_script_starts_a_packed_program) {
    Package package;
    add_executable(package, program, host_architecture).value();
    package.add(
        {.path = "bootstrap", .file = {}, .bytes = base::read_file(LAUNCHER_SCRIPT).value(), .executable = true});
    const fs::path task = unpacked(package);
    const auto end = base::run_program({.argv = {(task / "bootstrap").string()},
                                        .environment = std::vector<std::string>{"OSBOT_AWS_LIST_HANDLERS=1",
                                                                                "LAMBDA_TASK_ROOT=" + task.string()}})
                         .value();
    EXPECT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_THAT(end.output, HasSubstr("shop_price\n"));
}

}  // namespace
}  // namespace osbot_aws::packing
