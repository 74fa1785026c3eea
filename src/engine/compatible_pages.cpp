#include "engine/compatible_pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "engine/control_json.hpp"
#include "engine/forwards.hpp"
#include "engine/version.hpp"

namespace osbot_aws::engine {
namespace {

constexpr std::string_view init_stages[] = {"BOOT", "START", "READY", "SHUTDOWN"};

Json health_page() {
    Json services = Json::object();
    for (const auto service : engine_services) services[std::string(service)] = "running";
    return {{"services", std::move(services)}, {"edition", "osbot"}, {"version", std::string(version)}};
}

/// The scripts of --init run in the stage READY.
Json scripts_of(const Init_Scripts& scripts) {
    Json list = Json::array();
    for (const Json& script : scripts.json()) {
        const std::string state = script["state"];
        list.push_back({{"stage", "READY"},
                        {"name", script["name"]},
                        {"state", state == "waiting"  ? "UNKNOWN"
                                  : state == "failed" ? "ERROR"
                                                      : base::upper_case(state)}});
    }
    return list;
}

bool is_stage_complete(std::string_view stage, const Init_Scripts& scripts) {
    if (stage == "SHUTDOWN") return false;
    return stage != "READY" || scripts.is_complete();
}

}  // namespace

wire::Response compatible_page(std::string_view path, const Init_Scripts& scripts) {
    path.remove_prefix(std::min(path.size(), compatible_prefix.size()));
    if (path == "health") return control_json(200, health_page());
    if (path == "init") {
        Json completed = Json::object();
        for (const auto stage : init_stages) completed[std::string(stage)] = is_stage_complete(stage, scripts);
        return control_json(200, {{"completed", std::move(completed)}, {"scripts", scripts_of(scripts)}});
    }
    for (const auto stage : init_stages)
        if (path == fmt::format("init/{}", base::lower_case(stage)))
            return control_json(200, {{"completed", is_stage_complete(stage, scripts)},
                                      {"scripts", stage == "READY" ? scripts_of(scripts) : Json::array()}});
    return control_json(404, {{"message", fmt::format("unknown path: {}{}", compatible_prefix, path)}});
}

}  // namespace osbot_aws::engine
