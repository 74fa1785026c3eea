#pragma once

#include <chrono>
#include <filesystem>

#include <osbot_aws/core/Json.hpp>

#include "engine/housekeeping.hpp"
#include "services/context.hpp"
#include "services/lambda/functions.hpp"
#include "services/lambda/running/invocations.hpp"
#include "services/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

/// Status, disk usage and cleanup of the engine, used by `osbot local status` and `osbot local prune`:
///
///     GET  /_osbot/status   the fields of health, "uptime_s", "functions", "running": [{"name", "version", "idle",
///     "busy",
///                           "memory_bytes"}], "bytes": {"database", "blobs", "code", "images", "log_file"},
///                           "log_events", "limits"
///     POST /_osbot/prune    {"logs_bytes_max", "code_bytes_max", "images_bytes_max", "dry_run"}, all optional, by
///                           default the engine's limits; returns {"pruned": [{"kind", "name", "bytes"}]}
///
/// Loop thread only; slow work runs on a worker.
class Upkeep_Api {
public:
    static constexpr std::string_view status_path = "/_osbot/status", prune_path = "/_osbot/prune";

    /// `state` is the state folder.
    Upkeep_Api(services::Context& context, const services::Functions& functions,
               const services::Invocations& invocations, engine::Housekeeping& housekeeping,
               std::filesystem::path state)
        : context_(context),
          functions_(functions),
          invocations_(invocations),
          housekeeping_(housekeeping),
          state_(std::move(state)) {}

    void status(Json health, const services::Reply& reply) const;
    void prune(const wire::Request& request, const services::Reply& reply) const;

private:
    services::Context& context_;
    const services::Functions& functions_;
    const services::Invocations& invocations_;
    engine::Housekeeping& housekeeping_;
    std::filesystem::path state_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace osbot_aws::engine
