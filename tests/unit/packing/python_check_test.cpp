#include "packing/python_check.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.hpp"
#include "packing/handlers.hpp"
#include "support/printers.hpp"

namespace osbot_aws::packing {
namespace {

namespace fs = std::filesystem;
using test_support::Fails_with;
using testing::AllOf;
using testing::HasSubstr;

class Python_Check_Test : public testing::Test {
protected:
    void source(const std::string& path, std::string text) {
        package_.add({.path = path, .file = {}, .bytes = std::move(text)});
    }
    Result<std::string> check(const std::string& handler, bool has_layers = false) const {
        return check_python_handler(package_,
                                    {.handler = handler, .has_layers = has_layers, .interpreter = interpreter_});
    }
    Package package_;
    const fs::path interpreter_ = base::find_program("python3").value();
};

TEST_F(Python_Check_Test, accepts_handlers_that_can_be_imported) {
    source("app.py", "from lib.tools import helper\ndef run(event, context): return helper(event)\n");
    source("lib/__init__.py", "");
    source("lib/tools.py", "def helper(event): return event\n");
    source("src/nested.py", "class Handler: pass\nif True:\n    run = Handler()\n");
    EXPECT_EQ(check("app.run").value(), "");
    EXPECT_EQ(check("src.nested.run").value(), "");
    EXPECT_EQ(check("src/nested.run").value(), "") << "Lambda accepts slashes";
}

TEST_F(Python_Check_Test, reads_files_of_this_host) {
    const base::Temporary_Folder folder;
    base::write_file(folder.path() / "app.py", "def run(event, context):\n    return (\n").value();
    package_.add_folder(folder.path()).value();
    EXPECT_THAT(check("app.run"), Fails_with("Runtime.UserCodeSyntaxError"));
}

TEST_F(Python_Check_Test, missing_file_fails_unless_a_layer_may_have_it) {
    source("app.py", "def run(event, context): pass\n");
    const auto missing = check("other.run");
    EXPECT_THAT(missing, Fails_with("Runtime.ImportModuleError"));
    EXPECT_THAT(missing.error().message, HasSubstr("the package has no other.py for the handler 'other.run'"));
    EXPECT_THAT(check("other.run", true).value(), HasSubstr("it must be in a layer"));
    EXPECT_THAT(check("run"), Fails_with("Runtime.ImportModuleError")) << "not module.function";
}

TEST_F(Python_Check_Test, extension_modules_and_folders_count_as_files) {
    source("native.cpython-311-x86_64-linux-gnu.so",
           "\x7f"
           "ELF");
    source("space/inner.py", "");
    EXPECT_EQ(check("native.run").value(), "");
    EXPECT_EQ(check("space.run").value(), "") << "a namespace package";
}

TEST_F(Python_Check_Test, syntax_errors_fail_with_file_and_line) {
    source("app.py", "import lib\ndef run(event, context): pass\n");
    source("lib.py", "x = 1\ndef broken(:\n    pass\n");
    source("unused.py", "print 'Python 2'\n");
    const auto failed = check("app.run");
    EXPECT_THAT(failed, Fails_with("Runtime.UserCodeSyntaxError"));
    EXPECT_THAT(failed.error().message,
                AllOf(HasSubstr("lib.py, line 2"), HasSubstr("def broken(:"), HasSubstr("Python 3")));
    source("lib.py", "return 1\n");
    EXPECT_THAT(check("app.run").error().message, HasSubstr("'return' outside function"));
    source("lib.py", "");
    EXPECT_EQ(check("app.run").value(), "") << "files that the handler does not import may have errors";
}

TEST_F(Python_Check_Test, imports_that_may_be_skipped_are_not_followed) {
    source("app.py",
           "try:\n    import broken\nexcept SyntaxError: pass\ndef run(event, context):\n    import broken\n");
    source("broken.py", "(");
    EXPECT_EQ(check("app.run").value(), "");
}

TEST_F(Python_Check_Test, relative_and_cyclic_imports_are_followed) {
    source("shop/__init__.py", "from .orders import run\n");
    source("shop/orders.py", "from . import prices\nfrom ..shop import missing\ndef run(event, context): pass\n");
    source("shop/prices.py", "import shop\nx = (\n");
    EXPECT_THAT(check("shop.orders.run").error().message, HasSubstr("shop/prices.py, line 2"));
}

struct Visible_Case {
    const char* name;
    const char* text;
    bool warns;
};
void PrintTo(const Visible_Case& c, std::ostream* out) { *out << c.text; }
class Visible_Test : public Python_Check_Test, public testing::WithParamInterface<Visible_Case> {};

TEST_P(Visible_Test, warns_about_handlers_that_are_not_visible) {
    source("app.py", GetParam().text);
    const auto checked = check("app.handler");
    ASSERT_TRUE(checked.has_value()) << checked.error().message;
    EXPECT_EQ(!checked->empty(), GetParam().warns) << *checked;
}

INSTANTIATE_TEST_SUITE_P(
    cases, Visible_Test,
    testing::Values(Visible_Case{"assigned", "from x import Mangum\nhandler = Mangum(1)\n", false},
                    Visible_Case{"annotated", "handler: object = print\n", false},
                    Visible_Case{"imported", "from lib import run as handler\n", false},
                    Visible_Case{"conditional",
                                 "try:\n    from a import handler\nexcept ImportError:\n    handler = None\n", false},
                    Visible_Case{"decorated_async", "@sync\nasync def handler(e, c): pass\n", false},
                    Visible_Case{"star", "from lib import *\n", true},
                    Visible_Case{"other_name", "def run(event, context): pass\n", true},
                    Visible_Case{"local", "def run():\n    handler = 1\n", true}),
    [](const auto& c) { return std::string(c.param.name); });

TEST_F(Python_Check_Test, warning_lists_the_functions_of_the_file) {
    source("app.py", "def run(event, context): pass\ndef main(): pass\n");
    EXPECT_THAT(check("app.handler").value(), HasSubstr("no `handler` is visible in app.py; its functions: run, main"));
}

TEST_F(Python_Check_Test, async_handler_fails_with_the_way_out) {
    source("app.py", "async def handler(event, context): pass\n");
    EXPECT_THAT(check("app.handler"), Fails_with("InvalidHandler"));
    EXPECT_THAT(check("app.handler").error().message, HasSubstr("asyncio.run()"));
}

TEST_F(Python_Check_Test, handler_with_other_parameters_fails_with_the_way_out) {
    for (const char* parameters : {"", "event", "*, event", "event, context, *, more", "a, b, c", "event, **more"}) {
        source("app.py", fmt::format("def handler({}): pass\n", parameters));
        EXPECT_THAT(check("app.handler"), Fails_with("InvalidHandler")) << parameters;
        EXPECT_THAT(check("app.handler").error().message, HasSubstr("`def handler(event, context)`"));
    }
    for (const char* parameters : {"event, context", "event, _=None", "a, b, c=1", "*all", "event, *more, last=1"}) {
        source("app.py", fmt::format("def handler({}): pass\n", parameters));
        EXPECT_EQ(check("app.handler").value(), "") << parameters;
    }
    source("app.py", "@inject(1)\ndef handler(event, context, table): pass\n");
    EXPECT_EQ(check("app.handler").value(), "") << "a decorator may change the parameters";
}

TEST_F(Python_Check_Test, generator_fails_with_the_way_out) {
    source("app.py", "def handler(event, context):\n    for x in event:\n        yield x\n");
    EXPECT_THAT(check("app.handler").error().message, HasSubstr("is a generator"));
    source("app.py", "def handler(event, context):\n    def inner():\n        yield 1\n    return list(inner())\n");
    EXPECT_EQ(check("app.handler").value(), "");
}

TEST_F(Python_Check_Test, interpreter_that_does_not_work_is_a_warning) {
    source("app.py", "def run(event, context): pass\n");
    const auto checked = check_python_handler(package_, {.handler = "app.run", .interpreter = "/bin/false"});
    EXPECT_THAT(checked.value(), HasSubstr("the code was not checked"));
}

// ---- detection of the handler ----

TEST(Find_Python_Handler_Test, finds_assigned_and_imported_handlers) {
    EXPECT_EQ(find_python_handler("app = 1\nhandler = Mangum(app)\n").value(), "handler");
    EXPECT_EQ(find_python_handler("handler: Any = Mangum(app)\n").value(), "handler");
    EXPECT_EQ(find_python_handler("from lib import (\n    x as y,\n    run as lambda_handler,\n)\n").value(),
              "lambda_handler");
    EXPECT_EQ(find_python_handler("from lib import other, handler\n").value(), "handler");
    EXPECT_THAT(find_python_handler("from lib import other_handler\n"), Fails_with("HandlerNotFound"));
    EXPECT_THAT(find_python_handler("print(handler == 1)\nx.handler = 1\nhandlers = 2\n"),
                Fails_with("HandlerNotFound"));
}

}  // namespace
}  // namespace osbot_aws::packing
