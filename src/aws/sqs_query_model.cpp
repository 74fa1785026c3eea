#include "aws/sqs_query_model.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/models/models.hpp"

namespace osbot_aws::aws {
namespace {

/// The names of the items of lists and maps. Items that are structures have the names of their shapes.
constexpr std::pair<std::string_view, const char*> item_names[] = {
    {"AWSAccountIds", "AWSAccountId"},
    {"Actions", "ActionName"},
    {"AttributeNames", "AttributeName"},
    {"Attributes", "Attribute"},
    {"BinaryListValues", "BinaryListValue"},
    {"MessageAttributeNames", "MessageAttributeName"},
    {"MessageAttributes", "MessageAttribute"},
    {"MessageSystemAttributeNames", "MessageSystemAttributeName"},
    {"MessageSystemAttributes", "MessageSystemAttribute"},
    {"QueueUrls", "QueueUrl"},
    {"StringListValues", "StringListValue"},
    {"TagKeys", "TagKey"},
    {"Tags", "Tag"},
    {"queueUrls", "QueueUrl"},
    {"tags", "Tag"}};

const char* item_name(const Service& service, const Member& member) {
    const Shape& item = service.shape(service.item_of(service.shape(member)));
    if (service.shape(member).type == Type::list && item.type == Type::structure) return item.name;
    const auto* const found =
        std::ranges::find(item_names, std::string_view(member.name), [](const auto& each) { return each.first; });
    return found == std::end(item_names) ? nullptr : found->second;
}

struct Query_Model {
    std::vector<Member> members;
    Service service;

    Query_Model() : members(sqs_model().members.begin(), sqs_model().members.end()), service(sqs_model()) {
        for (const Shape& shape : service.shapes) name_members(shape);
        service.members = members;
        service.protocol = Protocol::query;
        service.target = "";
        service.xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/";
    }

    void name_members(const Shape& shape) {
        Member* first = &members[shape.first_member];
        if (shape.type == Type::map) {
            first[0].wire_name = std::string_view(shape.name) == "TagMap" ? "Key" : "Name";
            first[1].wire_name = "Value";
        }
        if (shape.type != Type::structure) return;
        for (Member* member = first; member != first + shape.member_count; ++member) {
            const Type type = service.shape(*member).type;
            if (type != Type::list && type != Type::map) continue;
            member->wire_name = item_name(service, *member);
            member->flags |= flattened;
        }
    }
};

}  // namespace

const Service& sqs_query_model() {
    static const Query_Model model;
    return model.service;
}

}  // namespace osbot_aws::aws
