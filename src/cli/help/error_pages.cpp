#include "cli/help/error_pages.hpp"

#include <algorithm>

namespace osbot_aws::cli {
namespace {

constexpr Error_Page pages[] = {
#include "embedded/error_pages_rows.inc"
};

}  // namespace

std::string Error_Page::summary() const {
    const std::string_view body = text.substr(text.find("\n\n") + 2);
    std::string sentence(body.substr(0, std::min(body.find(". "), body.find(".\n")) + 1));
    std::ranges::replace(sentence, '\n', ' ');
    return sentence;
}

std::span<const Error_Page> error_pages() { return pages; }

const Error_Page* find_error_page(std::string_view code) {
    const auto* found = std::ranges::find(pages, code, &Error_Page::name);
    return found == std::end(pages) ? nullptr : found;
}

}  // namespace osbot_aws::cli
