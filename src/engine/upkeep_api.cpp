#include "engine/upkeep_api.hpp"

#include <memory>
#include <optional>

#include "base/disk_usage.hpp"
#include "base/json.hpp"
#include "engine/control_json.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {
namespace {

Json limits_json(const engine::Space_Limits& limits) {
    return {{"logs_bytes_max", limits.logs_bytes_max},
            {"code_bytes_max", limits.code_bytes_max},
            {"images_bytes_max", limits.images_bytes_max ? Json(*limits.images_bytes_max) : Json()}};
}

Json running_json(const services::Invocations::Count& count) {
    return {{"name", count.function->name},
            {"version", count.function->version},
            {"idle", count.idle},
            {"busy", count.busy},
            {"memory_bytes", count.memory_bytes}};
}

/// Blocks, so it must run on a worker.
Json sizes_of(const std::filesystem::path& state) {
    const auto below = [&](const char* name) { return base::bytes_below(state / name); };
    return {{"database", below("state.db") + below("state.db-wal")},
            {"blobs", below("blobs")},
            {"code", below("code")},
            {"images", below("images")},
            {"log_file", below("daemon.log") + below("daemon.1.log")}};
}

/// Returns a size parameter, or nullopt if it is missing.
std::optional<std::uint64_t> bytes_in(const Json& params, const char* name) {
    const auto found = params.find(name);
    if (found == params.end() || !found->is_number_unsigned()) return std::nullopt;
    return found->get<std::uint64_t>();
}

}  // namespace

void Upkeep_Api::status(Json health, const services::Reply& reply) const {
    health["uptime_s"] =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_).count();
    health["functions"] = functions_.registry.count();
    health["unreadable_records"] = context_.store.unreadable_records();
    health["running"] = Json::array();
    for (const auto& count : invocations_.counts()) health["running"].push_back(running_json(count));
    health["limits"] = limits_json(housekeeping_.limits());
    auto response = std::make_shared<Json>(std::move(health));
    context_.loop.run_blocking(
        [response, &store = context_.store, state = state_] {
            (*response)["bytes"] = sizes_of(state);
            (*response)["log_events"] = store.space().log_events;
        },
        [response, reply] { reply(control_json(200, *response)); });
}

void Upkeep_Api::prune(const wire::Request& request, const services::Reply& reply) const {
    const Json params = base::parse_json(request.body.bytes());
    if (!params.is_object())
        return reply(control_json(400, {{"code", "BadRequest"}, {"message", "the body must be a JSON object"}}));
    engine::Space_Limits limits = housekeeping_.limits();
    limits.logs_bytes_max = bytes_in(params, "logs_bytes_max").value_or(limits.logs_bytes_max);
    limits.code_bytes_max = bytes_in(params, "code_bytes_max").value_or(limits.code_bytes_max);
    if (const auto images = bytes_in(params, "images_bytes_max")) limits.images_bytes_max = images;
    const bool dry_run = params.contains("dry_run") && params["dry_run"] == true;
    housekeeping_.prune(limits, dry_run, [reply](const std::vector<engine::Pruned_Item>& pruned) {
        Json list = Json::array();
        for (const engine::Pruned_Item& item : pruned)
            list.push_back({{"kind", item.kind}, {"name", item.name}, {"bytes", item.bytes}});
        reply(control_json(200, {{"pruned", std::move(list)}}));
    });
}

}  // namespace osbot_aws::engine
