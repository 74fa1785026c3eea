// Routes, one line each: https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html
#include "server/lambda_operations.hpp"

#include "base/json.hpp"
#include "server/lambda_json.hpp"
#include "wire/http.hpp"

namespace osbot_aws::server {
namespace {

using Call = Lambda_Api::Call;
using engine::Functions;

Json page_json(const char* list, const engine::Function_Page& page, std::string_view latest_qualifier) {
    Json functions = Json::array();
    for (const auto& function : page.functions)
        functions.push_back(configuration_json(*function, latest_qualifier, true));
    Json json = {{list, std::move(functions)}};
    if (!page.next_marker.empty()) json["NextMarker"] = page.next_marker;
    return json;
}

Json code_json(const engine::Function& function, const Call& call) {
    if (!function.is_image()) return {{"RepositoryType", "S3"}, {"Location", call.link(function.zip->sha256())}};
    Json json{{"RepositoryType", "ECR"}, {"ImageUri", function.image_uri}};
    const auto uri = engine::parse_image_uri(function.image_uri);
    if (uri && !function.code_sha256_base64.empty())
        json["ResolvedImageUri"] = uri->repository + "@sha256:" + function.code_sha256_base64;
    return json;
}

Result<Json> get_function(Functions& functions, const Call& call) {
    const std::string qualifier = call.parameter("Qualifier");
    const auto found = functions.find(call.account, call.labels[0], qualifier);
    if (!found) return found.error();
    Json json = {{"Configuration", configuration_json(**found, qualifier)}, {"Code", code_json(**found, call)}};
    if (!(*found)->tags.empty()) json["Tags"] = (*found)->tags;
    if ((*found)->reserved_concurrency)
        json["Concurrency"] = {{"ReservedConcurrentExecutions", *(*found)->reserved_concurrency}};
    return json;
}

Result<Json> get_function_configuration(Functions& functions, const Call& call) {
    const std::string qualifier = call.parameter("Qualifier");
    const auto found = functions.find(call.account, call.labels[0], qualifier);
    if (!found) return found.error();
    return configuration_json(**found, qualifier);
}

Result<Json> list_functions(Functions& functions, const Call& call) {
    const bool all = call.parameter("FunctionVersion") == "ALL";
    const auto page = functions.list(call.account, call.parameter("Marker"), call.number("MaxItems"), all);
    if (!page) return page.error();
    return page_json("Functions", *page, all ? "$LATEST" : "");
}

Result<Json> update_function_configuration(Functions& functions, const Call& call) {
    auto params = parse_update_function_configuration(call.body);
    if (!params) return params.error();
    params->name = call.labels[0];
    const auto updated = functions.update_configuration(call.account, *params);
    if (!updated) return updated.error();
    return configuration_json(**updated);
}

Result<Json> delete_function(Functions& functions, const Call& call) {
    return nothing(functions.remove(call.account, call.labels[0], call.parameter("Qualifier")));
}

Result<Json> publish_version(Functions& functions, const Call& call) {
    Fields fields(call.body);
    const auto sha256 = fields.text("CodeSha256"), description = fields.text("Description"),
               revision = fields.text("RevisionId");
    if (fields.error()) return *fields.error();
    const auto version = functions.publish_version(call.account, call.labels[0], sha256.value_or(""),
                                                   description.value_or(""), revision.value_or(""));
    if (!version) return version.error();
    return configuration_json(**version);
}

Result<Json> list_versions(Functions& functions, const Call& call) {
    const auto page =
        functions.versions(call.account, call.labels[0], call.parameter("Marker"), call.number("MaxItems"));
    if (!page) return page.error();
    return page_json("Versions", *page, "$LATEST");
}

Result<Json> add_permission(Functions& functions, const Call& call) {
    auto params = parse_add_permission(call.body);
    if (!params) return params.error();
    params->name = call.labels[0];
    params->qualifier = call.parameter("Qualifier");
    const auto statement = functions.add_permission(call.account, *params);
    if (!statement) return statement.error();
    return Json{{"Statement", base::dump_json(*statement)}};
}

Result<Json> get_policy(Functions& functions, const Call& call) {
    const auto policy = functions.policy(call.account, call.labels[0], call.parameter("Qualifier"));
    if (!policy) return policy.error();
    return Json{{"Policy", policy->text}, {"RevisionId", policy->revision_id}};
}

Result<Json> remove_permission(Functions& functions, const Call& call) {
    return nothing(functions.remove_permission(call.account, call.labels[0], call.labels[1],
                                               call.parameter("Qualifier"), call.parameter("RevisionId")));
}

Result<Json> url_result(Functions& functions, const Call& call, const Result<engine::Function_Url>& url) {
    if (!url) return url.error();
    const auto function = functions.find(call.account, call.labels[0]);
    if (!function) return function.error();
    return function_url_json(*url, engine::qualified_arn(**function, url->qualifier));
}

Result<Json> change_url(Functions& functions, const Call& call,
                        Result<engine::Function_Url> (Functions::*change)(const engine::Account&,
                                                                          const engine::Function_Url_Change&)) {
    auto params = parse_function_url_change(call.body);
    if (!params) return params.error();
    params->name = call.labels[0];
    params->qualifier = call.parameter("Qualifier");
    return url_result(functions, call, (functions.*change)(call.account, *params));
}

Result<Json> create_url(Functions& functions, const Call& call) {
    auto url = change_url(functions, call, &Functions::create_url);
    if (url) url->erase("LastModifiedTime");  // API_CreateFunctionUrlConfig
    return url;
}
Result<Json> update_url(Functions& functions, const Call& call) {
    return change_url(functions, call, &Functions::update_url);
}
Result<Json> get_url(Functions& functions, const Call& call) {
    return url_result(functions, call, functions.url(call.account, call.labels[0], call.parameter("Qualifier")));
}
Result<Json> delete_url(Functions& functions, const Call& call) {
    return nothing(functions.delete_url(call.account, call.labels[0], call.parameter("Qualifier")));
}
Result<Json> list_urls(Functions& functions, const Call& call) {
    const auto urls = functions.urls(call.account, call.labels[0]);
    if (!urls) return urls.error();
    Json list = Json::array();
    for (const auto& url : *urls) {
        auto json = url_result(functions, call, url);
        if (!json) return json;
        list.push_back(std::move(*json));
    }
    return Json{{"FunctionUrlConfigs", std::move(list)}};
}

Result<Json> put_concurrency(Functions& functions, const Call& call) {
    Fields fields(call.body);
    const auto reserved = fields.number("ReservedConcurrentExecutions");
    if (fields.error()) return *fields.error();
    if (!reserved) {
        return Error{"ValidationException",
                     "1 validation error detected: Value null at 'reservedConcurrentExecutions' failed to satisfy "
                     "constraint: Member must "
                     "not be null"};
    }
    const int value = static_cast<int>(std::min<std::int64_t>(std::max<std::int64_t>(*reserved, -1), 1'000'000));
    if (auto done = functions.put_concurrency(call.account, call.labels[0], value); !done) return done.error();
    return Json{{"ReservedConcurrentExecutions", value}};
}

Result<Json> get_concurrency(Functions& functions, const Call& call) {
    const auto reserved = functions.concurrency(call.account, call.labels[0]);
    if (!reserved) return reserved.error();
    Json json = Json::object();
    if (*reserved) json["ReservedConcurrentExecutions"] = **reserved;
    return json;
}

Result<Json> delete_concurrency(Functions& functions, const Call& call) {
    return nothing(functions.delete_concurrency(call.account, call.labels[0]));
}

Result<Json> account_settings(Functions& functions, const Call& call) {
    const auto usage = functions.usage(call.account);
    // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    return Json{{"AccountLimit",
                 {{"TotalCodeSize", 80'530'636'800},
                  {"CodeSizeUnzipped", 262'144'000},
                  {"CodeSizeZipped", 52'428'800},
                  {"ConcurrentExecutions", usage.concurrency_max},
                  {"UnreservedConcurrentExecutions", usage.concurrency_max - usage.reserved_concurrency}}},
                {"AccountUsage", {{"TotalCodeSize", usage.code_bytes}, {"FunctionCount", usage.functions}}}};
}

Result<Json> list_tags(Functions& functions, const Call& call) {
    const auto tags = functions.tags(call.account, call.labels[0]);
    if (!tags) return tags.error();
    return Json{{"Tags", *tags}};
}

Result<Json> tag_resource(Functions& functions, const Call& call) {
    Fields fields(call.body);
    const auto tags = fields.map("Tags");
    if (fields.error()) return *fields.error();
    return nothing(functions.tag(call.account, call.labels[0], tags.value_or(std::map<std::string, std::string>{})));
}

Result<Json> untag_resource(Functions& functions, const Call& call) {
    std::vector<std::string> keys;
    for (const auto& [name, value] : call.query) {
        if (name == "tagKeys") keys.push_back(value);
    }
    return nothing(functions.untag(call.account, call.labels[0], keys));
}

constexpr bool with_body = true, without_body = false;

const Operation operations[] = {
    {"POST", "/2015-03-31/functions", "CreateFunction", 201, with_body, nullptr},
    {"GET", "/2015-03-31/functions", "ListFunctions", 200, without_body, list_functions},
    {"GET", "/2015-03-31/functions/{}", "GetFunction", 200, without_body, get_function},
    {"DELETE", "/2015-03-31/functions/{}", "DeleteFunction", 204, without_body, delete_function},
    {"GET", "/2015-03-31/functions/{}/configuration", "GetFunctionConfiguration", 200, without_body,
     get_function_configuration},
    {"PUT", "/2015-03-31/functions/{}/configuration", "UpdateFunctionConfiguration", 200, with_body,
     update_function_configuration},
    {"PUT", "/2015-03-31/functions/{}/code", "UpdateFunctionCode", 200, with_body, nullptr},
    {"POST", "/2015-03-31/functions/{}/versions", "PublishVersion", 201, with_body, publish_version},
    {"GET", "/2015-03-31/functions/{}/versions", "ListVersionsByFunction", 200, without_body, list_versions},
    {"POST", "/2015-03-31/functions/{}/aliases", "CreateAlias", 201, with_body, create_alias},
    {"GET", "/2015-03-31/functions/{}/aliases", "ListAliases", 200, without_body, list_aliases},
    {"GET", "/2015-03-31/functions/{}/aliases/{}", "GetAlias", 200, without_body, get_alias},
    {"PUT", "/2015-03-31/functions/{}/aliases/{}", "UpdateAlias", 200, with_body, update_alias},
    {"DELETE", "/2015-03-31/functions/{}/aliases/{}", "DeleteAlias", 204, without_body, delete_alias},
    {"POST", "/2015-03-31/functions/{}/policy", "AddPermission", 201, with_body, add_permission},
    {"GET", "/2015-03-31/functions/{}/policy", "GetPolicy", 200, without_body, get_policy},
    {"DELETE", "/2015-03-31/functions/{}/policy/{}", "RemovePermission", 204, without_body, remove_permission},
    {"POST", "/2021-10-31/functions/{}/url", "CreateFunctionUrlConfig", 201, with_body, create_url},
    {"GET", "/2021-10-31/functions/{}/url", "GetFunctionUrlConfig", 200, without_body, get_url},
    {"PUT", "/2021-10-31/functions/{}/url", "UpdateFunctionUrlConfig", 200, with_body, update_url},
    {"DELETE", "/2021-10-31/functions/{}/url", "DeleteFunctionUrlConfig", 204, without_body, delete_url},
    {"GET", "/2021-10-31/functions/{}/urls", "ListFunctionUrlConfigs", 200, without_body, list_urls},
    {"PUT", "/2017-10-31/functions/{}/concurrency", "PutFunctionConcurrency", 200, with_body, put_concurrency},
    {"GET", "/2019-09-30/functions/{}/concurrency", "GetFunctionConcurrency", 200, without_body, get_concurrency},
    {"DELETE", "/2017-10-31/functions/{}/concurrency", "DeleteFunctionConcurrency", 204, without_body,
     delete_concurrency},
    {"GET", "/2016-08-19/account-settings", "GetAccountSettings", 200, without_body, account_settings},
    {"GET", "/2017-03-31/tags/{}", "ListTags", 200, without_body, list_tags},
    {"POST", "/2017-03-31/tags/{}", "TagResource", 204, with_body, tag_resource},
    {"DELETE", "/2017-03-31/tags/{}", "UntagResource", 204, without_body, untag_resource},
    {"POST", "/2018-10-31/layers/{}/versions", "PublishLayerVersion", 201, with_body, nullptr},
    {"GET", "/2018-10-31/layers/{}/versions", "ListLayerVersions", 200, without_body, list_layer_versions},
    {"GET", "/2018-10-31/layers/{}/versions/{}", "GetLayerVersion", 200, without_body, get_layer_version},
    {"DELETE", "/2018-10-31/layers/{}/versions/{}", "DeleteLayerVersion", 204, without_body, delete_layer_version},
    {"POST", "/2018-10-31/layers/{}/versions/{}/policy", "AddLayerVersionPermission", 201, with_body,
     add_layer_permission},
    {"GET", "/2018-10-31/layers/{}/versions/{}/policy", "GetLayerVersionPolicy", 200, without_body, get_layer_policy},
    {"DELETE", "/2018-10-31/layers/{}/versions/{}/policy/{}", "RemoveLayerVersionPermission", 204, without_body,
     remove_layer_permission},
    {"GET", "/2018-10-31/layers", "ListLayers", 200, without_body, list_layers},
    {"POST", "/2015-03-31/event-source-mappings", "CreateEventSourceMapping", 202, with_body,
     create_event_source_mapping},
    {"GET", "/2015-03-31/event-source-mappings", "ListEventSourceMappings", 200, without_body,
     list_event_source_mappings},
    {"GET", "/2015-03-31/event-source-mappings/{}", "GetEventSourceMapping", 200, without_body,
     get_event_source_mapping},
    {"PUT", "/2015-03-31/event-source-mappings/{}", "UpdateEventSourceMapping", 202, with_body,
     update_event_source_mapping},
    {"DELETE", "/2015-03-31/event-source-mappings/{}", "DeleteEventSourceMapping", 202, without_body,
     delete_event_source_mapping},

    // Unsupported operations, listed so that the 501 response contains their names.
    {"POST", "/2014-11-13/functions/{}/invoke-async", "InvokeAsync"},
    {"PUT", "/2019-09-25/functions/{}/event-invoke-config", "PutFunctionEventInvokeConfig"},
    {"POST", "/2019-09-25/functions/{}/event-invoke-config", "UpdateFunctionEventInvokeConfig"},
    {"GET", "/2019-09-25/functions/{}/event-invoke-config", "GetFunctionEventInvokeConfig"},
    {"DELETE", "/2019-09-25/functions/{}/event-invoke-config", "DeleteFunctionEventInvokeConfig"},
    {"GET", "/2019-09-25/functions/{}/event-invoke-config/list", "ListFunctionEventInvokeConfigs"},
    {"PUT", "/2019-09-30/functions/{}/provisioned-concurrency", "PutProvisionedConcurrencyConfig"},
    {"GET", "/2019-09-30/functions/{}/provisioned-concurrency", "GetProvisionedConcurrencyConfig"},
    {"DELETE", "/2019-09-30/functions/{}/provisioned-concurrency", "DeleteProvisionedConcurrencyConfig"},
    {"POST", "/2020-04-22/code-signing-configs", "CreateCodeSigningConfig"},
    {"GET", "/2020-04-22/code-signing-configs", "ListCodeSigningConfigs"},
    {"GET", "/2020-04-22/code-signing-configs/{}", "GetCodeSigningConfig"},
    {"PUT", "/2020-04-22/code-signing-configs/{}", "UpdateCodeSigningConfig"},
    {"DELETE", "/2020-04-22/code-signing-configs/{}", "DeleteCodeSigningConfig"},
    {"GET", "/2020-04-22/code-signing-configs/{}/functions", "ListFunctionsByCodeSigningConfig"},
    {"GET", "/2020-06-30/functions/{}/code-signing-config", "GetFunctionCodeSigningConfig"},
    {"PUT", "/2020-06-30/functions/{}/code-signing-config", "PutFunctionCodeSigningConfig"},
    {"DELETE", "/2020-06-30/functions/{}/code-signing-config", "DeleteFunctionCodeSigningConfig"},
    {"GET", "/2021-07-20/functions/{}/runtime-management-config", "GetRuntimeManagementConfig"},
    {"PUT", "/2021-07-20/functions/{}/runtime-management-config", "PutRuntimeManagementConfig"},
    {"GET", "/2024-08-31/functions/{}/recursion-config", "GetFunctionRecursionConfig"},
    {"PUT", "/2024-08-31/functions/{}/recursion-config", "PutFunctionRecursionConfig"},
};

bool matches(std::string_view pattern, std::string_view path, std::vector<std::string>& labels) {
    labels.clear();
    for (;;) {
        const auto expected = pattern.substr(0, pattern.find('/')), part = path.substr(0, path.find('/'));
        if (expected == "{}") {
            if (part.empty()) return false;
            labels.push_back(wire::percent_decode(part));
        } else if (expected != part) {
            return false;
        }
        const bool pattern_ends = expected.size() == pattern.size(), path_ends = part.size() == path.size();
        if (pattern_ends || path_ends) return pattern_ends && path_ends;
        pattern.remove_prefix(expected.size() + 1);
        path.remove_prefix(part.size() + 1);
    }
}

}  // namespace

const Operation* find_operation(std::string_view method, std::string_view path, std::vector<std::string>& labels) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    for (const Operation& operation : operations) {
        if (operation.method == method && matches(operation.path, path, labels)) return &operation;
    }
    return nullptr;
}

}  // namespace osbot_aws::server
