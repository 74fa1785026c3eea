#include "services/lambda/layers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <osbot_aws/core/Json.hpp>

#include "base/characters.hpp"
#include "base/json.hpp"
#include "base/numbers.hpp"
#include "base/time_text.hpp"
#include "services/lambda/function_rules.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

template <class Fields>
void describe(Fields& f, store::Of<Fields, Layer::Entry>& entry) {
    Layer_Version& version = *entry.version;
    f("number", version.number)("description", version.description)("license_info", version.license_info);
    f("runtimes", version.runtimes)("architectures", version.architectures).blob("sha256", "size", version.zip.blob);
    f("unpacked", version.zip.unpacked_bytes)("created_ms", version.created_at);
    f.optional("statements", entry.policy.statements).optional("policy_revision", entry.policy.revision_id);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Layer>& layer) {
    f(layer.account)("name", layer.name)("next", layer.next);
    f.values("versions", layer.versions, [](const Layer::Entry& entry) { return entry.version->number; });
}

namespace {

// https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html, gettingstarted-limits.html
constexpr std::size_t layers_max = 5, layer_name_length_max = 140;
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= layer_name_length_max && base::all_name_characters(text);
}

bool matches(const std::vector<std::string>& declared, const std::string& requested) {
    return requested.empty() || std::find(declared.begin(), declared.end(), requested) != declared.end();
}
bool matches(const Layer_Version& version, const Layer_Query& query) {
    return matches(version.runtimes, query.runtime) && matches(version.architectures, query.architecture);
}

void set_names(Layer_Version& version, const Layer& layer) {
    version.account = layer.account;
    version.name = layer.name;
    version.layer_arn = layer_arn(layer.account, layer.name);
    version.arn = fmt::format("{}:{}", version.layer_arn, version.number);
}

}  // namespace

std::string layer_arn(const Account& account, std::string_view name) {
    return account.arn("lambda", fmt::format("layer:{}", name));
}

// ---- state ----------------------------------------------------------------------------------------------------------

void Layers::load() {
    clear();
    records_.load([this](const std::string&, Layer layer) {
        for (auto& [number, entry] : layer.versions) set_names(*entry.version, layer);
        layers_[layer.account].insert_or_assign(layer.name, std::move(layer));
    });
}

void Layers::save(const Layer& layer) { records_.put(record_key(layer.account, layer.name), layer); }

std::set<std::string> Layers::zips() const {
    std::set<std::string> referenced;
    for (const auto& [account, layers] : layers_)
        for (const auto& [name, layer] : layers)
            for (const auto& [number, entry] : layer.versions) referenced.insert(entry.version->zip.blob->sha256());
    return referenced;
}

std::uint64_t Layers::code_bytes(const Account& account) const {
    std::uint64_t bytes = 0;
    const auto layers = layers_.find(account);
    if (layers == layers_.end()) return bytes;
    for (const auto& [name, layer] : layers->second)
        for (const auto& [number, entry] : layer.versions) bytes += entry.version->zip.blob->size();
    return bytes;
}

// ---- names ----------------------------------------------------------------------------------------------------------

std::optional<Layers::Reference> Layers::parse_arn(std::string_view arn) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t colon = arn.find(':');
        parts.push_back(arn.substr(0, colon));
        if (colon == std::string_view::npos) break;
        arn.remove_prefix(colon + 1);
    }
    if (parts.size() < 7 || parts.size() > 8 || parts[0] != "arn" || parts[2] != "lambda" || parts[5] != "layer" ||
        parts[4].size() != 12 || !is_name(parts[6]))
        return std::nullopt;
    Reference reference{{std::string(parts[4]), std::string(parts[3])}, std::string(parts[6])};
    if (parts.size() == 8) {
        const auto number = base::parse_number<std::int64_t>(parts[7]);
        if (!number) return std::nullopt;
        reference.number = *number;
    }
    return reference;
}

Layers::Reference Layers::reference_of(const Account& account, std::string_view name, std::int64_t number) {
    Reference reference = parse_arn(name).value_or(Reference{account, std::string(name)});
    reference.number = number;
    return reference;
}

const Layer* Layers::find_layer(const Reference& reference) const {
    const auto layers = layers_.find(reference.account);
    if (layers == layers_.end()) return nullptr;
    const auto found = layers->second.find(reference.name);
    return found == layers->second.end() ? nullptr : &found->second;
}

Layer* Layers::find_layer(const Reference& reference) {
    return const_cast<Layer*>(std::as_const(*this).find_layer(reference));
}

// ---- operations -----------------------------------------------------------------------------------------------------

Result<Layer_Version_Ptr> Layers::publish(const Account& account, const Publish_Layer& request) {
    const Reference reference = reference_of(account, request.name);
    if (auto error = check_owner(account, reference, "PublishLayerVersion")) return *error;
    OSBOT_TRY(auto zip, resolve_zip(request.code));

    Layer& layer = layers_[reference.account][reference.name];
    layer.account = reference.account;
    layer.name = reference.name;
    const std::int64_t number = layer.next++;  // a number is never reused, even after a deletion
    Layer_Version& version = *layer.versions[number].version;
    version.number = number;
    version.description = request.description;
    version.license_info = request.license_info;
    version.runtimes = request.runtimes;
    version.architectures = request.architectures;
    version.zip = std::move(zip);
    version.created_at = context_.now();
    set_names(version, layer);
    save(layer);
    return Layer_Version_Ptr(layer.versions[number].version);
}

Result<Layer_Version_Ptr> Layers::find(const Account& account, std::string_view name, std::int64_t number) const {
    if (number < 1) return invalid("Layer Version Cannot be less than 1");
    const Reference reference = reference_of(account, name, number);
    if (auto error = check_access(account, reference)) return *error;
    const Layer* layer = find_layer(reference);
    if (layer == nullptr) return resource_not_found();
    const auto found = layer->versions.find(number);
    if (found == layer->versions.end()) return resource_not_found();
    return Layer_Version_Ptr(found->second.version);
}

Result<Layer_Version_Ptr> Layers::find_arn(const Account& account, std::string_view arn) const {
    const auto reference = parse_arn(arn);
    if (!reference) return resource_not_found();  // arn:aws:lambda:::awslayer:name, of AWS itself
    return find(account, arn.substr(0, arn.rfind(':')), reference->number);
}

Layer_Page Layers::list(const Account& account, const Layer_Query& query) const {
    const std::size_t size = page_size(query.items_max);
    Layer_Page page;
    const auto layers = layers_.find(account);
    if (layers == layers_.end()) return page;
    for (auto at = layers->second.upper_bound(query.marker); at != layers->second.end(); ++at) {
        const auto& versions = at->second.versions;
        const auto latest = std::find_if(versions.rbegin(), versions.rend(),
                                         [&](const auto& item) { return matches(*item.second.version, query); });
        if (latest == versions.rend()) continue;
        if (page.versions.size() == size) {
            page.next_marker = page.versions.back()->name;
            break;
        }
        page.versions.push_back(latest->second.version);
    }
    return page;
}

Result<Layer_Page> Layers::versions(const Account& account, std::string_view name, const Layer_Query& query) const {
    const Reference reference = reference_of(account, name);
    if (auto error = check_owner(account, reference, "ListLayerVersions")) return *error;
    const std::size_t size = page_size(query.items_max);
    Layer_Page page;
    const Layer* layer = find_layer(reference);
    if (layer == nullptr) return page;  // AWS returns an empty list
    const auto before = base::parse_number<std::int64_t>(query.marker);
    for (auto at = layer->versions.rbegin(); at != layer->versions.rend(); ++at) {
        if ((before && at->first >= *before) || !matches(*at->second.version, query)) continue;
        if (page.versions.size() == size) {
            page.next_marker = std::to_string(page.versions.back()->number);
            break;
        }
        page.versions.push_back(at->second.version);
    }
    return page;
}

Result<void> Layers::remove(const Account& account, std::string_view name, std::int64_t number) {
    if (number < 1) return invalid("Layer Version Cannot be less than 1");
    const Reference reference = reference_of(account, name, number);
    if (auto error = check_owner(account, reference, "DeleteLayerVersion")) return *error;
    Layer* layer = find_layer(reference);
    if (layer == nullptr) return {};
    const auto removed = layer->versions.extract(number);
    if (removed.empty()) return {};
    code_.schedule_removal({removed.mapped().version->zip.blob->sha256()});
    save(*layer);
    return {};
}

Result<std::vector<Layer_Version_Ptr>> Layers::resolve(const Account& account,
                                                       const std::vector<std::string>& arns) const {
    if (arns.size() > layers_max) return invalid("Cannot reference more than 5 layers.");
    std::vector<Layer_Version_Ptr> resolved;
    for (const std::string& arn : arns) {
        const auto found = find_arn(account, arn);
        if (!found && found.error().code == "AccessDeniedException") return found.error();
        // The message: localstack's lambda_/provider.py, and a response of AWS in the documentation of EventBridge
        if (const auto used = parse_arn(arn); used && used->account.region != account.region)
            return invalid(fmt::format(
                "Layers are not in the same region as the function. Layers are expected to be in region {}.",
                account.region));
        if (!found) return invalid(fmt::format("Layer version {} does not exist.", arn));
        for (const Layer_Version_Ptr& other : resolved) {
            if (other->layer_arn == (*found)->layer_arn)
                return invalid(
                    fmt::format("Two different versions of the same layer are not allowed to be referenced in "
                                "the same function. {} and {} are versions of the same layer.",
                                other->arn, arn));
        }
        resolved.push_back(*found);
    }
    return resolved;
}

}  // namespace osbot_aws::services
