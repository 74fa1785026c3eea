// Function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
#include "services/lambda/function_urls.hpp"

#include <fmt/format.h>

#include "base/random.hpp"
#include "services/lambda/function_policies.hpp"
#include "services/lambda/function_rules.hpp"

namespace osbot_aws::services {
namespace {

/// Recorded: lambda_/test_lambda_api.snapshot.json, test_ops_on_nonexisting_fn[get_function_url_config]
Error no_resource(const Account&, std::string_view, std::string_view) { return resource_not_found(); }

}  // namespace

// The port is that of this engine. `localhost` and its subdomains resolve to the loopback address.
std::string Function_Urls::url_text(const Account& account, const std::string& id) const {
    const std::string& endpoint = context_.endpoint_url;
    const auto colon = endpoint.rfind(':');
    const std::string port = colon == std::string::npos || colon < sizeof("https:") - 1 ? "" : endpoint.substr(colon);
    return fmt::format("http://{}.lambda-url.{}.localhost{}/", id, account.region, port);
}

void Function_Urls::load() {
    clear();
    registry_.for_each([this](Function_Record& record) {
        for (auto& [qualifier, url] : record.urls) {
            url.qualifier = qualifier;
            url.url = url_text(record.account, url.id);
            locations_[url.id] = {record.account, record.latest->name, qualifier};
        }
    });
}

Function_Url* Function_Urls::find_url(Function_Record& record, std::string_view qualifier) const {
    const auto found = record.urls.find(std::string(qualifier));
    return found == record.urls.end() ? nullptr : &found->second;
}

Result<Function_Url> Function_Urls::create(const Account& account, const Function_Url_Change& request) {
    std::string_view qualifier = request.qualifier;
    OSBOT_TRY(auto* found, registry_.record(account, request.name, &qualifier, &function_does_not_exist));
    Function_Record& record = *found;
    if (!Function_Registry::version(record, qualifier)) return function_does_not_exist(account, {}, {});
    if (auto error = check_without_tenants(*record.latest, "A function URL")) return *error;
    if (find_url(record, qualifier) != nullptr) {
        return conflict(
            fmt::format("Failed to create function url config for [functionArn = {}]. Error message:  "
                        "FunctionUrlConfig exists for this Lambda function",
                        qualified_arn(*record.latest, qualifier)));
    }
    const std::string id = base::random_alphanumeric(32), key(qualifier);
    const Function_Url url{.id = id,
                           .url = url_text(record.account, id),
                           .qualifier = key,
                           .auth_type = request.auth_type.value(),
                           .invoke_mode = request.invoke_mode.value_or("BUFFERED"),
                           .cors = request.cors.value_or(Json()),
                           .created_at = context_.now(),
                           .modified_at = context_.now()};
    record.urls[key] = url;
    locations_[id] = {record.account, record.latest->name, key};
    registry_.save(record);
    return url;
}

Result<Function_Url> Function_Urls::find(const Account& account, std::string_view name,
                                         std::string_view qualifier) const {
    OSBOT_TRY(auto* found, registry_.record(account, name, &qualifier, &no_resource));
    const Function_Url* url = find_url(*found, qualifier);
    if (url == nullptr) return resource_not_found();
    return *url;
}

Result<Function_Url> Function_Urls::update(const Account& account, const Function_Url_Change& request) {
    std::string_view qualifier = request.qualifier;
    OSBOT_TRY(auto* found, registry_.record(account, request.name, &qualifier, &no_resource));
    Function_Url* url = find_url(*found, qualifier);
    if (url == nullptr) return resource_not_found();
    if (request.auth_type) url->auth_type = *request.auth_type;
    if (request.invoke_mode) url->invoke_mode = *request.invoke_mode;
    if (request.cors) url->cors = *request.cors;
    url->modified_at = context_.now();
    registry_.save(*found);
    return *url;
}

Result<void> Function_Urls::remove(const Account& account, std::string_view name, std::string_view qualifier) {
    OSBOT_TRY(auto* found, registry_.record(account, name, &qualifier, &no_resource));
    const Function_Url* url = find_url(*found, qualifier);
    if (url == nullptr) return resource_not_found();
    locations_.erase(url->id);
    found->urls.erase(std::string(qualifier));
    registry_.save(*found);
    return {};
}

Result<Function_Urls::Target> Function_Urls::target(std::string_view id) const {
    const auto location = locations_.find(std::string(id));
    const Function_Record* record =
        location == locations_.end() ? nullptr : registry_.find_name(location->second.account, location->second.name);
    if (!record) return resource_not_found();
    const std::string& qualifier = location->second.qualifier;
    OSBOT_TRY(auto invocable, registry_.invocable(record->account, record->latest->name, qualifier));
    return Target{std::move(invocable.function), &record->urls.at(qualifier), allows_public(*record, qualifier)};
}

void Function_Urls::remove_all(const Function_Record& record) {
    for (const auto& [qualifier, url] : record.urls) locations_.erase(url.id);
}

void Function_Urls::erase_qualifier(Function_Record& record, const std::string& qualifier) {
    record.statements.erase(qualifier);
    record.policy_revisions.erase(qualifier);
    record.event_invoke.erase(qualifier);
    record.provisioned.erase(qualifier);
    record.runtime_management.erase(qualifier);
    record.scaling.erase(qualifier);
    if (const Function_Url* url = find_url(record, qualifier)) locations_.erase(url->id);
    record.urls.erase(qualifier);
}

}  // namespace osbot_aws::services
