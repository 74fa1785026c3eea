// Tags of functions and of event source mappings: https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html
#include <fmt/format.h>

#include "services/lambda/api/front.hpp"
#include "wire/errors.hpp"

namespace osbot_aws::services {
namespace {

using Tags = std::map<std::string, std::string>;

bool is_kind(std::string_view arn, std::string_view kind) { return arn.find(kind) != std::string_view::npos; }

/// The error for a kind of resource that the engine lacks, so that none exists.
/// Recorded: lambda_/test_lambda_api.snapshot.json, test_tag_exceptions[capacity_provider]
std::optional<Error> check_kind(std::string_view arn) {
    if (is_kind(arn, ":capacity-provider:"))
        return Error{"ResourceNotFoundException", fmt::format("Capacity provider not found: {}", arn), 404};
    if (is_kind(arn, ":code-signing-config:"))
        return Error{"ResourceNotFoundException",
                     fmt::format("The Lambda code signing configuration {} can not be found.", arn), 404};
    if (is_kind(arn, ":layer:")) return wire::not_implemented("Lambda", "tags of layers");
    return std::nullopt;
}

Result<Json> list_tags(Lambda_Front& front, const Call& call) {
    const std::string arn = call.fields().text_or("Resource");
    if (const auto error = check_kind(arn)) return *error;
    const Result<Tags> tags = is_kind(arn, ":event-source-mapping:") ? front.event_sources.tags(call.account, arn)
                                                                     : front.functions.settings.tags(call.account, arn);
    if (!tags) return tags.error();
    return Json{{"Tags", *tags}};
}

Result<Json> tag_resource(Lambda_Front& front, const Call& call) {
    const std::string arn = call.fields().text_or("Resource");
    const Tags added = call.fields().map("Tags");
    if (const auto error = check_kind(arn)) return *error;
    return no_output(is_kind(arn, ":event-source-mapping:") ? front.event_sources.tag(call.account, arn, added)
                                                            : front.functions.settings.tag(call.account, arn, added));
}

Result<Json> untag_resource(Lambda_Front& front, const Call& call) {
    const std::string arn = call.fields().text_or("Resource");
    const auto keys = call.fields().texts("TagKeys");
    if (const auto error = check_kind(arn)) return *error;
    return no_output(is_kind(arn, ":event-source-mapping:") ? front.event_sources.untag(call.account, arn, keys)
                                                            : front.functions.settings.untag(call.account, arn, keys));
}

}  // namespace

Operations lambda_tags(Lambda_Front& front) {
    return {front, {{"ListTags", &list_tags}, {"TagResource", &tag_resource}, {"UntagResource", &untag_resource}}};
}

}  // namespace osbot_aws::services
