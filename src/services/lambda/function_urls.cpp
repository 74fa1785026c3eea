// Function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
#include "services/lambda/function_urls.hpp"

#include <fmt/format.h>

#include <utility>

#include "base/characters.hpp"
#include "base/log.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "services/lambda/function_rules.hpp"

namespace osbot_aws::services {
namespace {

constexpr const char* custom_id_tag = "_custom_id_";  // of LocalStack
constexpr std::size_t id_length_max = 63;             // a label of a host name: RFC 1035

/// Returns the id that the tag of the function names; "" if it has no such tag, or an invalid one.
std::string custom_id(const Function& function, const std::string& qualifier) {
    const auto tag = function.tags.find(custom_id_tag);
    if (tag == function.tags.end()) return "";
    std::string id = base::lower_case(qualifier.empty() ? tag->second : tag->second + "-" + qualifier);
    const auto valid = [](char c) { return base::is_alphanumeric(c) || c == '-'; };
    if (id.size() <= id_length_max && base::consists_of(id, valid) && !id.starts_with('-') && !id.ends_with('-'))
        return id;
    base::log_warning("function {}: the value of the tag {} is not a label of a host name; its URL has a random id",
                      function.name, custom_id_tag);
    return "";
}

/// Recorded: lambda_/test_lambda_api.snapshot.json, test_ops_on_nonexisting_fn[get_function_url_config]
Error no_resource(const Account&, std::string_view, std::string_view) { return resource_not_found(); }

}  // namespace

// The port is that of this engine. Browsers and curl resolve all names below localhost to the loopback address.
std::string Function_Urls::host_url(const Account& account, const std::string& id) const {
    const std::string& endpoint = context_.endpoint_url;
    const auto colon = endpoint.rfind(':');
    const std::string port = colon == std::string::npos || colon < sizeof("https:") - 1 ? "" : endpoint.substr(colon);
    return fmt::format("http://{}.lambda-url.{}.localhost{}/", id, account.region, port);
}

/// Returns true if the URL has another port than before.
bool Function_Urls::set_address(const Account& account, Function_Url& url) {
    const std::uint16_t port = ports_.open(url.id, url.port);
    url.url = port == 0 ? host_url(account, url.id) : fmt::format("http://127.0.0.1:{}/", port);
    return port != 0 && std::exchange(url.port, port) != port;
}

void Function_Urls::set_addresses(bool of_new_urls, bool save) {
    registry_.for_each([&](Function_Record& record) {
        bool changed = false;
        for (auto& [qualifier, url] : record.urls)
            if (of_new_urls == (url.port == 0)) changed |= set_address(record.account, url);
        if (changed && save) registry_.save(record);
    });
}

void Function_Urls::load() {
    locations_.clear();
    registry_.for_each([this](Function_Record& record) {
        for (auto& [qualifier, url] : record.urls) {
            url.qualifier = qualifier;
            locations_[url.id] = {record.account, record.latest->name, qualifier};
        }
    });
    ports_.keep_only([this](const std::string& id) { return locations_.contains(id); });
    // After a failed write, a record that is saved again would fail again.
    const bool save = !std::exchange(loaded_, true);
    set_addresses(false, save);
    if (!locations_.empty()) when_addressed([this, save] { set_addresses(true, save); });
}

void Function_Urls::clear() {
    locations_.clear();
    ports_.keep_only([](const std::string&) { return false; });
}

/// Returns the id of a new URL: a custom one, or a random one as on AWS.
Result<std::string> Function_Urls::new_id(const Function_Record& record, const std::string& qualifier) const {
    const std::string id = custom_id(*record.latest, qualifier);
    if (id.empty()) return base::random_alphanumeric(32);
    const auto other = locations_.find(id);
    if (other == locations_.end()) return id;
    return conflict(fmt::format("The URL id {} of the tag {} is the id of the URL of {}. Please choose another value.",
                                id, custom_id_tag, arn_of(other->second.account, other->second.name)));
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
    const std::string key(qualifier);
    OSBOT_TRY(const std::string id, new_id(record, key));
    Function_Url url{.id = id,
                     .url = {},
                     .qualifier = key,
                     .auth_type = request.auth_type.value(),
                     .invoke_mode = request.invoke_mode.value_or("BUFFERED"),
                     .cors = request.cors.value_or(Json()),
                     .created_at = context_.now(),
                     .modified_at = context_.now()};
    set_address(record.account, url);
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
    OSBOT_TRY(auto* found, registry_.record(account, request.name, &qualifier, &function_does_not_exist));
    if (!Function_Registry::version(*found, qualifier)) return function_does_not_exist(account, {}, {});
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
    forget(url->id);
    found->urls.erase(std::string(qualifier));
    registry_.save(*found);
    return {};
}

Result<Function_Urls::Target> Function_Urls::target(std::string_view id) const {
    const auto location = locations_.find(std::string(id));
    const Function_Record* record =
        location == locations_.end() ? nullptr : registry_.find_name(location->second.account, location->second.name);
    if (!record) return Error{"AccessDeniedException", "", 403};
    const std::string& qualifier = location->second.qualifier;
    OSBOT_TRY(auto invocable, registry_.invocable(record->account, record->latest->name, qualifier));
    return Target{std::move(invocable.function), &record->urls.at(qualifier), record};
}

void Function_Urls::remove_all(const Function_Record& record) {
    for (const auto& [qualifier, url] : record.urls) forget(url.id);
}

void Function_Urls::forget(const std::string& id) {
    locations_.erase(id);
    ports_.keep_only([&](const std::string& other) { return other != id; });
}

void Function_Urls::erase_qualifier(Function_Record& record, const std::string& qualifier) {
    record.statements.erase(qualifier);
    record.policy_revisions.erase(qualifier);
    record.event_invoke.erase(qualifier);
    record.provisioned.erase(qualifier);
    record.runtime_management.erase(qualifier);
    record.scaling.erase(qualifier);
}

}  // namespace osbot_aws::services
