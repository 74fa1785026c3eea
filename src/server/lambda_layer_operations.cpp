// Layers over REST-JSON. Source: https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html and the
// pages of the other layer operations
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "server/lambda_json.hpp"
#include "server/lambda_operations.hpp"

namespace osbot_aws::server {
namespace {

using Call = Lambda_Api::Call;
using engine::Functions;

engine::Layer_Query layer_query(const Call& call, const std::string& marker) {
    return {.runtime = call.parameter("CompatibleRuntime"),
            .architecture = call.parameter("CompatibleArchitecture"),
            .marker = marker,
            .items_max = call.number("MaxItems")};
}

/// Returns the version number in the last part of a path. Text that is not a number counts as below 1.
std::int64_t layer_number(const Call& call) { return base::parse_number<std::int64_t>(call.labels[1]).value_or(0); }

}  // namespace

Json layer_with_content(const engine::Layer_Version& version, const Lambda_Api::Call& call) {
    Json json = layer_version_json(version);
    json["LayerArn"] = version.layer_arn;
    json["Content"] = {
        {"Location", call.link(version.zip.blob->sha256())},
        {"CodeSha256", base::base64_encode({version.zip.blob->name().data(), version.zip.blob->name().size()})},
        {"CodeSize", version.zip.blob->size()}};
    return json;
}

Result<Json> get_layer_version(Functions& functions, const Call& call) {
    const auto version = functions.layers().find(call.account, call.labels[0], layer_number(call));
    if (!version) return version.error();
    return layer_with_content(**version, call);
}

Result<Json> delete_layer_version(Functions& functions, const Call& call) {
    return nothing(functions.layers().remove(call.account, call.labels[0], layer_number(call)));
}

Result<Json> list_layer_versions(Functions& functions, const Call& call) {
    const std::string marker = call.parameter("Marker");
    const auto page = functions.layers().versions(call.account, call.labels[0], layer_query(call, marker));
    if (!page) return page.error();
    Json json{{"LayerVersions", Json::array()}};
    for (const auto& version : page->versions) json["LayerVersions"].push_back(layer_version_json(*version));
    if (!page->next_marker.empty()) json["NextMarker"] = page->next_marker;
    return json;
}

/// GetLayerVersionByArn has the path of ListLayers, and `find=LayerVersion`.
Result<Json> list_layers(Functions& functions, const Call& call) {
    if (call.parameter("find") == "LayerVersion") {
        const auto version = functions.layers().find_arn(call.account, call.parameter("Arn"));
        if (!version) return version.error();
        return layer_with_content(**version, call);
    }
    const std::string marker = call.parameter("Marker");
    const auto page = functions.layers().list(call.account, layer_query(call, marker));
    if (!page) return page.error();
    Json json{{"Layers", Json::array()}};
    for (const auto& version : page->versions)
        json["Layers"].push_back({{"LayerName", version->name},
                                  {"LayerArn", version->layer_arn},
                                  {"LatestMatchingVersion", layer_version_json(*version)}});
    if (!page->next_marker.empty()) json["NextMarker"] = page->next_marker;
    return json;
}

Result<Json> add_layer_permission(Functions& functions, const Call& call) {
    Fields fields(call.body);
    const engine::Add_Layer_Permission params{.name = call.labels[0],
                                              .number = layer_number(call),
                                              .statement_id = fields.text("StatementId").value_or(""),
                                              .action = fields.text("Action").value_or(""),
                                              .principal = fields.text("Principal").value_or(""),
                                              .organization_id = fields.text("OrganizationId").value_or(""),
                                              .revision_id = call.parameter("RevisionId")};
    if (fields.error()) return *fields.error();
    const auto added = functions.layers().add_permission(call.account, params);
    if (!added) return added.error();
    return Json{{"Statement", base::dump_json(added->statement)}, {"RevisionId", added->revision_id}};
}

Result<Json> get_layer_policy(Functions& functions, const Call& call) {
    const auto policy = functions.layers().policy(call.account, call.labels[0], layer_number(call));
    if (!policy) return policy.error();
    const Json text{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", policy->statements}};
    return Json{{"Policy", base::dump_json(text)}, {"RevisionId", policy->revision_id}};
}

Result<Json> remove_layer_permission(Functions& functions, const Call& call) {
    return nothing(functions.layers().remove_permission(call.account, call.labels[0], layer_number(call),
                                                        call.labels[2], call.parameter("RevisionId")));
}

}  // namespace osbot_aws::server
