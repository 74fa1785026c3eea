// Layers: https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html and the pages of the other layer
// operations
#include "base/encoding.hpp"
#include "base/json.hpp"
#include "base/time_text.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

/// Returns a layer version in the format of lists.
Json layer_version_json(const services::Layer_Version& version) {
    Json json{{"LayerVersionArn", version.arn},
              {"Version", version.number},
              {"Description", version.description},
              {"CreatedDate", base::iso8601(version.created_at)}};
    if (!version.runtimes.empty()) json["CompatibleRuntimes"] = version.runtimes;
    if (!version.architectures.empty()) json["CompatibleArchitectures"] = version.architectures;
    if (!version.license_info.empty()) json["LicenseInfo"] = version.license_info;
    return json;
}

/// The same with the download link for its zip.
Result<Json> layer_result(const Lambda_Front& front, const Result<services::Layer_Version_Ptr>& found) {
    OSBOT_TRY(const auto& version, found);
    const store::Blob& zip = *version->zip.blob;
    Json json = layer_version_json(*version);
    // Recorded: lambda_/test_lambda_api.snapshot.json, test_layer_exceptions, publish_empty_result
    json["CompatibleRuntimes"] = version->runtimes;
    json["CompatibleArchitectures"] = version->architectures;
    json["LayerArn"] = version->layer_arn;
    json["Content"] = {{"Location", front.links.link(zip.sha256())},
                       {"CodeSha256", base::base64_encode({zip.name().data(), zip.name().size()})},
                       {"CodeSize", zip.size()}};
    return json;
}

void publish_layer_version(Lambda_Front& front, Call&& call, const Answer& answer) {
    run_with_code(front, std::move(call), answer, "Content", [&front](const Call& checked, services::Code_Source code) {
        const auto fields = checked.fields();
        return layer_result(front, front.functions.layers.publish(
                                       checked.account, {.name = fields.text_or("LayerName"),
                                                         .code = std::move(code),
                                                         .description = fields.text_or("Description"),
                                                         .license_info = fields.text_or("LicenseInfo"),
                                                         .runtimes = fields.texts("CompatibleRuntimes"),
                                                         .architectures = fields.texts("CompatibleArchitectures")}));
    });
}

/// A layer and the number of a version.
struct Version_Of_Layer {
    explicit Version_Of_Layer(const Call& call)
        : name(call.fields().text_or("LayerName")), number(call.fields().number("VersionNumber").value_or(0)) {}
    std::string name;
    std::int64_t number;
};

Result<Json> get_layer_version(Lambda_Front& front, const Call& call) {
    const Version_Of_Layer version(call);
    return layer_result(front, front.functions.layers.find(call.account, version.name, version.number));
}

Result<Json> get_layer_version_by_arn(Lambda_Front& front, const Call& call) {
    return layer_result(front, front.functions.layers.find_arn(call.account, call.fields().text_or("Arn")));
}

Result<Json> delete_layer_version(Lambda_Front& front, const Call& call) {
    const Version_Of_Layer version(call);
    return no_output(front.functions.layers.remove(call.account, version.name, version.number));
}

services::Layer_Query layer_query(const aws::Fields& input) {
    return {.runtime = input.text_or("CompatibleRuntime"),
            .architecture = input.text_or("CompatibleArchitecture"),
            .marker = input.text_or("Marker"),
            .items_max = input.number("MaxItems")};
}

Result<Json> list_layer_versions(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto page,
              front.functions.layers.versions(call.account, fields.text_or("LayerName"), layer_query(fields)));
    Json json{{"LayerVersions", Json::array()}};
    for (const auto& version : page.versions) json["LayerVersions"].push_back(layer_version_json(*version));
    if (!page.next_marker.empty()) json["NextMarker"] = page.next_marker;
    return json;
}

Result<Json> list_layers(Lambda_Front& front, const Call& call) {
    const auto page = front.functions.layers.list(call.account, layer_query(call.fields()));
    Json json{{"Layers", Json::array()}};
    for (const auto& version : page.versions)
        json["Layers"].push_back({{"LayerName", version->name},
                                  {"LayerArn", version->layer_arn},
                                  {"LatestMatchingVersion", layer_version_json(*version)}});
    if (!page.next_marker.empty()) json["NextMarker"] = page.next_marker;
    return json;
}

// ---- policies -------------------------------------------------------------------------------------------------------

Result<Json> add_layer_permission(Lambda_Front& front, const Call& call) {
    const Version_Of_Layer version(call);
    const auto fields = call.fields();
    OSBOT_TRY(const auto added,
              front.functions.layers.add_permission(call.account, {.name = version.name,
                                                                   .number = version.number,
                                                                   .statement_id = fields.text_or("StatementId"),
                                                                   .action = fields.text_or("Action"),
                                                                   .principal = fields.text_or("Principal"),
                                                                   .organization_id = fields.text_or("OrganizationId"),
                                                                   .revision_id = fields.text_or("RevisionId")}));
    return Json{{"Statement", base::dump_json(added.statement)}, {"RevisionId", added.revision_id}};
}

Result<Json> get_layer_policy(Lambda_Front& front, const Call& call) {
    const Version_Of_Layer version(call);
    OSBOT_TRY(const auto policy, front.functions.layers.policy(call.account, version.name, version.number));
    const Json text{{"Version", "2012-10-17"}, {"Id", "default"}, {"Statement", policy.statements}};
    return Json{{"Policy", base::dump_json(text)}, {"RevisionId", policy.revision_id}};
}

Result<Json> remove_layer_permission(Lambda_Front& front, const Call& call) {
    const Version_Of_Layer version(call);
    const auto fields = call.fields();
    return no_output(front.functions.layers.remove_permission(
        call.account, version.name, version.number, fields.text_or("StatementId"), fields.text_or("RevisionId")));
}

}  // namespace

Operations lambda_layers(Lambda_Front& front) {
    return {front,
            {{"AddLayerVersionPermission", &add_layer_permission},
             {"DeleteLayerVersion", &delete_layer_version},
             {"GetLayerVersion", &get_layer_version},
             {"GetLayerVersionByArn", &get_layer_version_by_arn},
             {"GetLayerVersionPolicy", &get_layer_policy},
             {"ListLayerVersions", &list_layer_versions},
             {"ListLayers", &list_layers},
             {"PublishLayerVersion", &publish_layer_version, takes_blob},
             {"RemoveLayerVersionPermission", &remove_layer_permission}}};
}

}  // namespace osbot_aws::services
