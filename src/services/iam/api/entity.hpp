// The operations of all kinds of entities: they are found, created and tagged in the same way.
#pragma once

#include <concepts>
#include <string>

#include <fmt/format.h>

#include "services/iam/api/page.hpp"
#include "services/iam/iam.hpp"
#include "services/iam/iam_rules.hpp"
#include "services/operations.hpp"
#include "wire/arn.hpp"

namespace osbot_aws::services {

/// Returns the entity that the input names. Errors: NoSuchEntity.
template <class T>
Result<T*> named(Iam& iam, const Call& call) {
    return iam.find<T>(call.account, call.fields().text_or(T::member));
}

/// Returns the ARN of an entity with a path: user/<path/><name>
template <class T>
std::string arn_of(std::string_view partition, std::string_view type, const T& entity) {
    const std::string resource = fmt::format("{}{}{}", type, entity.path, entity.name);
    return wire::Arn{partition, "iam", "", entity.account, resource}.text();
}

/// The keys of the tags of users and roles are not case-sensitive, those of other entities are.
/// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
template <class T>
constexpr bool has_case_sensitive_tags = !std::derived_from<T, Principal>;

/// Sets account, name, path and tags of a new entity from the input, and the time. `word`: e.g. "roleName".
template <class T>
Result<void> start_entity(Iam& iam, const Call& call, std::string_view word, std::string& created_at, T& entity) {
    const auto fields = call.fields();
    entity.account = call.account.id;
    entity.name = fields.text_or(T::member);
    entity.path = fields.text_or("Path", "/");
    if (auto error = bad_iam_name(entity.name, word)) return *error;
    if (auto error = bad_iam_path(entity.path)) return *error;
    OSBOT_TRY(add_iam_tags(entity.tags, fields.pairs("Tags"), has_case_sensitive_tags<T>));
    created_at = iam.now();
    return {};
}

template <class T>
Result<Json> tag_entity(Iam& iam, const Call& call) {
    OSBOT_TRY(T * entity, named<T>(iam, call));
    OSBOT_TRY(add_iam_tags(entity->tags, call.fields().pairs("Tags"), has_case_sensitive_tags<T>));
    iam.all<T>().save(*entity);
    return Json::object();
}

template <class T>
Result<Json> untag_entity(Iam& iam, const Call& call) {
    OSBOT_TRY(T * entity, named<T>(iam, call));
    remove_iam_tags(entity->tags, call.fields().texts("TagKeys"), has_case_sensitive_tags<T>);
    iam.all<T>().save(*entity);
    return Json::object();
}

template <class T>
Result<Json> list_entity_tags(Iam& iam, const Call& call) {
    return named<T>(iam, call).and_then([&](const T* entity) { return iam_tag_page(call, entity->tags); });
}

inline void add_tags_unless_empty(Json& json, const Tags& tags) {
    if (!tags.empty()) json["Tags"] = iam_tags_json(tags);
}

}  // namespace osbot_aws::services
