#include "wire/arn.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/characters.hpp"

namespace osbot_aws::wire {
namespace {

struct Partition {
    std::string_view region_prefix, name;
};
constexpr Partition partitions[] = {
    {"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"eusc-", "aws-eusc"},     {"us-iso-", "aws-iso"},
    {"us-isob-", "aws-iso-b"}, {"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"},
};

}  // namespace

std::string_view partition_of(std::string_view region) {
    const auto found = std::ranges::find_if(
        partitions, [&](const Partition& partition) { return region.starts_with(partition.region_prefix); });
    return found == std::end(partitions) ? "aws" : found->name;
}

std::optional<Arn> Arn::parse(std::string_view text) {
    constexpr int colons_min = 5;
    if (!text.starts_with("arn:") || std::ranges::count(text, ':') < colons_min) return std::nullopt;
    base::take_until(text, ':');
    Arn arn;
    for (std::string_view Arn::*part : {&Arn::partition, &Arn::service, &Arn::region, &Arn::account})
        arn.*part = base::take_until(text, ':');
    arn.resource = text;
    return arn;
}

std::string Arn::text() const {
    return fmt::format("arn:{}:{}:{}:{}:{}", partition, service, region, account, resource);
}

std::string_view partition_in(std::string_view arn) {
    const auto parsed = Arn::parse(arn);
    return parsed ? parsed->partition : "aws";
}

}  // namespace osbot_aws::wire
