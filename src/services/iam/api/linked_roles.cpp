// IAM's operations for service-linked roles. linked_roles.json has the names that AWS gives them, and their policies.
#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/random.hpp"
#include "embedded/linked_roles_json.hpp"
#include "services/iam/api/json.hpp"
#include "services/iam/api/principal.hpp"
#include "services/iam/api/tables.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t tasks_max = 100;

/// Returns the facts about a service, or those that follow from its name.
Json linked_facts_of(const std::string& service) {
    static const Json all = base::parse_json_or_throw(embedded::linked_roles_json);
    for (const Json& each : all)
        if (each.at("service") == service) return each;
    std::string_view name = service;
    return {{"service", service},
            {"role", fmt::format("AWSServiceRoleFor{}", base::take_until(name, '.'))},
            {"policy", ""},
            {"suffix", false}};
}

std::string linked_trust_of(const std::string& service) {
    return base::dump_json(
        {{"Version", "2012-10-17"},
         {"Statement",
          {{{"Effect", "Allow"}, {"Principal", {{"Service", {service}}}}, {"Action", {"sts:AssumeRole"}}}}}});
}

Error bad_linked_role(std::string message) { return {"InvalidInput", std::move(message), 400}; }

Result<Json> create_linked_role(Iam& iam, const Call& call) {
    const std::string service = call.fields().text_or("AWSServiceName");
    const auto suffix = call.fields().text("CustomSuffix");
    if (!service.ends_with(".amazonaws.com") && !service.ends_with(".amazonaws.com.cn"))
        return bad_linked_role(fmt::format("{} is not a service: expected a name like ecs.amazonaws.com", service));
    const Json facts = linked_facts_of(service);
    if (suffix && !facts.at("suffix").get<bool>())
        return bad_linked_role(fmt::format("Custom suffix is not allowed for {}", service));
    Role created;
    created.account = call.account.id;
    created.name = facts.at("role").get<std::string>() + (suffix ? "_" + *suffix : "");
    constexpr std::size_t name_characters_max = 64;
    if (created.name.size() > name_characters_max)
        return bad_linked_role(
            fmt::format("The role's name {} has more than {} characters", created.name, name_characters_max));
    if (iam.all<Role>().find_ignoring_case(call.account, created.name) != nullptr)
        return bad_linked_role(fmt::format(
            "Service role name {} has been taken in this account, please try a different suffix.", created.name));
    if (iam.all<Role>().of(call.account).size() >= Role::kind.count_max)
        return iam_limit("RolesPerAccount", Role::kind.count_max);
    created.path = fmt::format("/aws-service-role/{}/", service);
    created.id = new_iam_id(Role::kind.id_prefix);
    created.arn = arn_of(call.account.partition(), Role::kind.word, created);
    created.created_at = iam.now();
    created.description = call.fields().text_or("Description");
    created.trust_policy = linked_trust_of(service);
    created.linked_service = service;
    if (const std::string policy = facts.at("policy"); !policy.empty())
        created.attached.push_back(
            wire::Arn{call.account.partition(), "iam", "", "aws", "policy/aws-service-role/" + policy}.text());
    return Json{{"Role", role_json(iam.all<Role>().put(std::move(created)))}};
}

/// Deletes the role at once. Its resources are of services that the engine lacks.
Result<Json> delete_linked_role(Iam& iam, const Call& call) {
    OSBOT_TRY(const Role* role, named<Role>(iam, call));
    if (role->linked_service.empty())
        return bad_linked_role(fmt::format("Role {} is not a service-linked role: use DeleteRole.", role->name));
    const std::string task = fmt::format("task{}{}/{}", role->path, role->name, base::uuid4());
    iam.all<Role>().erase(*role);
    Account_Settings& settings = iam.settings(call.account);
    auto& tasks = settings.deletion_tasks;
    tasks.push_back(task);
    if (tasks.size() > tasks_max) tasks.erase(tasks.begin());
    iam.all<Account_Settings>().save(settings);
    return Json{{"DeletionTaskId", task}};
}

Result<Json> deletion_status(Iam& iam, const Call& call) {
    const std::string task = call.fields().text_or("DeletionTaskId");
    const auto* settings = iam.all<Account_Settings>().find(call.account, call.account.id);
    if (settings == nullptr || std::ranges::find(settings->deletion_tasks, task) == settings->deletion_tasks.end())
        return Error{"NoSuchEntity", fmt::format("Deletion task with id {} cannot be found.", task), 404};
    return Json{{"Status", "SUCCEEDED"}};
}

}  // namespace

Operations iam_linked_role_operations(Iam& iam) {
    return {iam,
            {{"CreateServiceLinkedRole", &create_linked_role},
             {"DeleteServiceLinkedRole", &delete_linked_role},
             {"GetServiceLinkedRoleDeletionStatus", &deletion_status}}};
}

}  // namespace osbot_aws::services
