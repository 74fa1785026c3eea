#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

// The daemon's own log: what happened to the engine, not what functions print. Never payloads, environment values or
// keys.

namespace osbot_aws::base {

enum class Log_Level { debug, info, warning, error };

/// To stderr from the start on (warnings and errors only).
void log(Log_Level level, std::string_view message);
void log_level(Log_Level least);
/// From now on to this file, up to 10 MB and one older file of the same size.
void log_to_file(const std::filesystem::path& file);

template <class... Args>
void log_debug(fmt::format_string<Args...> text, Args&&... args) {
    log(Log_Level::debug, fmt::format(text, std::forward<Args>(args)...));
}
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
