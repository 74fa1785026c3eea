// Tags of functions, event source mappings and code signing configurations:
// https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html
#include <fmt/format.h>

#include "services/lambda/api/front.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

bool is_kind(std::string_view arn, std::string_view kind) { return arn.find(kind) != std::string_view::npos; }

/// The error for a kind of resource that the engine lacks, so that none exists.
/// Recorded: lambda_/test_lambda_api.snapshot.json, test_tag_exceptions[capacity_provider]
std::optional<Error> check_kind(std::string_view arn) {
    if (is_kind(arn, ":capacity-provider:"))
        return Error{"ResourceNotFoundException", fmt::format("Capacity provider not found: {}", arn), 404};
    if (is_kind(arn, ":layer:")) return wire::not_implemented("Lambda", "tags of layers");
    return std::nullopt;
}

/// Calls `use` with the state that has the tags of a resource of this kind.
template <class Use>
auto with_state_of(Lambda_Front& front, std::string_view arn, Use use) {
    if (is_kind(arn, ":event-source-mapping:")) return use(front.event_sources);
    if (is_kind(arn, ":code-signing-config:")) return use(front.functions.code_signing);
    return use(front.functions.settings);
}

Result<Json> list_tags(Lambda_Front& front, const Call& call) {
    const std::string arn = call.fields().text_or("Resource");
    if (const auto error = check_kind(arn)) return *error;
    OSBOT_TRY(const auto tags, with_state_of(front, arn, [&](auto& state) { return state.tags(call.account, arn); }));
    return Json{{"Tags", tags}};
}

Result<Json> change_tags(Lambda_Front& front, const Call& call, const Tag_Change& change) {
    const std::string arn = call.fields().text_or("Resource");
    if (const auto error = check_kind(arn)) return *error;
    return no_output(
        with_state_of(front, arn, [&](auto& state) { return state.change_tags(call.account, arn, change); }));
}

Result<Json> tag_resource(Lambda_Front& front, const Call& call) {
    return change_tags(front, call,
                       [&](Tags_Of_Resource tags) { return with_tags(std::move(tags), call.fields().map("Tags")); });
}

Result<Json> untag_resource(Lambda_Front& front, const Call& call) {
    return change_tags(front, call, [&](Tags_Of_Resource tags) -> Result<Tags_Of_Resource> {
        for (const auto& key : call.fields().texts("TagKeys")) tags.erase(key);
        return tags;
    });
}

}  // namespace

Operations lambda_tags(Lambda_Front& front) {
    return {front, {{"ListTags", &list_tags}, {"TagResource", &tag_resource}, {"UntagResource", &untag_resource}}};
}

}  // namespace osbot_aws::services
