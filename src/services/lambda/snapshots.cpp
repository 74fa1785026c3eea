// The snapshots of versions with SnapStart, as far as this engine has them: an environment that has run its init waits
// for the first event. A version is Pending until then:
// https://docs.aws.amazon.com/lambda/latest/dg/snapstart-activate.html
#include <string_view>
#include <utility>

#include "base/random.hpp"
#include "services/lambda/deployment.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/running/platform_log.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view function_error = "FunctionError";

/// Returns the error of a version whose init failed, with the StateReasonCode of the model.
/// The message is AWS's, from public reports: "AWS::Lambda::Version ... did not stabilize. Status Reason: ...".
Error failed_init(std::string_view error_type) {
    constexpr std::pair<std::string_view, const char*> codes[] = {
        {timed_out_type, ".InitTimeout"},
        {"Runtime.OutOfMemory", ".InitResourceExhausted"},
        {"Runtime.InvalidEntrypoint", ".InvalidEntryPoint"},
        {"Runtime.InvalidWorkingDir", ".InvalidWorkingDirectory"},
        {"Extension.", ".ExtensionInitError"},
        {"Runtime.", ".RuntimeInitError"},
    };
    std::string code(function_error);
    for (const auto& [type, suffix] : codes) {
        if (!error_type.starts_with(type)) continue;
        code += suffix;
        break;
    }
    return {code, "An error occurred during function initialization."};
}

/// Returns a StateReasonCode: https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
std::string reason_code(const Error& error) {
    if (error.code == image_access_denied || error.code.starts_with(function_error)) return error.code;
    return error.http_status < 500 ? "InvalidZipFileException" : "InternalError";
}

}  // namespace

std::shared_ptr<Function> prepared(const Function& function, const std::optional<Error>& error) {
    auto finished = std::make_shared<Function>(function);
    finished->revision_id = base::uuid4();
    finished->last_update_status = error ? "Failed" : "Successful";
    finished->last_update_reason = error ? error->message : "";
    finished->last_update_reason_code = error ? reason_code(*error) : "";
    if (function.state == "Active") return finished;
    finished->state = error ? "Failed" : "Active";
    finished->state_reason = finished->last_update_reason;
    finished->state_reason_code = finished->last_update_reason_code;
    return finished;
}

/// In the next turn of the loop, because a start that fails destroys the services without waiting for the workers.
void Deployment::take_snapshots(const Function_Record& record) {
    for (const auto& [number, version] : record.versions) {
        if (version->state != "Pending" || !version->snap_starts()) continue;
        if (!snapshots_.insert(version->revision_id).second) continue;  // it is being taken
        parts_.context.loop.post([this, alive = std::weak_ptr<int>(alive_), pending = version] {
            if (alive.expired()) return;
            if (pending->is_image()) return take_snapshot(pending);
            parts_.invocations.prepare(pending->runtime, [this, alive, pending] {
                if (!alive.expired()) take_snapshot(pending);
            });
        });
    }
}

/// The environment belongs to the version as it will be, because its events look for environments of that object.
void Deployment::take_snapshot(const Function_Ptr& pending) {
    const Function_Ptr active = prepared(*pending, std::nullopt);
    parts_.invocations.take_snapshot(
        active, [this, alive = std::weak_ptr<int>(alive_), pending, active](const auto& error_type) {
            if (!alive.expired()) snapshot_taken(pending, active, error_type);
        });
}

void Deployment::snapshot_taken(const Function_Ptr& pending, const Function_Ptr& active,
                                const std::string& error_type) {
    snapshots_.erase(pending->revision_id);
    const auto found = parts_.registry.record(pending->account, pending->name);
    if (!found) return;
    const auto version = (*found)->versions.find(parse_version_number(pending->version).value_or(0));
    if (version == (*found)->versions.end() || version->second->revision_id != pending->revision_id) return;
    if (!error_type.empty())
        version->second = prepared(*version->second, failed_init(error_type));
    else  // a setting of all versions may have changed, which makes new objects
        version->second = version->second == pending ? active : prepared(*version->second, std::nullopt);
    parts_.registry.save(**found);
}

}  // namespace osbot_aws::services
