#include "services/images/image_source.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>

#include <osbot_aws/core/Json.hpp>

#include "base/architecture.hpp"
#include "base/hash.hpp"
#include "base/json.hpp"

namespace osbot_aws::services {
namespace {

constexpr std::size_t document_bytes_max = 8'000'000;  // an index, a manifest, a config
constexpr int index_depth_max = 4;
constexpr std::string_view digest_prefix = "sha256:";

// The processor of this host, in the words of images: https://github.com/opencontainers/image-spec/blob/main/config.md
constexpr std::string_view image_architecture = base::host_architecture == "x86_64" ? "amd64" : base::host_architecture;

Error bad_image(std::string message) { return {"BadImage", std::move(message)}; }

/// "sha256:<hex>" -> "<hex>"
std::optional<std::string> hex_of(std::string_view digest) {
    if (!digest.starts_with(digest_prefix) || !base::is_sha256_hex(digest.substr(digest_prefix.size())))
        return std::nullopt;
    return std::string(digest.substr(digest_prefix.size()));
}

Result<Json> parse(const std::string& text, std::string_view title) {
    Json json = base::parse_json(text);
    if (json.is_discarded()) return bad_image(fmt::format("{} is not valid JSON", title));
    return json;
}

std::string text_member(const Json& json, const char* name) {
    const auto found = json.is_object() ? json.find(name) : json.end();
    return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

const Json& member(const Json& json, const char* name) {
    static const Json nothing;
    const auto found = json.is_object() ? json.find(name) : json.end();
    return json.is_object() && found != json.end() ? *found : nothing;
}

std::vector<std::string> strings_of(const Json& list) {
    std::vector<std::string> strings;
    if (!list.is_array()) return strings;
    for (const Json& item : list)
        if (item.is_string()) strings.push_back(item.get<std::string>());
    return strings;
}

/// Reads a document and verifies its digest.
Result<Json> read_document(const Root_Folder& layout, const std::string& file, const std::string& hex) {
    OSBOT_TRY(const auto text, layout.read(file, document_bytes_max));
    if (base::sha256_hex(text) != hex)
        return bad_image(fmt::format("{} does not match its digest: the archive is damaged", file));
    return parse(text, file);
}

std::string blob_file(const std::string& hex) { return "blobs/sha256/" + hex; }

struct Candidate {
    Image_Source source;
    std::string architecture, config_hex;
};

constexpr const char* snapshot_label = "com.amazonaws.lambda.feature.snapstart";

Image_Config config_of(const Json& document) {
    const Json& config = member(document, "config");
    return {.entry_point = strings_of(member(config, "Entrypoint")),
            .command = strings_of(member(config, "Cmd")),
            .environment = strings_of(member(config, "Env")),
            .working_directory = text_member(config, "WorkingDir"),
            .allows_snapshots = text_member(member(config, "Labels"), snapshot_label) == "Allow"};
}

Result<Candidate> read_manifest(const Root_Folder& layout, const std::string& hex, const Json& manifest) {
    Candidate found;
    found.source.digest = hex;
    const auto config_hex = hex_of(text_member(member(manifest, "config"), "digest"));
    if (!config_hex) return bad_image("a manifest has no SHA-256 digest of its config");
    OSBOT_TRY(const auto config, read_document(layout, blob_file(*config_hex), *config_hex));
    found.config_hex = *config_hex;
    found.architecture = text_member(config, "architecture");
    found.source.config = config_of(config);
    const Json& layers = member(manifest, "layers");
    if (!layers.is_array()) return bad_image("a manifest has no layers");
    for (const Json& layer : layers) {
        const auto layer_hex = hex_of(text_member(layer, "digest"));
        if (!layer_hex) return bad_image("a manifest lists a layer without a SHA-256 digest");
        found.source.layers.push_back({blob_file(*layer_hex), {*layer_hex}});
    }
    return found;
}

/// Adds the image names in a descriptor's annotations. A bare tag (`latest`) is not a name.
void add_names(const Json& descriptor, std::vector<std::string>& names) {
    const Json& annotations = member(descriptor, "annotations");
    for (const char* key : {"io.containerd.image.name", "org.opencontainers.image.ref.name"}) {
        const std::string text = text_member(annotations, key);
        if (text.find_first_of(":/") == std::string::npos) continue;
        if (auto name = image_name(text)) names.push_back(std::move(*name));
    }
}

bool is_attestation(const Json& descriptor) {
    return text_member(member(descriptor, "annotations"), "vnd.docker.reference.type") == "attestation-manifest" ||
           text_member(member(descriptor, "platform"), "architecture") == "unknown";
}

/// Adds all images of an index to `found`. An index may contain further indexes, for example one per processor.
Result<void> read_index(const Root_Folder& layout, const Json& index, const std::vector<std::string>& names, int depth,
                        std::vector<Candidate>& found) {
    if (depth > index_depth_max) return bad_image("its index is nested too deeply");
    const Json& manifests = member(index, "manifests");
    if (!manifests.is_array()) return bad_image("its index lists no manifests");
    for (const Json& descriptor : manifests) {
        if (is_attestation(descriptor)) continue;
        const std::string processor = text_member(member(descriptor, "platform"), "architecture");
        const auto hex = hex_of(text_member(descriptor, "digest"));
        if (!hex) return bad_image("its index lists a manifest without a SHA-256 digest");
        std::vector<std::string> all = names;
        add_names(descriptor, all);
        if (!processor.empty() && processor != image_architecture) {  // its blobs may be missing
            found.push_back({.source = {.names = std::move(all)}, .architecture = processor, .config_hex = {}});
            continue;
        }
        OSBOT_TRY(const auto document, read_document(layout, blob_file(*hex), *hex));
        if (member(document, "manifests").is_array()) {
            OSBOT_TRY(read_index(layout, document, all, depth + 1, found));
            continue;
        }
        OSBOT_TRY(auto candidate, read_manifest(layout, *hex, document));
        candidate.source.names = std::move(all);
        found.push_back(std::move(candidate));
    }
    return {};
}

/// Returns the SHA-256 in a file's name, which some tools write as `<hex>.tar.gz`.
std::optional<std::string> hex_in_name(const std::string& file) {
    const std::string name = split_path(file).second.substr(0, 64);
    return base::is_sha256_hex(name) ? std::optional(name) : std::nullopt;
}

/// Reads one image of a `docker save` manifest.json, which lists images with their config and layer files.
Result<Candidate> read_saved(const Root_Folder& layout, const Json& entry) {
    Candidate found;
    const std::string file = text_member(entry, "Config");
    const auto hex = hex_in_name(file);
    if (!hex) return bad_image("its manifest.json has no digest of the config");
    OSBOT_TRY(const auto config, read_document(layout, file, *hex));
    found.config_hex = found.source.digest = *hex;
    found.architecture = text_member(config, "architecture");
    found.source.config = config_of(config);
    const std::vector<std::string> files = strings_of(member(entry, "Layers"));
    const std::vector<std::string> diff_ids = strings_of(member(member(config, "rootfs"), "diff_ids"));
    if (files.size() != diff_ids.size())
        return bad_image("its manifest.json and its config list different numbers of layers");
    for (std::size_t i = 0; i < files.size(); ++i) {
        Image_Source::Layer layer{files[i], {}};
        for (const auto& digest : {hex_of(diff_ids[i]), hex_in_name(files[i])})
            if (digest) layer.digests.push_back(*digest);
        found.source.layers.push_back(std::move(layer));
    }
    return found;
}

std::vector<std::string> names_of(const Json& saved) {
    std::vector<std::string> names;
    for (const std::string& tag : strings_of(member(saved, "RepoTags")))
        if (auto name = image_name(tag)) names.push_back(std::move(*name));
    return names;
}

/// Reads all images. A newer `docker save` writes both files: index.json has the digests, manifest.json the names.
Result<std::vector<Candidate>> read_all(const Root_Folder& layout) {
    Json saved = Json::array();
    if (const auto text = layout.read("manifest.json", document_bytes_max)) {
        auto list = parse(*text, "manifest.json");
        if (!list || !list->is_array()) return bad_image("its manifest.json is not a list");
        saved = std::move(*list);
    }
    std::vector<Candidate> found;
    const auto index_text = layout.read("index.json", document_bytes_max);
    if (index_text) {
        OSBOT_TRY(const auto index, parse(*index_text, "index.json"));
        OSBOT_TRY(read_index(layout, index, {}, 0, found));
        for (Candidate& candidate : found) {
            for (const Json& entry : saved) {
                if (hex_in_name(text_member(entry, "Config")) != candidate.config_hex) continue;
                for (std::string& name : names_of(entry)) candidate.source.names.push_back(std::move(name));
            }
        }
        return found;
    }
    if (saved.empty())
        return bad_image("it is neither an OCI layout (index.json) nor a docker save archive (manifest.json)");
    for (const Json& entry : saved) {
        OSBOT_TRY(auto candidate, read_saved(layout, entry));
        candidate.source.names = names_of(entry);
        found.push_back(std::move(candidate));
    }
    return found;
}

}  // namespace

Result<Image_Source> find_image(const Root_Folder& layout, std::string_view requested_name) {
    OSBOT_TRY(auto all, read_all(layout));
    std::map<std::string, Image_Source> matching;  // by digest: one image may be listed once per tag
    std::vector<std::string> other_architectures, names;
    for (Candidate& candidate : all) {
        if (candidate.architecture != image_architecture) {
            other_architectures.push_back(candidate.architecture);
            continue;
        }
        Image_Source& image = matching.try_emplace(candidate.source.digest, candidate.source).first->second;
        for (const std::string& name : candidate.source.names) {
            if (std::find(image.names.begin(), image.names.end(), name) == image.names.end())
                image.names.push_back(name);
        }
        names.insert(names.end(), candidate.source.names.begin(), candidate.source.names.end());
    }
    if (matching.empty() && other_architectures.empty()) return bad_image("it contains no image");
    if (matching.empty())
        return bad_image(
            fmt::format("it is for {}, but this engine runs images for {}: build it with --platform linux/{}",
                        fmt::join(other_architectures, ", "), image_architecture, image_architecture));
    if (matching.size() == 1) return matching.begin()->second;
    for (auto& [digest, image] : matching)
        if (std::find(image.names.begin(), image.names.end(), requested_name) != image.names.end()) return image;
    return bad_image(
        fmt::format("it contains {} images; select one by name: {}", matching.size(), fmt::join(names, ", ")));
}

Result<std::string> image_name(std::string_view text) {
    for (const std::string_view prefix : {"docker.io/library/", "docker.io/"}) {
        if (!text.starts_with(prefix)) continue;
        text.remove_prefix(prefix.size());
        break;
    }
    const auto allowed = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
               std::string_view("._-/:").find(c) != std::string_view::npos;
    };
    const std::string_view last = text.substr(text.rfind('/') + 1);
    const bool valid_start = !text.empty() && std::isalnum(static_cast<unsigned char>(text.front())) != 0;
    if (!valid_start || last.empty() || last.front() == ':' || last.back() == ':' ||
        std::count(last.begin(), last.end(), ':') > 1 || !std::all_of(text.begin(), text.end(), allowed))
        return bad_image(fmt::format("invalid image name '{}': expected a name like my-repo:latest", text));
    if (last.find(':') == std::string_view::npos) return fmt::format("{}:latest", text);
    return std::string(text);
}

}  // namespace osbot_aws::services
