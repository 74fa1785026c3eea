#include "services/lambda/functions.hpp"

#include <fmt/format.h>

#include "base/random.hpp"
#include "services/lambda/function_rules.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::string_view function_kind = "lambda.function";

}  // namespace

std::string qualified_arn(const Function& function, std::string_view qualifier) {
    return qualifier.empty() ? function.arn : fmt::format("{}:{}", function.arn, qualifier);
}

Functions::Functions(Context& context, Code_Folders& code, Invocations& invocations,
                     Functions_Dependencies dependencies)
    : context_(context),
      code_(code),
      invocations_(invocations),
      dependencies_(std::move(dependencies)),
      layers_(context, code) {
    code_.set_referenced([this] { return zips(); });
}
Functions::~Functions() { code_.set_referenced(nullptr); }

// ---- state ----------------------------------------------------------------------------------------------------------

void Functions::load() {
    layers_.load();
    context_.store.read_records(function_kind, [this](const store::Record& stored) {
        Record parsed = parse_record(stored.value, context_.store.blobs());
        auto& record = accounts_[parsed.account][parsed.latest->name];
        record = std::move(parsed);
        for (auto& [qualifier, url] : record.urls) {
            url.url = url_text(record.account, url.id);
            url_locations_[url.id] = {record.account, record.latest->name, qualifier};
        }
        if (record.latest->state == "Pending" || record.latest->last_update_status == "InProgress") prepare(record);
    });
}

void Functions::reload() {
    clear();
    load();
}

void Functions::clear() {
    layers_.clear();
    accounts_.clear();
    url_locations_.clear();
    ++preparations_;
}

std::set<std::string> Functions::zips() const {
    std::set<std::string> referenced = layers_.zips();
    const auto add = [&](const Function_Ptr& function) {
        if (!function) return;
        for (std::string& zip : zips_of(*function)) referenced.insert(std::move(zip));
    };
    for (const auto& [account, names] : accounts_) {
        for (const auto& [name, record] : names) {
            add(record.latest);
            add(record.serving);
            for (const auto& [number, version] : record.versions) add(version);
        }
    }
    return referenced;
}

std::size_t Functions::count() const {
    std::size_t functions = 0;
    for (const auto& [account, names] : accounts_) functions += names.size();
    return functions;
}

void Functions::save(const Record& record) {
    context_.store.put(function_kind, record_key(record.account, record.latest->name), record_text(record));
}

// ---- names ----------------------------------------------------------------------------------------------------------

Account Functions::account_of(const Account& account, const wire::Function_Name& name) const {
    return {name.account_id.empty() ? account.id : std::string(name.account_id), account.region};
}

const Functions::Record* Functions::find_record(const Account& account, std::string_view name) const {
    const auto names = accounts_.find(account);
    if (names == accounts_.end()) return nullptr;
    const auto found = names->second.find(name);
    return found == names->second.end() ? nullptr : &found->second;
}

// Finds a function by name or ARN. If the name contains a qualifier, sets `qualifier`, the parameter of the request, to
// it.
Result<const Functions::Record*> Functions::find_qualified(const Account& account, std::string_view text,
                                                           std::string_view& qualifier) const {
    const auto name = wire::parse_function_name(text);
    if (!name) return name.error();
    if (!name->qualifier.empty()) {
        if (!qualifier.empty() && qualifier != name->qualifier) {
            return invalid("The derived qualifier from the function name does not match the specified qualifier.");
        }
        qualifier = name->qualifier;
    }
    if (!name->region.empty() && name->region != account.region) {
        return Error{
            "ResourceNotFoundException",
            fmt::format("Functions from '{}' are not reachable in this region ('{}')", name->region, account.region),
            404};
    }
    const Record* found = name->account_id.empty() || name->account_id == account.id
                              ? find_record(account, name->name)
                              : find_record(account_of(account, *name), name->name);
    if (!found) return not_found(account_of(account, *name), name->name, qualifier);
    return found;
}

Result<const Functions::Record*> Functions::record(const Account& account, std::string_view name) const {
    std::string_view ignored;
    return find_qualified(account, name, ignored);
}

Result<Functions::Record*> Functions::record(const Account& account, std::string_view name) {
    auto found = std::as_const(*this).record(account, name);
    if (!found) return found.error();
    return const_cast<Record*>(*found);  // safe: the record is a member of this non-const object
}

// ---- reading and deleting -------------------------------------------------------------------------------------------

Result<Function_Ptr> Functions::find(const Account& account, std::string_view name, std::string_view qualifier) const {
    const auto found = find_qualified(account, name, qualifier);
    if (!found) return found.error();
    return version_of(**found, qualifier);
}

// Returns the version that this invoke of an alias runs. A qualifier that is not an alias is returned unchanged.
std::string_view Functions::route(const Record& record, std::string_view qualifier) {
    const auto alias = record.aliases.find(qualifier);
    if (alias == record.aliases.end()) return qualifier;
    for (const auto& [version, weight] : alias->second.weights) {
        if (base::random_fraction() < weight) return version;
    }
    return alias->second.version;
}

Result<Functions::Invocable> Functions::invocable(const Account& account, std::string_view name,
                                                  std::string_view qualifier) const {
    const auto found = find_qualified(account, name, qualifier);
    if (!found) return found.error();
    const Record& record = **found;
    Function_Ptr function = record.serving;
    if (!qualifier.empty() && qualifier != "$LATEST") {
        auto version = version_of(record, route(record, qualifier));
        if (!version) return version.error();
        if (*version != record.latest) function = std::move(*version);
        if (function && function->state != "Active") function = nullptr;
    }
    if (!function) {
        return conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: " +
            record.latest->state);
    }
    return Invocable{std::move(function), qualifier};
}

Function_Page Functions::list(const Account& account, std::string_view marker, std::optional<std::int64_t> items_max,
                              bool all_versions) const {
    const std::size_t size = page_size(items_max);
    Function_Page page;
    const auto names = accounts_.find(account);
    if (names == accounts_.end()) return page;
    // A marker is the last function of the previous page: its name, and its version if versions are listed.
    const auto after = std::pair{marker.substr(0, marker.find(':')),
                                 marker.find(':') == std::string_view::npos
                                     ? 0
                                     : parse_version_number(marker.substr(marker.find(':') + 1)).value_or(0)};
    const auto add = [&](const Function_Ptr& function, std::int64_t number) {
        if (!marker.empty() && std::pair{std::string_view(function->name), number} <= after) return true;
        if (page.functions.size() == size) {
            const Function& last = *page.functions.back();
            page.next_marker = last.version == "$LATEST" ? last.name : last.name + ":" + last.version;
            return false;
        }
        page.functions.push_back(function);
        return true;
    };
    for (auto at = names->second.lower_bound(after.first); at != names->second.end(); ++at) {
        if (!add(at->second.latest, 0)) return page;
        if (!all_versions) continue;
        for (const auto& [number, version] : at->second.versions) {
            if (!add(version, number)) return page;
        }
    }
    return page;
}

Result<void> Functions::remove(const Account& account, std::string_view name, std::string_view qualifier) {
    const auto found = find_qualified(account, name, qualifier);
    if (!found) return found.error();
    if (qualifier == "$LATEST") return invalid("$LATEST version cannot be deleted without deleting the function.");
    const Account owner = (*found)->account;
    const std::string bare = (*found)->latest->name;
    if (!qualifier.empty()) return remove_version(accounts_[owner].find(bare)->second, qualifier);
    for (const auto& [alias, url] : (*found)->urls) url_locations_.erase(url.id);
    for (const auto& [number, version] : (*found)->versions) code_.schedule_removal(zips_of(*version));
    if ((*found)->serving) code_.schedule_removal(zips_of(*(*found)->serving));
    code_.schedule_removal(zips_of(*(*found)->latest));
    accounts_[owner].erase(bare);
    context_.store.erase(function_kind, record_key(owner, bare));
    invocations_.retire(owner, bare);
    notify_settled(owner, bare);
    return {};
}

}  // namespace osbot_aws::services
