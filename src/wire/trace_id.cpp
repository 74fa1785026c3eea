#include "wire/trace_id.hpp"

#include <fmt/format.h>

#include "base/characters.hpp"
#include "base/encoding.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"

namespace osbot_aws::wire {
namespace {

constexpr std::size_t sent_bytes_max = 512;  // a longer text is not a trace

bool has_part(std::string_view trace, std::string_view name) {
    while (!trace.empty())
        if (base::take_until(trace, ';').starts_with(name)) return true;
    return false;
}

}  // namespace

std::string trace_id(std::string_view sent, bool traced, base::Time now) {
    const bool has_root = sent.size() <= sent_bytes_max && has_part(sent, "Root=");
    std::string trace(has_root ? sent : "");
    if (has_root && has_part(sent, "Parent=") && has_part(sent, "Sampled=")) return trace;
    const std::string random = base::hex_encode(base::random_bytes(20));
    if (!has_root) trace = fmt::format("Root=1-{:08x}-{}", base::unix_ms(now) / 1000, random.substr(0, 24));
    if (!has_part(trace, "Parent=")) trace += ";Parent=" + random.substr(24);
    if (!has_part(trace, "Sampled=")) trace += traced ? ";Sampled=1" : ";Sampled=0";
    return trace;
}

}  // namespace osbot_aws::wire
