// Function URLs: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html
#include <fmt/format.h>

#include "base/random.hpp"
#include "engine/lambda/function_rules.hpp"
#include "engine/lambda/functions.hpp"
#include "engine/lambda/validation.hpp"

namespace osbot_aws::engine {
namespace {

// A URL belongs to the function or to an alias, never to a version.
std::optional<Error> check_qualifier(std::string_view qualifier) {
    Validation checked;
    const bool version = !qualifier.empty() && (qualifier == "$LATEST" ||
                                                qualifier.find_first_not_of("0123456789") == std::string_view::npos);
    checked.pattern("qualifier", qualifier, !version, R"((^\$LATEST$)|((?!^[0-9]+$)([a-zA-Z0-9-_]+)))");
    return checked.error();
}

std::optional<Error> check(const Function_Url_Change& wanted) {
    Validation checked;
    if (wanted.auth_type) checked.one_of("authType", *wanted.auth_type, {"NONE", "AWS_IAM"});
    if (wanted.invoke_mode) checked.one_of("invokeMode", *wanted.invoke_mode, {"BUFFERED", "RESPONSE_STREAM"});
    return checked.error();
}

}  // namespace

// The port is this engine's; `localhost` and all names below it lead to the loopback address.
std::string Functions::url_text(const Account& account, const std::string& id) const {
    const std::string& endpoint = context_.endpoint_url;
    const auto colon = endpoint.rfind(':');
    const std::string port = colon == std::string::npos || colon < sizeof("https:") - 1 ? "" : endpoint.substr(colon);
    return fmt::format("http://{}.lambda-url.{}.localhost{}/", id, account.region, port);
}

Result<Function_Url> Functions::create_url(const Account& account, const Function_Url_Change& wanted) {
    Validation checked;
    checked.required("authType", wanted.auth_type.has_value());
    if (auto error = checked.error()) return *error;
    if (auto error = check(wanted)) return *error;
    std::string_view qualifier = wanted.qualifier;
    const auto found = qualified(account, wanted.name, qualifier);
    if (!found)
        return found.error().code == "ResourceNotFoundException"
                   ? Error{"ResourceNotFoundException", "Function does not exist", 404}
                   : found.error();
    if (auto error = check_qualifier(qualifier)) return *error;
    if (auto version = version_of(**found, qualifier); !version) return version.error();
    Record& record = accounts_[(*found)->account].find((*found)->latest->name)->second;
    const std::string place(qualifier);
    if (record.urls.contains(place)) {
        return Error{"ResourceConflictException",
                     fmt::format("Failed to create function url config for [functionArn = {}]. Error message:  "
                                 "FunctionUrlConfig exists for "
                                 "this Lambda function",
                                 qualified_arn(*record.latest, qualifier)),
                     409};
    }
    const std::string id = base::random_alphanumeric(32);
    Function_Url& url = record.urls[place];
    url = {.id = id,
           .url = url_text(record.account, id),
           .qualifier = place,
           .auth_type = *wanted.auth_type,
           .invoke_mode = wanted.invoke_mode.value_or("BUFFERED"),
           .cors = wanted.cors.value_or(Json()),
           .created_at = context_.now(),
           .modified_at = context_.now()};
    url_places_[id] = {record.account, record.latest->name, place};
    save(record);
    return url;
}

Result<Function_Url> Functions::url(const Account& account, std::string_view name, std::string_view qualifier) const {
    const auto found = qualified(account, name, qualifier);
    if (!found) return found.error();
    if (auto error = check_qualifier(qualifier)) return *error;
    const auto url = (*found)->urls.find(std::string(qualifier));
    if (url == (*found)->urls.end()) return resource_not_there();
    return url->second;
}

Result<Function_Url> Functions::update_url(const Account& account, const Function_Url_Change& wanted) {
    if (auto error = check(wanted)) return *error;
    std::string_view qualifier = wanted.qualifier;
    const auto found = qualified(account, wanted.name, qualifier);
    if (!found) return found.error();
    if (auto error = check_qualifier(qualifier)) return *error;
    Record& record = accounts_[(*found)->account].find((*found)->latest->name)->second;
    const auto place = record.urls.find(std::string(qualifier));
    if (place == record.urls.end()) return resource_not_there();
    Function_Url& url = place->second;
    if (wanted.auth_type) url.auth_type = *wanted.auth_type;
    if (wanted.invoke_mode) url.invoke_mode = *wanted.invoke_mode;
    if (wanted.cors) url.cors = *wanted.cors;
    url.modified_at = context_.now();
    save(record);
    return url;
}

Result<void> Functions::delete_url(const Account& account, std::string_view name, std::string_view qualifier) {
    const auto found = qualified(account, name, qualifier);
    if (!found) return found.error();
    if (auto error = check_qualifier(qualifier)) return *error;
    Record& record = accounts_[(*found)->account].find((*found)->latest->name)->second;
    const auto url = record.urls.find(std::string(qualifier));
    if (url == record.urls.end()) return resource_not_there();
    url_places_.erase(url->second.id);
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
    const auto place = url_places_.find(std::string(id));
    const Record* record =
        place == url_places_.end() ? nullptr : find_record(place->second.account, place->second.name);
    if (!record) return resource_not_there();
    const std::string& qualifier = place->second.qualifier;
    auto target = invocable(record->account, record->latest->name, qualifier);
    if (!target) return target.error();
    return Url_Target{std::move(target->function), &record->urls.at(qualifier), allows_public(*record, qualifier)};
}

}  // namespace osbot_aws::engine
