#include "server/host_runtimes.hpp"

#include <fmt/format.h>

#include "engine/lambda/runtimes.hpp"

namespace osbot_aws::server {

std::vector<Host_Runtime> host_runtimes() {
    std::vector<Host_Runtime> result;
    engine::Runtimes runtimes({}, false);
    for (const auto& [minor, python] : runtimes.pythons())
        result.push_back({fmt::format("python3.{}", minor), python.program});
    return result;
}

}  // namespace osbot_aws::server
