// `osbot deploy` without osbot.toml: a setting that no option names keeps its value on an existing function.
#include <string>

#include "sdk/deploy_impl.hpp"

namespace osbot_aws {
namespace {

/// Returns the language of a runtime identifier: python for python3.12.
std::string language_of(const std::string& runtime) { return runtime.substr(0, runtime.find_first_of("0123456789.")); }

}  // namespace

void Deploy_Lambda::Impl::keep_settings(const Json& existing) {
    const std::string runtime = existing.value("Runtime", "");
    const bool same_language = !runtime.empty() && language_of(runtime) == language_of(function.runtime);
    if (!named->runtime && same_language) function.runtime = runtime;
    if (!named->architecture)
        function.architecture = existing.value("Architectures", Json{"x86_64"}).at(0).get<std::string>();
    if (!named->memory) function.memory = existing.value("MemorySize", function.memory);
    if (!named->timeout) function.timeout = existing.value("Timeout", function.timeout);
    if (!named->layers) function.set_layers(layer_arns(existing));
    function.ephemeral_storage =
        existing.value("EphemeralStorage", Json::object()).value("Size", function.ephemeral_storage);
    function.trace_mode = existing.value("TracingConfig", Json::object()).value("Mode", function.trace_mode);
    const Json variables = existing.value("Environment", Json::object()).value("Variables", Json::object());
    for (const auto& [name, value] : variables.items())
        function.env_variables.try_emplace(name, value.get<std::string>());
    if (!named->handler && same_language) keep_handler(existing.value("Handler", ""));
}

}  // namespace osbot_aws
