#include "cli/output/sizes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace osbot_aws::cli {
namespace {

constexpr std::uint64_t bar_width = 20;

}  // namespace

std::string size_text(double bytes) {
    for (const char* unit : {"B", "KiB", "MiB"}) {
        if (bytes < 1024) return fmt::format("{:.{}f} {}", bytes, *unit == 'B' ? 0 : 1, unit);
        bytes /= 1024;
    }
    return fmt::format("{:.1f} GiB", bytes);
}

std::string transfer_text(std::uint64_t bytes, std::uint64_t total, std::chrono::duration<double> elapsed) {
    const std::uint64_t filled = total == 0 ? bar_width : std::min(bytes, total) * bar_width / total;
    std::string text;
    for (std::uint64_t i = 0; i < bar_width; ++i) text += i < filled ? "━" : "╌";
    const auto count = static_cast<double>(bytes);
    text += fmt::format(" {} of {}", size_text(count), size_text(static_cast<double>(total)));
    if (elapsed.count() > 0) text += fmt::format(", {}/s", size_text(count / elapsed.count()));
    return text;
}

}  // namespace osbot_aws::cli
