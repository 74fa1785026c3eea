#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/ranges.h>

#include "support/model_requests.hpp"

namespace osbot_aws::test_support {

/// The effect of a member on the operation.
enum class Use {
    acted_on,   ///< the outcome differs with this value
    stored,     ///< the outcome has the text
    rejected,   ///< the outcome has the text, an error that names the member, as it is sent, or the feature
    no_effect,  ///< nor has it on AWS: the outcome is the same
};

/// The use of a member, and a value that proves it. A member without a case must be stored or rejected.
struct Member_Case {
    std::string_view member;  ///< the end of its path: "Key", "Tags.Key"
    Use use;
    Json value = nullptr;             ///< null: a value made from the model
    std::string text = {};            ///< for stored (default: the value) and rejected (default: the member's name)
    std::string_view operation = {};  ///< only of this operation
    /// Members that requests with and without the value have in the same structure; null removes one of the sample.
    Json beside = Json::object();
};

/// An engine with resources. A check sends one request to each, or more if they change nothing.
class Member_World {
public:
    virtual ~Member_World() = default;
    /// Returns an input that is valid.
    virtual Json sample(std::string_view operation) = 0;
    /// Returns the beginning of the status of the response to the sample.
    virtual std::string_view status_of_sample(std::string_view /*operation*/) const { return "2"; }
    /// Sends a request. Returns the text of the response, which begins with the status and ends with an empty line, and
    /// of the state after it, without ids that are random.
    virtual std::string outcome(const aws::Operation& operation, const Json& input) = 0;
    /// Returns true if the last request changed nothing. The world receives the next request, too.
    virtual bool is_unchanged() const { return false; }
};

/// Returns the required members of an operation, from `all`, changed by the entry of the operation in `special`.
inline Json required_of(const aws::Service& model, std::string_view operation, const Json& all, const Json& special) {
    Json input = Json::object();
    const std::uint16_t shape = model.find_operation(operation)->input;
    if (shape == aws::no_index) return input;
    for (const aws::Member& member : model.members_of(model.shape(shape)))
        if (member.has(aws::required)) input[member.name] = all.value(member.name, Json());
    input.update(special.value(std::string(operation), Json::object()));
    return input;
}

/// Sends every member of the input of operations, and proves what becomes of each: the engine acts on it, stores and
/// returns it, or rejects the request and names it. None is dropped silently.
class Member_Check {
public:
    using Path = std::vector<std::string>;

    Member_Check(const aws::Service& model, std::span<const Member_Case> cases,
                 std::function<std::unique_ptr<Member_World>()> make_world,
                 std::map<std::string, Json, std::less<>> samples = {})
        : model_(model), cases_(cases), make_world_(std::move(make_world)), samples_(std::move(samples)) {}

    /// Skips the members of these documents: members of inputs that a service stores whole, which another test checks.
    void skip_documents(std::set<std::string, std::less<>> members) { documents_ = std::move(members); }

    void check(const aws::Operation& operation) {
        SCOPED_TRACE(operation.name);
        operation_ = &operation;
        outcome_of_sample_.clear();
        const std::string sampled = outcome([](Json&) {});
        EXPECT_THAT(sampled, testing::StartsWith(std::string(unused_world().status_of_sample(operation.name))))
            << "the sample is invalid";
        EXPECT_EQ(sampled, outcome([](Json&) {})) << "the outcome has random parts";
        outcome_of_sample_ = sampled;
        if (operation.input == aws::no_index) return;
        for (const Path& path : paths_of(model_.shape(operation.input), 0))
            if (!documents_.contains(path.front())) check_member(path);
    }

    /// Fails for a case that no operation has used.
    void expect_all_cases_used() const {
        for (const Member_Case& each : cases_)
            EXPECT_TRUE(used_.contains(&each)) << each.operation << " " << each.member << " is not in the model";
    }

private:
    static constexpr int depth_max = 8;

    /// Returns the paths of the members without members of their own. The keys of a map that are an enumeration count
    /// as members.
    std::vector<Path> paths_of(const aws::Shape& shape, int depth) const {
        std::vector<Path> paths;
        for (const aws::Member& member : model_.members_of(shape))
            add_paths(model_.shape(member), {member.name}, depth, paths);
        return paths;
    }

    void add_paths(const aws::Shape& shape, const Path& path, int depth, std::vector<Path>& paths) const {
        if (depth == depth_max) throw std::logic_error("a recursive shape");
        const auto add_below = [&](const aws::Shape& inner, const Path& above) {
            for (Path below : paths_of(inner, depth + 1)) {
                below.insert(below.begin(), above.begin(), above.end());
                paths.push_back(std::move(below));
            }
        };
        if (const auto keys = keys_of(shape); !keys.empty()) {
            for (const std::string& key : keys) {
                Path below = path;
                below.push_back(key);
                add_paths(model_.shape(model_.item_of(shape)), below, depth + 1, paths);
            }
        } else if (const aws::Shape& inner = content_of(shape); inner.type == aws::Type::structure) {
            add_below(inner, path);
        } else {
            paths.push_back(path);
        }
    }

    /// Returns the keys of a map, if they are an enumeration.
    std::vector<std::string> keys_of(const aws::Shape& shape) const {
        if (shape.type != aws::Type::map) return {};
        const aws::Rule* rule = model_.rule_of(model_.shape(model_.members_of(shape).front()));
        if (rule == nullptr) return {};
        const auto values = model_.values_of(*rule);
        return {values.begin(), values.end()};
    }

    /// Returns the shape of the items of a list or map; else the shape.
    const aws::Shape& content_of(const aws::Shape& shape) const {
        const bool is_container = shape.type == aws::Type::list || shape.type == aws::Type::map;
        return is_container ? model_.shape(model_.item_of(shape)) : shape;
    }

    /// A place in an input: the structure or map, the name there, and the shape of the value.
    struct Place {
        Json* parent;
        std::string name, name_on_wire;
        const aws::Shape* shape;
    };

    /// Returns the place of a path. Creates what it needs, with the required members.
    Place place_of(Json& input, const Path& path) const {
        Place place{&input, path.front(), path.front(), &model_.shape(operation_->input)};
        for (std::size_t at = 0;; ++at) {
            place.name = place.name_on_wire = path[at];
            if (place.shape->type == aws::Type::map) {
                place.shape = &model_.shape(model_.item_of(*place.shape));
            } else {
                const aws::Member& member = *model_.find_member(*place.shape, place.name);
                place.name_on_wire = member.on_wire();
                place.shape = &model_.shape(member);
            }
            if (at + 1 == path.size()) return place;
            place.parent = &(*place.parent)[place.name];
            enter(place);
        }
    }

    /// Moves a place from a list or map into its first item.
    void enter(Place& place) const {
        Json& container = *place.parent;
        if (place.shape->type == aws::Type::map && !keys_of(*place.shape).empty()) {
            if (container.is_null()) container = Json::object();
            return;
        }
        const aws::Shape& inner = content_of(*place.shape);
        if (place.shape->type == aws::Type::list) {
            if (container.empty()) container = Json::array({nullptr});
            place.parent = &container[0];
        } else if (place.shape->type == aws::Type::map) {
            if (container.empty()) container["name"] = nullptr;
            place.parent = &*container.begin();
        }
        if (place.parent->is_null()) *place.parent = required_members(inner);
        place.shape = &inner;
    }

    Json required_members(const aws::Shape& shape) const {
        Json object = Json::object();
        for (const aws::Member& member : model_.members_of(shape))
            if (member.has(aws::required)) object[member.name] = value_of(model_.shape(member), member.name);
        return object;
    }

    /// Returns a value that is not a default.
    Json value_of(const aws::Shape& shape, const std::string& name) const {
        if (const auto sample = samples_.find(name); sample != samples_.end()) return sample->second;
        const aws::Rule* rule = model_.rule_of(shape);
        switch (shape.type) {
            case aws::Type::structure:
                return required_members(shape);
            case aws::Type::list:
                return Json::array({value_of(content_of(shape), name)});
            case aws::Type::map:
                return {{"name", value_of(content_of(shape), name)}};
            case aws::Type::string:
                if (rule != nullptr && rule->value_count > 0) return model_.values_of(*rule).back();
                return "value-of-" + name;
            case aws::Type::blob:
                return "AAEC";
            case aws::Type::boolean:
                return true;
            default:
                return rule == nullptr || rule->min < 0 ? 3 : rule->min + 1;
        }
    }

    /// Returns the outcome of the sample, changed. That of most requests without a member is that of the sample.
    std::string outcome(const std::function<void(Json&)>& change) {
        const Json sample = unused_world().sample(operation_->name);
        Json input = sample;
        change(input);
        if (input == sample && !outcome_of_sample_.empty()) return outcome_of_sample_;
        auto world = std::exchange(unused_world_, nullptr);
        std::string text = world->outcome(*operation_, input);
        if (world->is_unchanged()) unused_world_ = std::move(world);
        return text;
    }

    Member_World& unused_world() {
        if (!unused_world_) unused_world_ = make_world_();
        return *unused_world_;
    }

    static std::string joined(const Path& path) { return fmt::format("{}", fmt::join(path, ".")); }

    const Member_Case* case_of(const Path& path) const {
        const std::string text = "." + joined(path);
        const auto found = std::ranges::find_if(cases_, [&](const Member_Case& each) {
            return text.ends_with("." + std::string(each.member)) &&
                   (each.operation.empty() || each.operation == operation_->name);
        });
        return found == cases_.end() ? nullptr : &*found;
    }

    void check_member(const Path& path) {
        SCOPED_TRACE(joined(path));
        static const Member_Case stored_or_rejected{"", Use::stored};
        const Member_Case* found = case_of(path);
        if (found != nullptr) used_.insert(found);
        const Member_Case& tested = found == nullptr ? stored_or_rejected : *found;
        Json value = tested.value;
        std::string name;
        const std::string with = outcome([&](Json& input) {
            const Place place = place_of(input, path);
            name = place.name_on_wire;
            if (value.is_null()) value = value_of(*place.shape, path.back());
            place.parent->merge_patch(tested.beside);
            (*place.parent)[place.name] = value;
        });
        const bool is_refused = found == nullptr && with.front() >= '4';
        const std::string named = is_refused ? rejected_name(path, name, with) : name;
        // Without the member, the structure that the error names would be rejected, too.
        const std::string without = named != name ? outcome_of_sample_ : outcome([&](Json& input) {
            const Place place = place_of(input, path);
            place.parent->merge_patch(tested.beside);
            Json& existing = (*place.parent)[place.name];
            if (existing == value) existing = value.is_string() ? Json("another") : Json(nullptr);
            if (existing.is_null()) place.parent->erase(place.name);
            if (place.parent->empty() && path.size() > 1) input.erase(path.front());
        });
        expect(is_refused ? Use::rejected : tested.use, text_of_outcome(tested, is_refused, named, value), without,
               with);
    }

    /// Returns the name of the member that an error names: that which was sent, or a structure that it is in.
    static std::string rejected_name(const Path& path, const std::string& name, const std::string& outcome) {
        const auto is_named = [&](const std::string& each) {
            return response_of(outcome).find(each) != std::string::npos;
        };
        if (is_named(name)) return name;
        const auto found = std::find_if(path.rbegin(), path.rend(), is_named);
        return found == path.rend() ? name : *found;
    }

    /// Returns the text that the outcome has only with the member.
    std::string text_of_outcome(const Member_Case& tested, bool is_refused, const std::string& name, Json value) const {
        if (!tested.text.empty()) return tested.text;
        if (is_refused || tested.use == Use::rejected) return name;
        while (value.is_structured() && !value.empty()) value = *value.begin();
        if (value.is_string()) {
            const std::string quoted = value.dump();
            return quoted.substr(1, quoted.size() - 2);
        }
        const bool is_xml = model_.protocol == aws::Protocol::query || model_.protocol == aws::Protocol::rest_xml;
        return fmt::format(fmt::runtime(is_xml ? "<{}>{}<" : "\"{}\":{}"), name, value.dump());
    }

    static std::string response_of(const std::string& outcome) { return outcome.substr(0, outcome.find("\n\n")); }

    static void expect(Use use, const std::string& text, const std::string& without, const std::string& with) {
        switch (use) {
            case Use::acted_on:
                EXPECT_NE(with, without) << "the value has no effect";
                break;
            case Use::no_effect:
                EXPECT_EQ(with, without);
                break;
            case Use::stored:
                EXPECT_THAT(with, testing::HasSubstr(text)) << "it is accepted and dropped, or has no case";
                EXPECT_THAT(without, testing::Not(testing::HasSubstr(text)));
                break;
            case Use::rejected:
                EXPECT_THAT(response_of(with), testing::HasSubstr(text));
                EXPECT_THAT(response_of(without), testing::Not(testing::HasSubstr(text)));
                break;
        }
    }

    const aws::Service& model_;
    std::span<const Member_Case> cases_;
    std::function<std::unique_ptr<Member_World>()> make_world_;
    std::map<std::string, Json, std::less<>> samples_;
    const aws::Operation* operation_ = nullptr;
    std::string outcome_of_sample_;
    std::unique_ptr<Member_World> unused_world_;  ///< no request has changed it
    std::set<const Member_Case*> used_;
    std::set<std::string, std::less<>> documents_;
};

}  // namespace osbot_aws::test_support
