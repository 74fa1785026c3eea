#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "engine/blob_sweep.hpp"
#include "services/context.hpp"
#include "services/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::engine {

/// Copies and replaces the state of the engine, used by `osbot local export` and `osbot local import`:
///
///     POST /_osbot/state/export             {"folder", "records", "log_events", "blobs", "blob_bytes"}: a copy of the
///                                           state in a new folder, which the caller deletes (store/state_copy.hpp)
///     POST /_osbot/state/import {"folder"}  the same without "folder": replaces the state by that of such a folder
///
/// Errors are {"code", "message"}. Requests are handled during an export; an import ends the functions that run. One of
/// both at a time. Loop thread only; slow work runs on a worker.
class State_Api {
public:
    static constexpr std::string_view export_path = "/_osbot/state/export", import_path = "/_osbot/state/import";

    /// `clear` and `load` are those of all services but the images, which are not in an archive and remain.
    State_Api(services::Context& context, Blob_Sweep& sweep, std::function<void()> clear, std::function<void()> load)
        : context_(context), sweep_(sweep), clear_(std::move(clear)), load_(std::move(load)) {}

    void handle(const wire::Request& request, const services::Reply& reply);

private:
    struct Job;
    using Job_Ptr = std::shared_ptr<Job>;

    void export_to(const Job_Ptr& job);
    void import_from(const Job_Ptr& job);
    void replace(const Job_Ptr& job);
    /// Runs `work` on a worker and then `done` on the loop, unless the work failed.
    void run(const Job_Ptr& job, std::function<Result<void>()> work, std::function<void()> done);
    void end(const Job_Ptr& job, const Result<void>& outcome);

    services::Context& context_;
    Blob_Sweep& sweep_;
    const std::function<void()> clear_, load_;
    bool busy_ = false;
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::engine
