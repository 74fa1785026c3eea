#include "engine/host_runtimes.hpp"

#include <fmt/format.h>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "services/lambda/running/runtimes.hpp"
#include "services/lambda/validation.hpp"

namespace osbot_aws::engine {

std::vector<Host_Runtime> host_runtimes() {
    std::vector<Host_Runtime> result;
    services::Runtimes runtimes({}, false);
    for (const auto& [minor, python] : runtimes.pythons())
        result.push_back({fmt::format("python3.{}", minor), python.program});
    return result;
}

std::optional<Host_Runtime> nearest_runtime(const std::string& identifier) {
    std::string_view version = identifier;
    if (!base::take_prefix(version, "python3.")) return std::nullopt;
    const auto minor = base::parse_number<int>(version);
    services::Runtimes runtimes({}, false);
    const auto& pythons = runtimes.pythons();
    if (!minor || pythons.empty()) return std::nullopt;
    const auto& [found, python] = *services::Runtimes::nearest(pythons, *minor);
    return Host_Runtime{fmt::format("python3.{}", found), python.program};
}

std::string runtimes_of_this_host() {
    std::string names = "provided.al2023, provided.al2";
    for (const Host_Runtime& runtime : host_runtimes())
        if (!is_retired_runtime(runtime.identifier)) names += ", " + runtime.identifier;
    return names;
}

bool is_retired_runtime(const std::string& identifier) { return services::is_retired_runtime(identifier); }

}  // namespace osbot_aws::engine
