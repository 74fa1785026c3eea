#include "services/logs/resources/resource_operations.hpp"

#include <algorithm>
#include <limits>

#include "base/time_text.hpp"

namespace osbot_aws::services {

Error log_limit_exceeded() { return {"LimitExceededException", "Resource limit exceeded."}; }

Error log_resource_not_found(std::string message) { return {"ResourceNotFoundException", std::move(message)}; }

Json members_of_input(const Call& call, std::initializer_list<const char*> names) {
    Json members = Json::object();
    for (const char* name : names)
        if (const auto found = call.input.find(name); found != call.input.end() && !found->is_null())
            members[name] = *found;
    return members;
}

std::int64_t update_time_ms(Context& context, const Log_Resource* existing, const char* member) {
    const auto now = base::unix_ms(context.now());
    if (existing == nullptr) return now;
    const auto before = existing->members.value(member, std::int64_t{0});
    const bool is_last = before == std::numeric_limits<std::int64_t>::max();  // of a record from elsewhere
    return std::max(now, is_last ? before : before + 1);
}

Json resource_page(const Call& call, const Page_Members& members, const std::vector<const Log_Resource*>& resources) {
    const auto fields = call.fields();
    const std::string token = fields.text_or("nextToken");
    const auto limit = static_cast<std::size_t>(fields.integer(members.limit).value_or(members.limit_default));
    auto next = resources.begin();
    if (!token.empty()) {
        next = std::ranges::find(resources, token, &Log_Resource::name);
        // A resource that was deleted since the last page: continue with those that follow its name.
        next = next != resources.end()
                   ? std::next(next)
                   : std::ranges::find_if(resources, [&](const Log_Resource* each) { return each->name > token; });
    }
    Json list = Json::array(), output = Json::object();
    for (; next != resources.end(); ++next) {
        if (list.size() == limit) {
            output["nextToken"] = (*std::prev(next))->name;
            break;
        }
        list.push_back((*next)->members);
    }
    output[members.list] = std::move(list);
    return output;
}

std::string log_group_name(const Account& account, const std::string& identifier) {
    const std::string before_name = log_group_arn(account, "");
    if (!identifier.starts_with(before_name)) return identifier;
    const std::string rest = identifier.substr(before_name.size());
    return rest.substr(0, rest.find(':'));
}

std::vector<std::string> log_group_names(const Account& account, std::vector<std::string> identifiers) {
    for (std::string& each : identifiers) each = log_group_name(account, each);
    return identifiers;
}

}  // namespace osbot_aws::services
