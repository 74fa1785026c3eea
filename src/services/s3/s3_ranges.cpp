#include "services/s3/s3_ranges.hpp"

#include <algorithm>

#include "base/numbers.hpp"

namespace osbot_aws::services {

Result<std::optional<Byte_Range>> range_of(std::string_view header, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    const auto dash = header.find('-');
    if (!header.starts_with(unit) || dash == std::string_view::npos) return std::optional<Byte_Range>{};
    const auto first = base::parse_number<std::uint64_t>(header.substr(unit.size(), dash - unit.size()));
    const auto last = base::parse_number<std::uint64_t>(header.substr(dash + 1));
    const bool to_the_end = dash + 1 == header.size();
    const Error unsatisfiable{"InvalidRange", "The requested range is not satisfiable", 416};
    if (dash == unit.size()) {  // the last N bytes
        if (!last) return std::optional<Byte_Range>{};
        if (*last == 0 || size == 0) return unsatisfiable;
        const auto count = std::min(*last, size);
        return std::optional{Byte_Range{size - count, count}};
    }
    if (!first || (!last && !to_the_end) || (last && *last < *first)) return std::optional<Byte_Range>{};
    if (*first >= size) return unsatisfiable;
    return std::optional{Byte_Range{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1}};
}

}  // namespace osbot_aws::services
