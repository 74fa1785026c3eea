#include "services/access/access_rules.hpp"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <sstream>

#include "aws/models/models.hpp"

namespace osbot_aws::services {
namespace {

const aws::Service* const models[] = {&aws::iam_model(), &aws::lambda_model(), &aws::logs_model(),
                                      &aws::s3_model(),  &aws::sqs_model(),    &aws::sts_model()};

std::vector<std::string> words(std::string_view list) {
    std::istringstream stream{std::string(list)};
    return {std::istream_iterator<std::string>(stream), {}};
}

TEST(Access_Rules_Test, each_operation_of_each_model_has_one_rule) {
    for (const aws::Service* model : models) {
        const Access_Rules& rules = access_rules_of(*model);
        EXPECT_EQ(rules.prefix, model->name);
        std::map<std::string, int> listed;
        for (const Resource_Group& group : rules.groups)
            for (const std::string& name : words(group.operations)) ++listed[name];
        for (const std::string& name : words(rules.unchecked)) ++listed[name];
        for (const aws::Operation& operation : model->operations)
            EXPECT_EQ(listed[operation.name], 1) << model->name << " " << operation.name;
        EXPECT_EQ(listed.size(), model->operations.size()) << model->name << " has rules for unknown operations";
    }
}

TEST(Access_Rules_Test, operations_and_members_of_rules_are_in_the_model) {
    for (const aws::Service* model : models) {
        const Access_Rules& rules = access_rules_of(*model);
        const auto check = [&](std::string_view name, std::string_view member) {
            const aws::Operation* operation = model->find_operation(name);
            ASSERT_NE(operation, nullptr) << model->name << " " << name;
            const bool is_known =
                member.empty() || model->find_member(model->shape(operation->input), member) != nullptr;
            EXPECT_TRUE(is_known) << name << " " << member;
        };
        for (const Renamed_Action& each : rules.renamed) check(each.operation, each.with);
        for (const Additional_Action& each : rules.additional)
            for (const std::string& member : words(each.members)) check(each.operation, member);
        for (const std::string& operation : words(rules.own_account_only)) check(operation, "");
    }
}

}  // namespace
}  // namespace osbot_aws::services
