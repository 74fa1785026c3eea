#pragma once

#include <functional>
#include <string>

#include "services/iam/entities.hpp"
#include "services/operations.hpp"

namespace osbot_aws::services {

/// A list whose pages begin after `Marker`, which encodes the place of the last item of the page before. The items are
/// added in the order of their places. A marker of a name stays valid when its item is deleted; one of a position does
/// not.
class Iam_Page {
public:
    /// `member`: the name of the list in the output.
    Iam_Page(const Call& call, const char* member);
    /// Adds the item to `member`, if it belongs to this page.
    void add(const std::string& place, const std::function<Json()>& item) { add_to(member_, place, item); }
    void add(std::size_t position, const std::function<Json()>& item);
    /// Adds the item to another list of the output: the pages count the items of all lists.
    void add_to(const char* member, const std::string& place, const std::function<Json()>& item);
    /// Adds an empty list, or another member.
    void add_member(const char* member, Json value = Json::array()) { output_[member] = std::move(value); }
    /// Returns the lists, IsTruncated and Marker. Errors: ValidationError, if the marker is not valid.
    Result<Json> output() &&;

private:
    Json output_;
    const char* member_;
    std::optional<std::string> after_;
    bool has_valid_marker_ = true;
    std::string last_, previous_;  ///< the places of the last item of this page, and of the last one that was added
    std::size_t size_ = 0, size_max_;
};

/// Returns the entities whose path begins with `PathPrefix` as a page. `write` returns the item of an entity.
template <class Entities, class Write>
Result<Json> iam_page(const Call& call, const char* member, const Entities& entities, Write write) {
    const std::string prefix = call.fields().text_or("PathPrefix");
    Iam_Page page(call, member);
    for (const auto& [place, entity] : entities)
        if (entity.path.starts_with(prefix)) page.add(place, [&each = entity, &write] { return write(each); });
    return std::move(page).output();
}

Json iam_tags_json(const Tags& tags);
/// Returns a page of tags, as `Tags`.
Result<Json> iam_tag_page(const Call& call, const Tags& tags);

}  // namespace osbot_aws::services
