// Versions and aliases: https://docs.aws.amazon.com/lambda/latest/api/API_AliasConfiguration.html
#include "services/lambda/api/configuration.hpp"
#include "services/lambda/api/front.hpp"

namespace osbot_aws::services {
namespace {

Result<Json> publish_version(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    if (const auto error = check_publish_to(fields)) return *error;
    return configuration_result(front.functions.deployment.publish_version(
        call.account, fields.text_or("FunctionName"), fields.text_or("CodeSha256"), fields.text_or("Description"),
        fields.text_or("RevisionId")));
}

Result<Json> list_versions(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    OSBOT_TRY(const auto page, front.functions.versions.list(call.account, fields.text_or("FunctionName"),
                                                             fields.text_or("Marker"), fields.number("MaxItems")));
    return list_json("Versions", page.functions, page.next_marker,
                     [](const auto& version) { return configuration_json(*version, "$LATEST", true); });
}

// ---- aliases --------------------------------------------------------------------------------------------------------

services::Alias_Change alias_change(const Call& call) {
    const auto fields = call.fields();
    services::Alias_Change params;
    params.function_name = fields.text_or("FunctionName");
    params.name = fields.text_or("Name");
    params.version = fields.text("FunctionVersion");
    params.description = fields.text("Description");
    params.revision_id = fields.text_or("RevisionId");
    // {"RoutingConfig": {}} removes the weights
    if (fields.has("RoutingConfig"))
        params.weights = aws::Fields(fields.object("RoutingConfig"))
                             .object("AdditionalVersionWeights")
                             .get<std::map<std::string, double>>();
    return params;
}

Json alias_json(const services::Alias& alias, const services::Function& function) {
    Json json = {{"AliasArn", services::qualified_arn(function, alias.name)},
                 {"Name", alias.name},
                 {"FunctionVersion", alias.version},
                 {"Description", alias.description},
                 {"RevisionId", alias.revision_id}};
    if (!alias.weights.empty()) json["RoutingConfig"] = {{"AdditionalVersionWeights", alias.weights}};
    return json;
}

Result<Json> alias_result(Lambda_Front& front, const Call& call, const Result<services::Alias>& found) {
    OSBOT_TRY(const auto& alias, found);
    OSBOT_TRY(const auto function, front.functions.registry.find(call.account, call.fields().text_or("FunctionName")));
    return alias_json(alias, *function);
}

Result<Json> create_alias(Lambda_Front& front, const Call& call) {
    return alias_result(front, call, front.functions.aliases.create(call.account, alias_change(call)));
}

Result<Json> get_alias(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return alias_result(
        front, call,
        front.functions.aliases.find(call.account, fields.text_or("FunctionName"), fields.text_or("Name")));
}

Result<Json> update_alias(Lambda_Front& front, const Call& call) {
    return alias_result(front, call, front.functions.aliases.update(call.account, alias_change(call)));
}

Result<Json> delete_alias(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    return no_output(
        front.functions.aliases.remove(call.account, fields.text_or("FunctionName"), fields.text_or("Name")));
}

Result<Json> list_aliases(Lambda_Front& front, const Call& call) {
    const auto fields = call.fields();
    const std::string name = fields.text_or("FunctionName");
    OSBOT_TRY(const auto page, front.functions.aliases.list(call.account, name, fields.text_or("FunctionVersion"),
                                                            fields.text_or("Marker"), fields.number("MaxItems")));
    OSBOT_TRY(const auto function, front.functions.registry.find(call.account, name));
    return list_json("Aliases", page.aliases, page.next_marker,
                     [&](const auto& alias) { return alias_json(alias, *function); });
}

}  // namespace

Operations lambda_versions(Lambda_Front& front) {
    return {front,
            {{"CreateAlias", &create_alias},
             {"DeleteAlias", &delete_alias},
             {"GetAlias", &get_alias},
             {"ListAliases", &list_aliases},
             {"ListVersionsByFunction", &list_versions},
             {"PublishVersion", &publish_version},
             {"UpdateAlias", &update_alias}}};
}

}  // namespace osbot_aws::services
