#include "services/iam/iam_api.hpp"

#include <algorithm>

namespace osbot_aws::services {
namespace {

constexpr std::int64_t page_size_default = 100;

Result<Json> list_account_aliases(Iam&, const Call& call) { return Iam_Page(call, "AccountAliases").output(); }

/// Returns an empty list: instance profiles are not supported. Terraform and CloudFormation call this before they
/// delete a role.
Result<Json> list_instance_profiles_for_role(Iam& iam, const Call& call) {
    OSBOT_TRY(iam.role(call.account, call.fields().text_or("RoleName")));
    return Iam_Page(call, "InstanceProfiles").output();
}

/// Returns the entity counts, without the quotas.
Result<Json> get_account_summary(Iam& iam, const Call& call) {
    std::size_t versions = 0;
    const auto policies = iam.policies(call.account, "");
    for (const auto* policy : policies) versions += policy->versions.size();
    Json counts{{"Roles", iam.roles(call.account, "").size()},
                {"Policies", policies.size()},
                {"PolicyVersionsInUse", versions}};
    for (const auto* none : {"Users", "Groups", "InstanceProfiles", "ServerCertificates", "MFADevices"})
        counts[none] = 0;
    return Json{{"SummaryMap", std::move(counts)}};
}

}  // namespace

Json iam_tags_json(const Tags& tags) {
    Json list = Json::array();
    for (const auto& [key, value] : tags) list.push_back({{"Key", key}, {"Value", value}});
    return list;
}

Json iam_tag_page(const Call& call, const Tags& tags) {
    auto by_key = tags;
    std::ranges::sort(by_key);
    Iam_Page page(call, "Tags");
    for (const auto& tag : by_key) page.add(tag.first, [&] { return iam_tags_json({tag})[0]; });
    return std::move(page).output();
}

Iam_Page::Iam_Page(const Call& call, const char* member)
    : output_{{member, Json::array()}, {"IsTruncated", false}},
      list_(&output_[member]),
      marker_(call.fields().text_or("Marker")),
      size_max_(static_cast<std::size_t>(call.fields().number("MaxItems").value_or(page_size_default))) {}

void Iam_Page::add(const std::string& name, const std::function<Json()>& item) {
    if (name <= marker_) return;
    if (list_->size() < size_max_) {
        list_->push_back(item());
        last_ = name;
    } else {
        output_["IsTruncated"] = true;
        output_["Marker"] = last_;
    }
}

Operations iam_operations(Iam& iam) {
    Operations all{iam,
                   {{"GetAccountSummary", &get_account_summary},
                    {"ListAccountAliases", &list_account_aliases},
                    {"ListInstanceProfilesForRole", &list_instance_profiles_for_role}}};
    all.add(iam_role_operations(iam));
    all.add(iam_policy_operations(iam));
    return all;
}

}  // namespace osbot_aws::services
