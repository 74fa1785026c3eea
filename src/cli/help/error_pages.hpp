// The pages of docs/errors, compiled into the command. Each page is about one error that users are likely to see.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace osbot_aws::cli {

struct Error_Page {
    std::string_view name;  ///< the error's code: PortInUse, Runtime.ImportModuleError
    std::string_view text;  ///< Markdown

    /// Returns the page's first sentence, which describes the error.
    std::string summary() const;
};

/// Returns all pages, sorted by name.
std::span<const Error_Page> error_pages();

/// Returns the page of an error, or nullptr.
const Error_Page* find_error_page(std::string_view code);

}  // namespace osbot_aws::cli
