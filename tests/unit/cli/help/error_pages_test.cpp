#include "cli/help/error_pages.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace osbot_aws::cli {
namespace {

using testing::EndsWith;
using testing::IsNull;
using testing::StartsWith;

std::string text_of(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

/// Replaces the constants of base/error_codes.hpp by their texts, where an error is created: `local_error(codes::x,
/// ...)` and `{codes::x, ...}`.
std::string with_texts_of_codes(std::string sources) {
    std::istringstream constants(text_of(std::filesystem::path(SOURCE_FOLDER) / "base/error_codes.hpp"));
    for (std::string word, type, star, name, equals, text; constants >> word;) {
        if (word != "constexpr" || !(constants >> type >> star >> name >> equals >> text)) continue;
        for (const char* before : {"_error(", "{"}) {
            const std::string use = before + ("codes::" + name);
            for (std::size_t at = 0; (at = sources.find(use, at)) != std::string::npos;)
                sources.replace(at, use.size(), before + text.substr(0, text.size() - 1));
        }
    }
    return sources;
}

std::string all_sources() {
    std::string sources;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SOURCE_FOLDER)) {
        const auto name = entry.path().filename(), kind = entry.path().extension();
        // options.cpp compares codes to select the exit code; error_codes.hpp only names them.
        if (name == "options.cpp" || name == "error_codes.hpp" || (kind != ".cpp" && kind != ".hpp" && kind != ".py"))
            continue;
        sources += text_of(entry.path());
    }
    return with_texts_of_codes(std::move(sources));
}

/// Returns true if the sources create an error with this name: {"Name", ...}, Failure("Name", ...) or `? "Name" : ...`.
/// A comparison with the name does not count.
bool raised(const std::string& sources, std::string_view name) {
    const std::string quoted = '"' + std::string(name) + '"';
    for (std::size_t at = 0; (at = sources.find(quoted, at)) != std::string::npos; at += quoted.size()) {
        const std::size_t before = sources.find_last_not_of(" \n", at - 1);
        const bool compared =
            sources[before] == '=' && std::string_view("=!").find(sources[before - 1]) != std::string_view::npos;
        if (!compared && std::string_view("{(?:=").find(sources[before]) != std::string_view::npos) return true;
    }
    return false;
}

TEST(Error_Pages_Test, each_page_explains_an_error_that_is_raised) {
    const std::string sources = all_sources();
    for (const Error_Page& page : error_pages())
        EXPECT_TRUE(raised(sources, page.name)) << page.name << " has a page, but no source raises it";
}

TEST(Error_Pages_Test, each_page_is_found_by_name_and_has_summary_and_advice) {
    for (const Error_Page& page : error_pages()) {
        ASSERT_EQ(find_error_page(page.name)->text, page.text);
        EXPECT_THAT(std::string(page.text), StartsWith("# " + std::string(page.name) + "\n\n"));
        EXPECT_THAT(page.summary(), EndsWith(".")) << page.name;
        EXPECT_NE(page.text.find("\n- "), std::string_view::npos) << page.name << " has no advice";
    }
}

TEST(Error_Pages_Test, returns_null_for_an_error_without_a_page) {
    EXPECT_THAT(find_error_page("DeployFailed"), IsNull());
    EXPECT_THAT(find_error_page(""), IsNull());
}

}  // namespace
}  // namespace osbot_aws::cli
