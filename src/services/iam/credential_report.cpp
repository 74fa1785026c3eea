#include "services/iam/credential_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace osbot_aws::services {
namespace {

constexpr std::string_view report_header =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated";
const std::string not_available = "N/A";

std::string or_na(const std::string& text) { return text.empty() ? not_available : text; }
std::string truth_text(bool value) { return value ? "true" : "false"; }

/// Returns the credential at a position of a list, or an inactive one.
Credential credential_at(const std::vector<Credential>& list, std::size_t position) {
    if (position < list.size()) return list[position];
    Credential none;
    none.status = "";
    return none;
}

std::string row_of(const Iam& iam, const User& user) {
    const auto& devices = iam.all<Mfa_Device>().of(scope_of(user));
    const bool has_mfa = std::ranges::any_of(devices, [&](const auto& each) { return each.second.user_id == user.id; });
    std::vector<std::string> cells{user.name,
                                   user.arn,
                                   user.created_at,
                                   truth_text(user.login.has_value()),
                                   user.login ? "no_information" : not_available,
                                   user.login ? user.login->created_at : not_available,
                                   not_available,
                                   truth_text(has_mfa)};
    for (const std::size_t position : {0U, 1U}) {
        const Credential key = credential_at(user.access_keys, position);
        for (const std::string& cell : {truth_text(key.status == "Active"), or_na(key.created_at), or_na(key.used_at),
                                        or_na(key.used_region), or_na(key.used_service)})
            cells.push_back(cell);
    }
    for (const std::size_t position : {0U, 1U}) {
        const Credential certificate = credential_at(user.certificates, position);
        cells.push_back(truth_text(certificate.status == "Active"));
        cells.push_back(or_na(certificate.created_at));
    }
    return fmt::format("{}", fmt::join(cells, ","));
}

}  // namespace

std::string credential_report(const Iam& iam, const Account& account) {
    User root;
    root.account = account.id;
    root.name = "<root_account>";
    root.arn = account.root_arn();
    root.created_at = iam.now();
    std::string report = fmt::format("{}\n{}", report_header, row_of(iam, root));
    for (const auto& [name, user] : iam.all<User>().of(account)) report += "\n" + row_of(iam, user);
    return report;
}

}  // namespace osbot_aws::services
