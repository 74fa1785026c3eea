// Published versions: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
#include "services/lambda/function_versions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/random.hpp"
#include "services/lambda/function_rules.hpp"

namespace osbot_aws::services {
namespace {

// Returns the code and configuration of a version, without its state and times.
Json content_of(const Function& function) {
    Json json = store::Record_Writer::json_of(function);
    for (const char* field : {"version", "state", "state_reason", "state_reason_code", "last_update_status",
                              "last_update_reason", "last_update_reason_code", "revision_id", "update_id",
                              "modified_ms", "reserved_concurrency", "tags", "description", "runtime_version_arn"}) {
        json.erase(field);
    }
    return json;
}

/// Returns whether no update was made since this version was published. Recorded: moto,
/// tests/test_awslambda/test_lambda.py, test_update_function_zip (ran on AWS);
/// https://github.com/getmoto/moto/pull/8379
bool is_published(const Function& version, const Function& latest) {
    const bool is_old = version.update_id.empty() && latest.update_id.empty();
    return is_old ? have_same_content(version, latest) : version.update_id == latest.update_id;
}

}  // namespace

bool have_same_content(const Function& a, const Function& b) { return content_of(a) == content_of(b); }

Result<Function_Page> Function_Versions::list(const Account& account, std::string_view name, std::string_view marker,
                                              std::optional<std::int64_t> items_max) const {
    const std::size_t size = page_size(items_max);
    OSBOT_TRY(auto* found, registry_.record(account, name));

    Function_Page page;
    if (marker.empty()) page.functions.push_back(found->latest);
    for (auto at = found->versions.upper_bound(parse_version_number(marker).value_or(0)); at != found->versions.end();
         ++at) {
        if (page.functions.size() == size) {
            page.next_marker = page.functions.back()->version == "$LATEST" ? "0" : page.functions.back()->version;
            break;
        }
        page.functions.push_back(at->second);
    }
    return page;
}

Result<void> Function_Versions::remove(Function_Record& record, std::string_view qualifier) {
    const auto number = parse_version_number(qualifier);
    if (!number) return alias_not_deletable();
    const std::string version(qualifier);
    std::vector<std::string_view> aliases;
    for (const auto& [name, alias] : record.aliases) {
        if (alias.version == version || alias.weights.contains(version)) aliases.push_back(name);
    }
    if (!aliases.empty()) {
        return conflict(fmt::format("Unable to delete version because the following aliases reference it: [{}]",
                                    fmt::join(aliases, ", ")));
    }
    const auto removed = record.versions.extract(*number);
    if (removed.empty()) return {};  // as on AWS, which also returns 204
    code_.schedule_removal(zips_of(*removed.mapped()));
    invocations_.retire(record.account, record.latest->name, version);
    urls_.erase_qualifier(record, version);
    registry_.save(record);
    return {};
}

Function_Ptr publish(Function_Record& record, std::string_view description) {
    if (!record.versions.empty()) {
        const Function_Ptr& last = record.versions.rbegin()->second;
        if (is_published(*last, *record.latest)) return last;
    }
    auto version = std::make_shared<Function>(*record.latest);
    version->version = std::to_string(record.next_version);
    version->revision_id = base::uuid4();
    // Its code is not prepared yet, as that of a new function, or its snapshot is to be taken.
    if (record.latest->last_update_status == "InProgress" || version->snap_starts()) {
        version->state = "Pending";
        version->state_reason = "The function is being created.";
        version->state_reason_code = "Creating";
    }
    // Recorded: lambda_/test_lambda.snapshot.json, test_invocation_with_qualifier, creation-response
    version->last_update_status = version->state == "Pending" ? "" : "Successful";
    version->last_update_reason = version->last_update_reason_code = "";
    if (!description.empty()) version->description = description;
    const auto management = record.runtime_management.find("$LATEST");
    if (management != record.runtime_management.end())
        record.runtime_management.emplace(version->version, management->second);
    record.versions.emplace(record.next_version++, version);
    return version;
}

Result<Function_Ptr> Function_Versions::publish(const Account& account, std::string_view name,
                                                std::string_view code_sha256, std::string_view description,
                                                std::string_view revision_id) {
    OSBOT_TRY(auto* record, registry_.record(account, name));
    if (auto error = check_revision(revision_id, *record->latest)) return *error;
    if (auto error = check_changeable(*record->latest)) return *error;
    if (!code_sha256.empty() && code_sha256 != record->latest->code_sha256_base64) {
        return invalid(
            fmt::format("CodeSHA256 ({}) is different from current CodeSHA256 in $LATEST ({}). Please try again with "
                        "the CodeSHA256 in $LATEST.",
                        code_sha256, record->latest->code_sha256_base64));
    }
    const auto versions = record->versions.size();
    Function_Ptr version = services::publish(*record, description);
    if (record->versions.size() == versions) return version;
    // The environments of $LATEST remain: record->serving is unchanged.
    // Source: LocalStack, tests/aws/services/lambda_/test_lambda_api.py, test_function_revisions_version_and_alias
    record->latest = new_revision(record->latest, record->latest->modified_at);
    registry_.save(*record);
    return version;
}

}  // namespace osbot_aws::services
