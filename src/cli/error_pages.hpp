// The pages of docs/errors, which are part of the command: each is about one error that a user is likely to meet.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace osbot_aws::cli {

struct Error_Page {
    std::string_view name;  ///< the error's code: PortInUse, Runtime.ImportModuleError
    std::string_view text;  ///< Markdown

    /// What the error is, in one sentence.
    std::string summary() const;
};

/// All of them, by name.
std::span<const Error_Page> error_pages();

/// The page of an error, or nullptr. An error that wraps others (`DeployFailed`, `LayerFailed: WheelNotFound: ...`) has
/// the page of the innermost that has one.
const Error_Page* find_error_page(std::string_view code, std::string_view message = "");

}  // namespace osbot_aws::cli
