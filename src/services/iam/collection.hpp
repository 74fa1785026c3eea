#pragma once

#include <map>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "services/iam/iam_records.hpp"
#include "store/records.hpp"

namespace osbot_aws::services {

/// The entities of one kind, in memory and in the store: by scope and name, in the order of the names without case.
/// No two names that differ by case only are created in an account, but an old state folder may have them. Pointers are
/// valid until the entity is erased or replaced.
template <class T>
class Collection {
public:
    using Of_Scope = std::map<std::string, T>;  // by place_of() the name

    Collection(store::Store& store, const store::Record_Kind& kind) : records_(store, kind) {}

    void load() {
        clear();
        records_.load([this](const std::string&, T entity) { insert(std::move(entity)); });
    }
    void clear() { scopes_.clear(); }

    const Of_Scope& of(const Iam_Scope& scope) const {
        static const Of_Scope none;
        const auto found = scopes_.find(scope);
        return found == scopes_.end() ? none : found->second;
    }
    /// Returns the entity with exactly this name, or nullptr.
    const T* find(const Iam_Scope& scope, const std::string& name) const {
        const Of_Scope& all = of(scope);
        const auto found = all.find(place_of(all, name));
        return found != all.end() && found->second.key() == name ? &found->second : nullptr;
    }
    T* find(const Iam_Scope& scope, const std::string& name) {
        return const_cast<T*>(std::as_const(*this).find(scope, name));
    }
    const T* find_ignoring_case(const Iam_Scope& scope, const std::string& name) const {
        const Of_Scope& all = of(scope);
        const auto found = all.find(base::lower_case(name));
        return found == all.end() ? nullptr : &found->second;
    }

    /// Calls `visit` with each entity of all scopes.
    template <class Visit>
    void each(Visit visit) const {
        for (const auto& [scope, entities] : scopes_)
            for (const auto& [name, entity] : entities) visit(entity);
    }

    /// Adds or replaces an entity.
    T& put(T entity) {
        records_.put(record_key(entity), entity);
        return insert(std::move(entity));
    }
    /// Stores the changes of an entity of this collection.
    void save(const T& entity) { records_.put(record_key(entity), entity); }
    void erase(const T& entity) {
        records_.erase(record_key(entity));
        Of_Scope& all = scopes_[scope_of(entity)];
        all.erase(place_of(all, entity.key()));
    }

private:
    /// Returns where an entity is: its name in lower case; if another name is there, which differs by case only, the
    /// exact name after that.
    static std::string place_of(const Of_Scope& all, const std::string& name) {
        const std::string lower = base::lower_case(name);
        const auto found = all.find(lower);
        return found == all.end() || found->second.key() == name ? lower : lower + '\n' + name;
    }
    T& insert(T entity) {
        Of_Scope& all = scopes_[scope_of(entity)];
        const std::string place = place_of(all, entity.key());
        return all.insert_or_assign(place, std::move(entity)).first->second;
    }

    store::Records<T> records_;
    std::map<Iam_Scope, Of_Scope> scopes_;
};

}  // namespace osbot_aws::services
