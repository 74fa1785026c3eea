#pragma once

#include "services/iam/iam.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

/// All operations of IAM.
Operations iam_operations(Iam& iam);
/// The operations for roles and their policies.
Operations iam_role_operations(Iam& iam);
/// The operations for managed policies.
Operations iam_policy_operations(Iam& iam);

Json iam_tags_json(const Tags& tags);
/// Returns a page of tags, as `Tags`.
Json iam_tag_page(const Call& call, const Tags& tags);

/// A list whose pages begin after `Marker`, the name of the last item of the page before. The items are in the order of
/// their names, so a marker stays valid when its item is deleted.
class Iam_Page {
public:
    /// `member`: the name of the list in the output.
    Iam_Page(const Call& call, const char* member);
    /// Adds the item, if it belongs to this page.
    void add(const std::string& name, const std::function<Json()>& item);
    /// Returns the list, IsTruncated and Marker.
    Json output() && { return std::move(output_); }

private:
    Json output_;
    Json* list_;
    std::string marker_, last_;
    std::size_t size_max_;
};

}  // namespace osbot_aws::services
