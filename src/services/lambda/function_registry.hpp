#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "services/lambda/function_record.hpp"
#include "services/lambda/function_rules.hpp"
#include "wire/lambda_names.hpp"

namespace osbot_aws::services {

struct Function_Page {
    std::vector<Function_Ptr> functions;
    std::string next_marker;  ///< empty: last page
};

/// The version that an invoke runs.
struct Invocable {
    Function_Ptr function;
    std::string_view qualifier;  ///< as in the request; may be empty
};

/// The functions of all accounts by name, with their versions and their records in the store. Loop thread only.
class Function_Registry {
public:
    explicit Function_Registry(Context& context) : records_(context.store, {.name = "lambda.function"}) {}

    void load();
    void clear() { accounts_.clear(); }
    /// Sets a task that is called when a record is saved.
    void when_saved(std::function<void(const Function_Record&)> task) { saved_ = std::move(task); }

    /// Returns the number of functions in all accounts.
    std::size_t count() const;
    /// Calls `visit` with each Function_Record.
    template <class Visit>
    void for_each(Visit visit) const {
        for (const auto& [account, names] : accounts_)
            for (const auto& [name, record] : names) visit(record);
    }
    template <class Visit>
    void for_each(Visit visit) {
        for (auto& [account, names] : accounts_)
            for (auto& [name, record] : names) visit(record);
    }

    /// Finds a function by its name; nullptr if it does not exist.
    const Function_Record* find_name(const Account& account, std::string_view name) const;
    /// Finds a function by name or ARN. If the name contains a qualifier, sets `qualifier`, the parameter of the
    /// request, to it. `missing` makes the error for a function that does not exist.
    Result<const Function_Record*> record(const Account& account, std::string_view name,
                                          std::string_view* qualifier = nullptr, Missing missing = &not_found) const;
    Result<Function_Record*> record(const Account& account, std::string_view name,
                                    std::string_view* qualifier = nullptr, Missing missing = &not_found);
    /// The same for operations on functions as a whole. Errors: InvalidParameterValueException if the name has a
    /// qualifier.
    Result<Function_Record*> unqualified(const Account& account, std::string_view name, Missing missing = &not_found);
    /// Finds a version by its number or an alias. Errors: ResourceNotFoundException.
    static Result<Function_Ptr> version(const Function_Record& record, std::string_view qualifier);
    /// Errors: ResourceNotFoundException.
    Result<Function_Ptr> find(const Account& account, std::string_view name, std::string_view qualifier = {}) const;
    /// Returns the version that an invoke of this name runs. This is the hot path: only errors allocate memory.
    /// Errors: ResourceNotFoundException; ResourceConflictException while the function has no code to run.
    Result<Invocable> invocable(const Account& account, std::string_view name, std::string_view qualifier = {}) const;
    Function_Page list(const Account& account, std::string_view marker, std::optional<std::int64_t> items_max,
                       bool all_versions = false) const;

    /// Adds a function. Its name is not in use. The caller saves the record.
    Function_Record& add(Function_Ptr latest);
    void save(const Function_Record& record);
    void erase(const Function_Record& record);

private:
    using Names = std::map<std::string, Function_Record, std::less<>>;

    store::Records<Function_Record> records_;
    std::map<Account, Names> accounts_;
    std::function<void(const Function_Record&)> saved_ = [](const Function_Record&) {};
};

/// Returns the account of a name: that of its ARN, or the caller's.
Account account_of(const Account& caller, const wire::Function_Name& name);
/// arn:...:function:name[:qualifier]
std::string qualified_arn(const Function& function, std::string_view qualifier);

}  // namespace osbot_aws::services
