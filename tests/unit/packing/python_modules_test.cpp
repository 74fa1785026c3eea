#include "packing/python_modules.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::ElementsAre;
using testing::HasSubstr;

/// Python looks in the current folder first, so each test makes one of its own.
class Python_Modules_Test : public testing::Test {
protected:
    Python_Modules_Test() { fs::current_path(folder.path()); }
    ~Python_Modules_Test() override { fs::current_path(before); }

    static void file(const fs::path& path, std::string_view text = "") {
        if (path.has_parent_path()) fs::create_directories(path.parent_path());
        base::write_file(path, text).value();
    }
    std::vector<std::string> added(const std::string& module) {
        Package package;
        add_python_module(package, module, target).value();
        std::vector<std::string> paths;
        for (const Entry& entry : package.entries()) paths.push_back(entry.path);
        return paths;
    }

    fs::path before = fs::current_path();
    base::Temporary_Folder folder;
    Wheel_Target target;
};

TEST_F(Python_Modules_Test, a_module_of_one_file_is_that_file) {
    file("my_utils.py", "x = 1\n");
    EXPECT_THAT(added("my_utils"), ElementsAre("my_utils.py"));
}

TEST_F(Python_Modules_Test, a_package_is_its_whole_folder_without_what_python_compiled) {
    file("shop/__init__.py");
    file("shop/orders.py");
    file("shop/data/prices.json", "{}");
    file("shop/__pycache__/orders.cpython-311.pyc");
    EXPECT_THAT(added("shop"), ElementsAre("shop/__init__.py", "shop/data/prices.json", "shop/orders.py"));
    EXPECT_THAT(added("shop.orders"), ElementsAre("shop/orders.py"));
}

TEST_F(Python_Modules_Test, a_namespace_package_is_all_its_folders) {
    file("one/company/orders.py");
    file("two/company/prices.py");
    ::setenv("PYTHONPATH", "one:two", 1);
    EXPECT_THAT(added("company"), ElementsAre("company/orders.py", "company/prices.py"));
    ::unsetenv("PYTHONPATH");
}

TEST_F(Python_Modules_Test, nothing_of_the_module_is_run) {
    file("loud.py", "open('ran', 'w').close()\n");
    EXPECT_THAT(added("loud"), ElementsAre("loud.py"));
    EXPECT_FALSE(fs::exists("ran"));
}

TEST_F(Python_Modules_Test, what_is_not_there_or_has_no_files_is_an_error_that_names_it) {
    Package package;
    const auto missing = add_python_module(package, "no_such_module", target);
    ASSERT_THAT(missing, Fails_with("ModuleNotFound"));
    EXPECT_THAT(missing.error().message, HasSubstr("'no_such_module'"));
    EXPECT_THAT(add_python_module(package, "no_such_module.inside", target), Fails_with("ModuleNotFound"));
    EXPECT_THAT(add_python_module(package, "sys", target), Fails_with("ModuleNotFound")) << "built into Python";
    EXPECT_TRUE(package.empty());
}

/// A program of this machine stands for a native part: only its ELF header is looked at.
class Native_Part : public Python_Modules_Test {
protected:
    void native(const std::string& name) {
        file("fast/__init__.py");
        fs::copy_file("/proc/self/exe", fs::path("fast") / name);
    }
    Error refused() {
        Package package;
        const auto done = add_python_module(package, "fast", target);
        EXPECT_THAT(done, Fails_with("WrongPlatform"));
        EXPECT_TRUE(package.empty());
        return done ? Error{} : done.error();
    }
#ifdef __aarch64__
    const std::string here = "arm64";
#else
    const std::string here = "x86_64";
#endif
};

TEST_F(Native_Part, for_another_processor_is_refused_with_the_way_out) {
    native("core.so");
    target.architecture = here == "arm64" ? "x86_64" : "arm64";
    const Error error = refused();
    EXPECT_THAT(error.message, HasSubstr("fast/core.so: it is for " + here));
    EXPECT_THAT(error.message, HasSubstr("set_packages_using_layer({\"fast\"})"));
}

TEST_F(Native_Part, for_another_python_is_refused) {
    native("core.cpython-39-x86_64-linux-gnu.so");
    target = {"python3.13", here};
    EXPECT_THAT(refused().message, HasSubstr("it is for Python 3.9"));
}

TEST_F(Native_Part, that_needs_a_newer_c_library_than_the_target_has_is_refused) {
    native("core.so");
    target = {"python3.9", here};  // Amazon Linux 2: glibc 2.26
    EXPECT_THAT(refused().message, HasSubstr("and python3.9 has 2.26"));
}

}  // namespace
}  // namespace osbot_aws::packing
