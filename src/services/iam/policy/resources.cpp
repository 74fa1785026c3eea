#include "services/iam/policy/resources.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/characters.hpp"

namespace osbot_aws::services {
namespace {

// Recorded on AWS: https://github.com/localstack/localstack, tests/aws/services/iam/test_iam_policies.snapshot.json
constexpr std::array iam_paths{"user/",
                               "federated-user/",
                               "role/",
                               "group/",
                               "instance-profile/",
                               "mfa/",
                               "server-certificate/",
                               "policy/",
                               "sms-mfa/",
                               "saml-provider/",
                               "oidc-provider/",
                               "report/",
                               "access-report/"};

// The message of AWS does not list this one, which policies of AWS have: AWSCloudWatchOmniServiceRolePolicy.
constexpr std::string_view newer_iam_path = "role-template/";

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html: the resources with a region
constexpr std::array regional_s3_paths{"accesspoint", "access-grants", "job/", "storage-lens"};

template <class Starts>
bool starts_with_any(std::string_view path, const Starts& starts) {
    return std::ranges::any_of(starts, [&](std::string_view start) { return path.starts_with(start); });
}

bool is_iam_path(std::string_view path) {
    return path == "*" || path == "root" || path.starts_with(newer_iam_path) || starts_with_any(path, iam_paths);
}

/// Returns the parts of a text between colons; the last of at most `max` parts has the remaining colons.
std::vector<std::string_view> parts_of(std::string_view text, std::size_t max) {
    std::vector<std::string_view> parts;
    while (parts.size() + 1 < max && text.find(':') != std::string_view::npos)
        parts.push_back(base::take_until(text, ':'));
    parts.push_back(text);
    return parts;
}

std::string bad_partition(std::string_view partition, std::string_view remaining) {
    auto parts = parts_of(remaining, 4);
    if (parts.size() == 1 && parts[0].empty()) parts[0] = "*";
    parts.resize(4, "*");
    return fmt::format(R"(Partition "{0}" is not valid for resource "arn:{0}:{1}:{2}:{3}:{4}".)", partition, parts[0],
                       parts[1], parts[2], parts[3]);
}

/// Checks what follows "arn:aws:s3" or "arn:aws:iam": region, account and path.
std::optional<std::string> global_problem(const std::string& resource, std::string_view service,
                                          std::string_view region, std::string_view path) {
    if (service == "s3" && !region.empty() && !starts_with_any(path, regional_s3_paths))
        return fmt::format("Resource {} can not contain region information.", resource);
    if (service == "iam" && !region.empty())
        return fmt::format("IAM resource {} cannot contain region information.", resource);
    if (service == "iam" && !is_iam_path(path))
        return fmt::format(R"(IAM resource path must either be "*", root, or start with {}.)",
                           fmt::join(iam_paths, ", "));
    return std::nullopt;
}

}  // namespace

// Recorded in China and GovCloud, of "aws": https://github.com/aws/chalice/issues/777,
// https://github.com/terraform-aws-modules/terraform-aws-iam/issues/39. The refusal of "aws-cn" in "aws" is an
// inference.
std::optional<std::string> resource_format_problem(const std::string& resource, std::string_view partition) {
    if (resource == "*") return std::nullopt;
    std::string_view remaining = resource;
    if (resource.find(':') == std::string::npos)
        return fmt::format(R"(Resource {} must be in ARN format or "*".)", resource);
    base::take_until(remaining, ':');
    const bool has_service = remaining.find(':') != std::string_view::npos;
    const std::string_view of_resource = base::take_until(remaining, ':');
    if (of_resource != partition && of_resource != "*") return bad_partition(of_resource, remaining);
    if (!has_service) return "Resource vendor must be fully qualified and cannot contain regexes.";
    const std::string_view service = base::take_until(remaining, ':');
    const std::string_view region = base::take_until(remaining, ':');
    base::take_until(remaining, ':');  // the account
    return global_problem(resource, service, region, remaining);
}

bool passes_legacy_parser(const std::string& resource) {
    if (resource == "*") return true;
    constexpr int arn_colons = 5;
    if (std::ranges::count(resource, ':') < arn_colons && resource.find("::") != std::string::npos) return false;
    const auto parts = parts_of(resource, 4);
    return parts.size() > 2 && !parts[2].empty();
}

}  // namespace osbot_aws::services
