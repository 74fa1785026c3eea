#include "engine/host_runtimes.hpp"

#include <fmt/format.h>

#include "services/lambda/running/interpreters.hpp"
#include "services/lambda/validation.hpp"

namespace osbot_aws::engine {
namespace {

constexpr const services::Language* languages[] = {&services::python_language, &services::node_language};

}  // namespace

std::vector<Host_Runtime> host_runtimes() {
    std::vector<Host_Runtime> result;
    for (const services::Language* language : languages)
        for (const auto& [version, interpreter] : language->find())
            result.push_back({language->runtime_of(version), interpreter.program});
    return result;
}

Result<Host_Runtime> nearest_runtime(const std::string& identifier) {
    for (const services::Language* language : languages) {
        const auto version = language->version_of(identifier);
        if (!version) continue;
        const services::Interpreters found = language->find();
        return language->choose(found, *version, false).transform([&](auto chosen) {
            return Host_Runtime{language->runtime_of(chosen->first), chosen->second.program};
        });
    }
    return Error{"InvalidRuntime",
                 fmt::format("the local engine does not support {}: use {} or a container image; or deploy it to AWS "
                             "(--aws)",
                             identifier, runtimes_of_this_host()),
                 0};
}

std::string runtimes_of_this_host() {
    std::string names = "provided.al2023, provided.al2";
    for (const Host_Runtime& runtime : host_runtimes())
        if (!is_retired_runtime(runtime.identifier)) names += ", " + runtime.identifier;
    return names;
}

bool is_retired_runtime(const std::string& identifier) { return services::is_retired_runtime(identifier); }

}  // namespace osbot_aws::engine
