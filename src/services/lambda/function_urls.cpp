// Function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
#include <fmt/format.h>

#include "base/random.hpp"
#include "services/lambda/function_rules.hpp"
#include "services/lambda/functions.hpp"

namespace osbot_aws::services {
// The port is that of this engine. `localhost` and its subdomains resolve to the loopback address.
std::string Functions::url_text(const Account& account, const std::string& id) const {
    const std::string& endpoint = context_.endpoint_url;
    const auto colon = endpoint.rfind(':');
    const std::string port = colon == std::string::npos || colon < sizeof("https:") - 1 ? "" : endpoint.substr(colon);
    return fmt::format("http://{}.lambda-url.{}.localhost{}/", id, account.region, port);
}

Result<Function_Url> Functions::create_url(const Account& account, const Function_Url_Change& request) {
    std::string_view qualifier = request.qualifier;
    const auto found = find_qualified(account, request.name, qualifier);
    if (!found)
        return found.error().code == "ResourceNotFoundException"
                   ? Error{"ResourceNotFoundException", "Function does not exist", 404}
                   : found.error();
    if (auto version = version_of(**found, qualifier); !version) return version.error();
    Record& record = accounts_[(*found)->account].find((*found)->latest->name)->second;
    const std::string key(qualifier);
    if (record.urls.contains(key)) {
        return Error{"ResourceConflictException",
                     fmt::format("Failed to create function url config for [functionArn = {}]. Error message:  "
                                 "FunctionUrlConfig exists for "
                                 "this Lambda function",
                                 qualified_arn(*record.latest, qualifier)),
                     409};
    }
    const std::string id = base::random_alphanumeric(32);
    Function_Url& url = record.urls[key];
    url = {.id = id,
           .url = url_text(record.account, id),
           .qualifier = key,
           .auth_type = request.auth_type.value(),
           .invoke_mode = request.invoke_mode.value_or("BUFFERED"),
           .cors = request.cors.value_or(Json()),
           .created_at = context_.now(),
           .modified_at = context_.now()};
    url_locations_[id] = {record.account, record.latest->name, key};
    save(record);
    return url;
}

Result<Function_Url> Functions::url(const Account& account, std::string_view name, std::string_view qualifier) const {
    const auto found = find_qualified(account, name, qualifier);
    if (!found) return found.error();
    const auto url = (*found)->urls.find(std::string(qualifier));
    if (url == (*found)->urls.end()) return resource_not_found();
    return url->second;
}

Result<Function_Url> Functions::update_url(const Account& account, const Function_Url_Change& request) {
    std::string_view qualifier = request.qualifier;
    const auto found = find_qualified(account, request.name, qualifier);
    if (!found) return found.error();
    Record& record = accounts_[(*found)->account].find((*found)->latest->name)->second;
    const auto found_url = record.urls.find(std::string(qualifier));
    if (found_url == record.urls.end()) return resource_not_found();
    Function_Url& url = found_url->second;
    if (request.auth_type) url.auth_type = *request.auth_type;
    if (request.invoke_mode) url.invoke_mode = *request.invoke_mode;
    if (request.cors) url.cors = *request.cors;
    url.modified_at = context_.now();
    save(record);
    return url;
}

Result<void> Functions::delete_url(const Account& account, std::string_view name, std::string_view qualifier) {
    const auto found = find_qualified(account, name, qualifier);
    if (!found) return found.error();
    Record& record = accounts_[(*found)->account].find((*found)->latest->name)->second;
    const auto url = record.urls.find(std::string(qualifier));
    if (url == record.urls.end()) return resource_not_found();
    url_locations_.erase(url->second.id);
    record.urls.erase(url);
    save(record);
    return {};
}

Result<std::vector<Function_Url>> Functions::urls(const Account& account, std::string_view name) const {
    const auto found = record(account, name);
    if (!found) return found.error();
    std::vector<Function_Url> all;
    for (const auto& [qualifier, url] : (*found)->urls) all.push_back(url);
    return all;
}

Result<Functions::Url_Target> Functions::url_target(std::string_view id) const {
    const auto location = url_locations_.find(std::string(id));
    const Record* record =
        location == url_locations_.end() ? nullptr : find_record(location->second.account, location->second.name);
    if (!record) return resource_not_found();
    const std::string& qualifier = location->second.qualifier;
    auto target = invocable(record->account, record->latest->name, qualifier);
    if (!target) return target.error();
    return Url_Target{std::move(target->function), &record->urls.at(qualifier), allows_public(*record, qualifier)};
}

}  // namespace osbot_aws::services
