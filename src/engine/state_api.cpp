#include "engine/state_api.hpp"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "engine/control_json.hpp"
#include "store/state_copy.hpp"
#include "store/store.hpp"

namespace osbot_aws::engine {
namespace fs = std::filesystem;

/// An export or an import.
struct State_Api::Job {
    services::Reply reply;
    fs::path folder;
    bool is_export = false;
    store::State_Copy content = {};
    std::vector<store::Blob_Ptr> blobs = {};
    std::optional<base::Temporary_Folder> previous = {};  ///< import: the state before it
};

namespace {

const std::string export_prefix = "export-";

wire::Response failed(const Error& error) {
    return control_json(error.http_status == 0 ? 500 : error.http_status,
                        {{"code", error.code}, {"message", error.message}});
}

}  // namespace

void State_Api::handle(const wire::Request& request, const services::Reply& reply) {
    if (busy_) return reply(failed({"AlreadyRuns", "another export or import of this engine runs", 409}));
    const auto job = std::make_shared<Job>();
    job->reply = reply;
    job->is_export = request.path() == export_path;
    const Json params = job->is_export ? Json::object() : base::parse_json(request.body.bytes());
    if (!params.is_object() || (!job->is_export && !params.value("folder", Json()).is_string()))
        return reply(failed({"BadRequest", "the body must be a JSON object with \"folder\"", 400}));
    busy_ = true;
    sweep_.pause();
    if (!job->is_export) job->folder = params["folder"].get<std::string>();
    job->is_export ? export_to(job) : import_from(job);
}

void State_Api::run(const Job_Ptr& job, std::function<Result<void>()> work, std::function<void()> done) {
    const auto outcome = std::make_shared<Result<void>>();
    context_.loop.run_blocking([work = std::move(work), outcome] { *outcome = work(); },
                               [this, alive = std::weak_ptr(alive_), job, outcome, done = std::move(done)] {
                                   if (alive.expired()) return;
                                   *outcome ? done() : end(job, *outcome);
                               });
}

/// Waits until all changes so far are written, so that the copy has them.
void State_Api::export_to(const Job_Ptr& job) {
    auto& store = context_.store;
    job->folder = store.temporary_folder() / (export_prefix + base::random_hex(16));
    const auto copy = [this, job] {
        run(
            job,
            [job, &store = context_.store]() -> Result<void> {
                store::remove_abandoned_folders(store.temporary_folder(), export_prefix);
                auto copied = store::copy_state(store, job->folder);
                if (copied) return (job->content = *copied), Result<void>{};
                std::error_code ignored;
                fs::remove_all(job->folder, ignored);
                return copied.error();
            },
            [this, job] { end(job, {}); });
    };
    store.when_durable(store.last_change(), [copy, &loop = context_.loop, alive = std::weak_ptr(alive_)](const auto&) {
        loop.post([copy, alive] {
            if (!alive.expired()) copy();
        });
    });
}

void State_Api::import_from(const Job_Ptr& job) {
    job->previous.emplace("previous", context_.store.temporary_folder());
    run(
        job,
        [job, &store = context_.store]() -> Result<void> {
            OSBOT_TRY(job->content, store::check_state(job->folder));
            OSBOT_TRY(store::copy_state(store, job->previous->path() / "state"));
            OSBOT_TRY(job->blobs, store::take_blobs(store, job->folder));
            return {};
        },
        [this, job] { replace(job); });
}

/// A state that the services cannot load is replaced by the previous one.
void State_Api::replace(const Job_Ptr& job) {
    if (auto loadable = store::check_versions(context_.store, job->folder); !loadable) return end(job, loadable);
    clear_();
    Result<void> replaced = store::replace_state(context_.store, job->folder);
    try {
        load_();
    } catch (const Aws_Exception& unreadable) {
        replaced = Error{"InvalidArchive", unreadable.error().message, 400};
        clear_();
        if (auto restored = store::replace_state(context_.store, job->previous->path() / "state"); !restored)
            base::log_error("the previous state was not restored: {}", restored.error().message);
        load_();
    }
    end(job, replaced);
}

void State_Api::end(const Job_Ptr& job, const Result<void>& outcome) {
    busy_ = false;
    job->blobs.clear();
    sweep_.resume();
    if (!outcome) return job->reply(failed(outcome.error()));
    Json response{{"records", job->content.records},
                  {"log_events", job->content.log_events},
                  {"blobs", job->content.blobs},
                  {"blob_bytes", job->content.blob_bytes}};
    if (job->is_export) response["folder"] = job->folder.string();
    job->reply(control_json(200, response));
}

}  // namespace osbot_aws::engine
