#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace osbot_aws::wire {

/// Returns the partition of a region, which the ARNs of its resources contain: "aws", "aws-cn", "aws-us-gov" ...
/// Source: botocore/data/partitions.json
std::string_view partition_of(std::string_view region);

/// The parts of an ARN: arn:<partition>:<service>:<region>:<account>:<resource>. ARNs of S3 have neither a region nor
/// an account, those of IAM and STS have no region. The views point into other texts.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
struct Arn {
    std::string_view partition, service, region, account, resource;

    /// Returns nothing if the text does not have all parts. The parts are not checked.
    static std::optional<Arn> parse(std::string_view text);
    std::string text() const;
};

/// Returns the partition of an ARN; "aws" for another text.
std::string_view partition_in(std::string_view arn);

}  // namespace osbot_aws::wire
