#include "cli/error_pages.hpp"

#include <algorithm>

namespace osbot_aws::cli {
namespace {

constexpr Error_Page pages[] = {
#include "embedded/error_pages_rows.inc"
};
constexpr std::string_view code_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.";

const Error_Page* page_named(std::string_view name) {
    const auto* found = std::ranges::find(pages, name, &Error_Page::name);
    return found == std::end(pages) ? nullptr : found;
}

}  // namespace

std::string Error_Page::summary() const {
    const std::string_view body = text.substr(text.find("\n\n") + 2);
    std::string sentence(body.substr(0, std::min(body.find(". "), body.find(".\n")) + 1));
    std::ranges::replace(sentence, '\n', ' ');
    return sentence;
}

std::span<const Error_Page> error_pages() { return pages; }

const Error_Page* find_error_page(std::string_view code, std::string_view message) {
    const Error_Page* page = page_named(code);
    for (;;) {
        const std::size_t end = message.find(": ");
        if (end == std::string_view::npos || message.find_first_not_of(code_characters) < end) return page;
        if (const Error_Page* inner = page_named(message.substr(0, end)); inner != nullptr) page = inner;
        message.remove_prefix(end + 2);
    }
}

}  // namespace osbot_aws::cli
