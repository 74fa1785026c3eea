#include "packing/node_packages.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"

namespace osbot_aws::packing {
namespace {

struct Export_Case {
    const char* source;
    const char* handler;  ///< empty: HandlerNotFound
};

TEST(Node_Packages_Test, handler_is_found_among_the_exports) {
    const Export_Case cases[] = {
        {"exports.handler = async () => 1;", "handler"},
        {"module.exports.run = () => 1", "run"},
        {"module.exports = {first, handler, last: () => 1};", "handler"},
        {"module.exports = {only: (a, b) => ({a, b})};", "only"},
        {"module.exports = {async only(event) { return {event}; }};", "only"},
        {"export const handler = 1;", "handler"},
        {"export async function price(event) {}", "price"},
        {"export function* numbers() {}", "numbers"},
        {"const a = 1; export { a as lambdaHandler };", "lambdaHandler"},
        {"// exports.handler = 1\n/* export const b = 2 */ export let c = 'exports.d = 1';", "c"},
        {"if (exports.handler == 1) exports.a = `exports.b = 1`;", "a"},
        {"exports.one = exports.two = 1;", ""},
        {"", ""},
        {"exports.", ""},
        {"export {", ""},
        {"'not closed", ""},
        {"/* not closed", ""},
    };
    for (const auto& [source, handler] : cases) {
        const auto found = find_node_handler(source);
        if (*handler != '\0')
            EXPECT_EQ(found ? *found : found.error().message, handler) << source;
        else
            EXPECT_EQ(found ? *found : found.error().code, "HandlerNotFound") << source;
    }
}

TEST(Node_Packages_Test, main_file_is_that_of_package_json) {
    const base::Temporary_Folder folder;
    EXPECT_EQ(node_main_file(folder.path()).value(), "");
    base::write_file(folder.path() / "app.cjs", "").value();
    EXPECT_EQ(node_main_file(folder.path()).value(), "app.cjs");
    base::write_file(folder.path() / "index.js", "").value();
    EXPECT_EQ(node_main_file(folder.path()).value(), "index.js");
    std::filesystem::create_directory(folder.path() / "lib");
    base::write_file(folder.path() / "lib/main.mjs", "").value();
    base::write_file(folder.path() / "package.json", R"({"main": "./lib/main.mjs"})").value();
    EXPECT_EQ(node_main_file(folder.path()).value(), "lib/main.mjs");
    base::write_file(folder.path() / "package.json", "[1]").value();
    EXPECT_EQ(node_main_file(folder.path()).error().code, "InvalidRequirements");
}

}  // namespace
}  // namespace osbot_aws::packing
