#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

// The daemon's own log: events of the engine, not the output of functions. Never log payloads, environment values or
// keys.

namespace osbot_aws::base {

enum class Log_Level { info, warning, error };

/// Writes a message to the log: to stderr, warnings and errors only, until log_level() or log_to_file() is called.
void log(Log_Level level, std::string_view message);
void log_level(Log_Level minimum);
/// Redirects the log to this file. It is rotated at 10 MB; one older file is retained.
void log_to_file(const std::filesystem::path& file);

template <class... Args>
void log_info(fmt::format_string<Args...> text, Args&&... args) {
    log(Log_Level::info, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_warning(fmt::format_string<Args...> text, Args&&... args) {
    log(Log_Level::warning, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void log_error(fmt::format_string<Args...> text, Args&&... args) {
    log(Log_Level::error, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace osbot_aws::base
