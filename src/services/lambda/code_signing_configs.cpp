// The messages: recorded, lambda_/test_lambda_api.snapshot.json, test_code_signing_not_found_excs.
#include "services/lambda/code_signing_configs.hpp"

#include <fmt/format.h>

#include "base/random.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Code_Signing_Config>& config) {
    f(config.account)("id", config.id)("description", config.description)("publishers", config.publishers);
    f("untrusted", config.untrusted)("tags", config.tags)("modified_ms", config.modified_at);
}

namespace {

constexpr std::size_t id_length = 17;
constexpr std::int64_t configs_per_page_max = 10'000;  // API_ListCodeSigningConfigs

}  // namespace

std::string Code_Signing_Config::arn() const { return account.arn("lambda", "code-signing-config:" + id); }

Code_Signing_Configs::Code_Signing_Configs(Context& context)
    : context_(context), records_(context.store, {.name = "lambda.code_signing_config"}) {}

void Code_Signing_Configs::load() {
    clear();
    records_.load([this](const std::string& arn, Code_Signing_Config config) {
        configs_[config.account].insert_or_assign(arn, std::move(config));
    });
}

Code_Signing_Config& Code_Signing_Configs::store(Code_Signing_Config config) {
    config.modified_at = context_.now();
    const std::string arn = config.arn();
    records_.put(arn, config);
    return configs_[config.account].insert_or_assign(arn, std::move(config)).first->second;
}

Code_Signing_Config Code_Signing_Configs::create(const Account& account, const Code_Signing_Change& request) {
    return store({.account = account,
                  .id = "csc-" + base::random_alphanumeric(id_length),
                  .description = request.description.value_or(""),
                  .publishers = request.publishers.value(),
                  .untrusted = request.untrusted.value_or("Warn"),
                  .tags = request.tags});
}

Result<Code_Signing_Config> Code_Signing_Configs::find(const Account& account, std::string_view arn) const {
    if (const auto owned = configs_.find(account); owned != configs_.end())
        if (const auto found = owned->second.find(std::string(arn)); found != owned->second.end()) return found->second;
    return Error{"ResourceNotFoundException",
                 fmt::format("The Lambda code signing configuration {} can not be found.", arn), 404};
}

Result<Code_Signing_Config> Code_Signing_Configs::update(const Account& account, std::string_view arn,
                                                         const Code_Signing_Change& request) {
    OSBOT_TRY(Code_Signing_Config changed, find(account, arn));
    if (!request.description && !request.publishers && !request.untrusted) return changed;
    changed.description = request.description.value_or(changed.description);
    changed.publishers = request.publishers.value_or(changed.publishers);
    changed.untrusted = request.untrusted.value_or(changed.untrusted);
    return store(std::move(changed));
}

Result<void> Code_Signing_Configs::remove(const Account& account, std::string_view arn) {
    OSBOT_TRY(find(account, arn));
    configs_.at(account).erase(std::string(arn));
    records_.erase(std::string(arn));
    return {};
}

Code_Signing_Page Code_Signing_Configs::list(const Account& account, std::string_view marker,
                                             std::optional<std::int64_t> items_max) const {
    Code_Signing_Page page;
    const auto owned = configs_.find(account);
    if (owned == configs_.end()) return page;
    page.next_marker = visit_page(owned->second, marker, page_size(items_max, configs_per_page_max),
                                  [&](const auto& entry) { page.configs.push_back(entry.second); });
    return page;
}

Result<Tags_Of_Resource> Code_Signing_Configs::tags(const Account& account, std::string_view arn) const {
    return find(account, arn).transform([](const Code_Signing_Config& config) { return config.tags; });
}

Result<void> Code_Signing_Configs::change_tags(const Account& account, std::string_view arn, const Tag_Change& change) {
    OSBOT_TRY(Code_Signing_Config changed, find(account, arn));
    OSBOT_TRY(changed.tags, change(std::move(changed.tags)));
    records_.put(std::string(arn), changed);
    configs_.at(account).at(std::string(arn)) = std::move(changed);
    return {};
}

std::optional<Error> Code_Signing_Configs::check_for_function(const Account& account, std::string_view arn) const {
    if (find(account, arn)) return std::nullopt;
    return Error{"CodeSigningConfigNotFoundException",
                 fmt::format("The code signing configuration cannot be found. Check that the provided configuration is "
                             "not deleted: {}.",
                             arn),
                 404};
}

}  // namespace osbot_aws::services
