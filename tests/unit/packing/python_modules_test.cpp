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

/// Python searches the current folder first, so each test runs in its own temporary folder.
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

TEST_F(Python_Modules_Test, adds_a_module_with_one_file) {
    file("my_utils.py", "x = 1\n");
    EXPECT_THAT(added("my_utils"), ElementsAre("my_utils.py"));
}

TEST_F(Python_Modules_Test, adds_a_package_without_compiled_files) {
    file("shop/__init__.py");
    file("shop/orders.py");
    file("shop/data/prices.json", "{}");
    file("shop/__pycache__/orders.cpython-311.pyc");
    EXPECT_THAT(added("shop"), ElementsAre("shop/__init__.py", "shop/data/prices.json", "shop/orders.py"));
    EXPECT_THAT(added("shop.orders"), ElementsAre("shop/orders.py"));
}

TEST_F(Python_Modules_Test, adds_all_folders_of_a_namespace_package) {
    file("one/company/orders.py");
    file("two/company/prices.py");
    ::setenv("PYTHONPATH", "one:two", 1);
    EXPECT_THAT(added("company"), ElementsAre("company/orders.py", "company/prices.py"));
    ::unsetenv("PYTHONPATH");
}

TEST_F(Python_Modules_Test, does_not_execute_the_module) {
    file("loud.py", "open('ran', 'w').close()\n");
    EXPECT_THAT(added("loud"), ElementsAre("loud.py"));
    EXPECT_FALSE(fs::exists("ran"));
}

TEST_F(Python_Modules_Test, rejects_missing_and_builtin_modules_by_name) {
    Package package;
    const auto missing = add_python_module(package, "no_such_module", target);
    ASSERT_THAT(missing, Fails_with("ModuleNotFound"));
    EXPECT_THAT(missing.error().message, HasSubstr("'no_such_module'"));
    EXPECT_THAT(add_python_module(package, "no_such_module.inside", target), Fails_with("ModuleNotFound"));
    EXPECT_THAT(add_python_module(package, "sys", target), Fails_with("ModuleNotFound")) << "built into Python";
    EXPECT_TRUE(package.empty());
}

/// Uses a program of this host as the shared object of a module: only its ELF headers are read.
class Native_Part : public Python_Modules_Test {
protected:
    void native(const std::string& name) {
        file("fast/__init__.py");
        fs::copy_file("/proc/self/exe", fs::path("fast") / name);
    }
    Error rejection() {
        Package package;
        const auto done = add_python_module(package, "fast", target);
        EXPECT_THAT(done, Fails_with("WrongPlatform"));
        EXPECT_TRUE(package.empty());
        return done ? Error{} : done.error();
    }
#ifdef __aarch64__
    const std::string host_architecture = "arm64";
#else
    const std::string host_architecture = "x86_64";
#endif
};

TEST_F(Native_Part, other_architecture_is_rejected_with_a_solution) {
    native("core.so");
    target.architecture = host_architecture == "arm64" ? "x86_64" : "arm64";
    const Error error = rejection();
    EXPECT_THAT(error.message, HasSubstr("fast/core.so: it is for " + host_architecture));
    EXPECT_THAT(error.message, HasSubstr("set_packages_using_layer({\"fast\"})"));
}

TEST_F(Native_Part, other_python_version_is_rejected) {
    native("core.cpython-39-x86_64-linux-gnu.so");
    target = {"python3.13", host_architecture};
    EXPECT_THAT(rejection().message, HasSubstr("it is for Python 3.9"));
}

TEST_F(Native_Part, newer_glibc_than_the_target_has_is_rejected) {
    native("core.so");
    target = {"python3.9", host_architecture};  // Amazon Linux 2: glibc 2.26
    EXPECT_THAT(rejection().message, HasSubstr("and python3.9 has 2.26"));
}

}  // namespace
}  // namespace osbot_aws::packing
