#include "services/iam/iam.hpp"

#include <algorithm>

#include "base/characters.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "embedded/function_policies_tsv.hpp"
#include "services/iam/iam_records.hpp"
#include "store/store.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view aws_account = "aws";  // in the ARNs of AWS managed policies
constexpr int arn_parts_before_region = 3;
constexpr int arn_parts_before_account = arn_parts_before_region + 1;
constexpr std::int64_t key_use_interval_ms = 60'000;
constexpr std::size_t scope_characters_max = 64;

std::string arn_part(std::string_view arn, int parts_before) {
    for (int part = 0; part < parts_before; ++part) base::take_until(arn, ':');
    return std::string(base::take_until(arn, ':'));
}

}  // namespace

std::string session_arn(std::string_view principal_arn, std::string_view resource) {
    const std::string account = account_in(principal_arn);
    return wire::Arn{wire::partition_in(principal_arn), "sts", "", account, resource}.text();
}
std::string account_in(std::string_view arn) { return arn_part(arn, arn_parts_before_account); }
std::string region_in(std::string_view arn) { return arn_part(arn, arn_parts_before_region); }

std::string new_iam_id(std::string_view prefix) {
    return std::string(prefix) + base::upper_case(base::random_alphanumeric(17));
}

Iam::Iam(Context& context, Aws_Policy_Table table)
    : context_(context),
      aws_policy_table_(table),
      collections_{
          {context.store, {.name = "iam_role"}},
          {context.store, {.name = "iam_policy", .version = 2, .upgrade = upgrade_policy}},
          {context.store, {.name = "iam_user"}},
          {context.store, {.name = "iam_group"}},
          {context.store, {.name = "iam_instance_profile"}},
          {context.store, {.name = "iam_oidc_provider"}},
          {context.store, {.name = "iam_saml_provider"}},
          {context.store, {.name = "iam_mfa_device"}},
          {context.store, {.name = "iam_server_certificate"}},
          {context.store, {.name = "iam_account"}},
      } {}

void Iam::load() {
    clear();
    std::apply([](auto&... each) { (each.load(), ...); }, collections_);
    all<User>().each([this](const User& user) { accept_keys(user); });
}

void Iam::clear() {
    std::apply([](auto&... each) { (each.clear(), ...); }, collections_);
    for (const auto& [key, owner] : key_owners_) context_.keys.forget(key);
    key_owners_.clear();
}

template <class T>
const T* Iam::by_arn(const std::string& arn) const {
    const T* found = all<T>().find(scope_in(arn), arn.substr(arn.rfind('/') + 1));
    return found != nullptr && found->arn == arn ? found : nullptr;
}

const Principal* Iam::principal_by_arn(const std::string& arn) const {
    if (const auto* role = by_arn<Role>(arn)) return role;
    if (const auto* user = by_arn<User>(arn)) return user;
    return by_arn<Group>(arn);
}

void Iam::record_role_use(const std::string& arn, const std::string& region) {
    const Role* found = role_by_arn(arn);
    if (found == nullptr) return;
    Role& role = *all<Role>().find(scope_of(*found), found->name);
    role.last_used_at = now();
    role.last_used_region = region;
    all<Role>().save(role);
}

const std::vector<Policy>& Iam::aws_policies(std::string_view partition) const {
    if (const auto read = aws_policies_.find(partition); read != aws_policies_.end()) return read->second;
    auto policies = aws_policy_table_ == nullptr ? read_aws_policies(embedded::function_policies_tsv, partition)
                                                 : read_aws_policies(aws_policy_table_(), partition);
    return aws_policies_.emplace(partition, std::move(policies)).first->second;
}

const Policy* Iam::policy(const Account& account, const std::string& arn) const {
    return wire::partition_in(arn) == account.partition() ? attached_policy(account.id, arn) : nullptr;
}

const Policy* Iam::attached_policy(const std::string& account_id, const std::string& arn) const {
    if (account_in(arn) != aws_account) return all<Policy>().find({account_id, wire::partition_in(arn)}, arn);
    const std::vector<Policy>& policies = aws_policies(wire::partition_in(arn));
    const auto found = std::ranges::lower_bound(policies, arn, {}, &Policy::arn);
    return found != policies.end() && found->arn == arn ? &*found : nullptr;
}

const User* Iam::user_by_id(const Iam_Scope& scope, const std::string& id) const {
    const auto& users = all<User>().of(scope);
    const auto found = std::ranges::find_if(users, [&](const auto& each) { return each.second.id == id; });
    return found == users.end() ? nullptr : &found->second;
}

const User* Iam::user_of_key(const std::string& access_key_id) const {
    const auto owner = key_owners_.find(access_key_id);
    return owner == key_owners_.end() ? nullptr : all<User>().find(owner->second.first, owner->second.second);
}

void Iam::accept_keys(const User& user) {
    for (const Credential& key : user.access_keys) {
        key_owners_.insert_or_assign(key.id, std::pair{scope_of(user), user.name});
        if (key.status == "Active")
            context_.keys.remember(key.id, key.body);
        else
            context_.keys.forget(key.id);
    }
}

void Iam::save_credentials(const User& user) {
    all<User>().save(user);
    accept_keys(user);
}

void Iam::forget_key(const std::string& access_key_id) {
    key_owners_.erase(access_key_id);
    context_.keys.forget(access_key_id);
}

void Iam::record_key_use(const std::string& access_key_id, const std::string& region, const std::string& service) {
    const auto owner = key_owners_.find(access_key_id);
    if (owner == key_owners_.end()) return;
    User* user = all<User>().find(owner->second.first, owner->second.second);
    const auto key = std::ranges::find(user->access_keys, access_key_id, &Credential::id);
    const auto used_at = base::parse_iso8601(key->used_at);
    const bool is_recent = used_at && base::unix_ms(context_.now()) - base::unix_ms(*used_at) < key_use_interval_ms;
    key->used_region = region.substr(0, scope_characters_max);
    key->used_service = service.substr(0, scope_characters_max);
    if (is_recent) return;
    key->used_at = now();
    all<User>().save(*user);
}

Account_Settings& Iam::settings(const Account& account) {
    auto& settings = all<Account_Settings>();
    if (auto* found = settings.find(account, account.id)) return *found;
    Account_Settings created;
    created.account = account.id;
    created.partition = account.partition();
    return settings.put(std::move(created));
}

std::string Iam::now() const { return base::iso8601_z(context_.now()); }

}  // namespace osbot_aws::services
