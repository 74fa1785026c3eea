// Aliases over REST-JSON: https://docs.aws.amazon.com/lambda/latest/api/API_AliasConfiguration.html
#include "server/lambda_json.hpp"
#include "server/lambda_operations.hpp"

namespace osbot_aws::server {
namespace {

using Call = Lambda_Api::Call;
using engine::Functions;

Result<engine::Alias_Change> parse_alias_change(const Call& call) {
    Fields fields(call.body);
    engine::Alias_Change params;
    params.function_name = call.labels[0];
    params.name = call.labels.size() > 1 ? call.labels[1] : fields.text("Name").value_or("");
    params.version = fields.text("FunctionVersion");
    params.description = fields.text("Description");
    params.revision_id = fields.text("RevisionId").value_or("");
    Fields routing(fields.object("RoutingConfig"));
    params.weights = routing.numbers("AdditionalVersionWeights");
    if (call.body.contains("RoutingConfig") && !params.weights) params.weights.emplace();  // {} removes the weights
    for (const Fields* part : {&fields, &routing}) {
        if (part->error()) return *part->error();
    }
    return params;
}

Json alias_json(const engine::Alias& alias, const engine::Function& function) {
    Json json = {{"AliasArn", engine::qualified_arn(function, alias.name)},
                 {"Name", alias.name},
                 {"FunctionVersion", alias.version},
                 {"Description", alias.description},
                 {"RevisionId", alias.revision_id}};
    if (!alias.weights.empty()) json["RoutingConfig"] = {{"AdditionalVersionWeights", alias.weights}};
    return json;
}

Result<Json> alias_result(Functions& functions, const Call& call, const Result<engine::Alias>& alias) {
    if (!alias) return alias.error();
    const auto function = functions.find(call.account, call.labels[0]);
    if (!function) return function.error();
    return alias_json(*alias, **function);
}

}  // namespace

Result<Json> create_alias(Functions& functions, const Call& call) {
    const auto params = parse_alias_change(call);
    if (!params) return params.error();
    return alias_result(functions, call, functions.create_alias(call.account, *params));
}

Result<Json> get_alias(Functions& functions, const Call& call) {
    return alias_result(functions, call, functions.alias(call.account, call.labels[0], call.labels[1]));
}

Result<Json> update_alias(Functions& functions, const Call& call) {
    const auto params = parse_alias_change(call);
    if (!params) return params.error();
    return alias_result(functions, call, functions.update_alias(call.account, *params));
}

Result<Json> delete_alias(Functions& functions, const Call& call) {
    return nothing(functions.delete_alias(call.account, call.labels[0], call.labels[1]));
}

Result<Json> list_aliases(Functions& functions, const Call& call) {
    const auto page = functions.aliases(call.account, call.labels[0], call.parameter("FunctionVersion"),
                                        call.parameter("Marker"), call.number("MaxItems"));
    if (!page) return page.error();
    const auto function = functions.find(call.account, call.labels[0]);
    if (!function) return function.error();
    Json json = {{"Aliases", Json::array()}};
    for (const auto& alias : page->aliases) json["Aliases"].push_back(alias_json(alias, **function));
    if (!page->next_marker.empty()) json["NextMarker"] = page->next_marker;
    return json;
}

}  // namespace osbot_aws::server
