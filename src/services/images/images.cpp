#include "services/images/images.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include <osbot_aws/core/Json.hpp>

#include "base/hash.hpp"
#include "base/json.hpp"
#include "base/power_failure.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "store/store.hpp"

namespace osbot_aws::services {

/// An image in the store, by its digest.
struct Image_Record {
    std::vector<std::string> names;
    Image_Config config;
    std::uint64_t bytes = 0;
    base::Time imported_at{};
    std::string folder;
};

template <class Fields>
void describe(Fields& f, store::Of<Fields, Image_Config>& config) {
    f("entry_point", config.entry_point)("command", config.command)("environment", config.environment);
    f("working_directory", config.working_directory).optional("allows_snapshots", config.allows_snapshots);
}

template <class Fields>
void describe(Fields& f, store::Of<Fields, Image_Record>& image) {
    f("names", image.names)("config", image.config)("bytes", image.bytes)("imported_ms", image.imported_at);
    f("folder", image.folder);
}

namespace {

namespace fs = std::filesystem;

constexpr std::string_view incoming_prefix = "incoming.";

/// Returns true for the registry of an account in ECR. `registry` is the part of an image URI before the first slash.
bool is_ecr(std::string_view registry) {
    const std::size_t dot = registry.find('.');
    return dot == 12 && registry.find_first_not_of("0123456789") == dot &&
           registry.substr(dot).starts_with(".dkr.ecr") && registry.find(".amazonaws.com") != std::string_view::npos;
}

std::string_view without_ecr(std::string_view repository) {
    const std::size_t slash = repository.find('/');
    return slash != std::string_view::npos && is_ecr(repository.substr(0, slash)) ? repository.substr(slash + 1)
                                                                                  : repository;
}

}  // namespace

std::optional<Image_Uri> parse_image_uri(std::string_view text) {
    Image_Uri uri;
    constexpr std::string_view mark = "@sha256:";
    if (const std::size_t at = text.find(mark); at != std::string_view::npos) {
        uri.digest = text.substr(at + mark.size());
        text = text.substr(0, at);
        if (!base::is_sha256_hex(uri.digest)) return std::nullopt;
    }
    const std::size_t colon = text.find(':', text.rfind('/') == std::string_view::npos ? 0 : text.rfind('/'));
    uri.repository = text.substr(0, colon);
    if (colon != std::string_view::npos) uri.tag = text.substr(colon + 1);
    if ((uri.tag.empty() && uri.digest.empty()) || !image_name(text)) return std::nullopt;
    return uri;
}

std::string local_image_name(std::string_view uri) {
    const auto parsed = parse_image_uri(uri);
    if (!parsed) return std::string(uri);
    return fmt::format("{}:{}", without_ecr(parsed->repository), parsed->tag.empty() ? "latest" : parsed->tag);
}

/// The reference-counted folder of an image. If it is retired, it is deleted after the last reference is released.
struct Images::Root {
    fs::path folder, path;
    bool retired = false;
};

struct Images::Import {
    Unpack_Request request;
    std::optional<Result<Unpacked_Image>> unpacked;
    bool adopted = false;  ///< the request's folder now belongs to the image

    /// Unpacks the image and gives its folder the final name. Blocks.
    void run(Image_Unpacker unpack);
};

// The record of an image is the only way to find its folder, so the name of the folder is durable before the record is.
void Images::Import::run(Image_Unpacker unpack) {
    unpacked = unpack(request);
    if (!*unpacked || !(*unpacked)->bytes) return;
    const fs::path folder =
        request.folder.parent_path() / fmt::format("{}.{}", (*unpacked)->source.digest, base::random_hex(8));
    if (auto renamed = base::rename_folder_durably(request.folder, folder); !renamed) {
        unpacked = Result<Unpacked_Image>{renamed.error()};
        return;
    }
    request.folder = folder;
}

// ---- state ----------------------------------------------------------------------------------------------------------

Images::Images(Context& context, fs::path folder, Image_Unpacker unpack)
    : context_(context),
      records_(context.store, {.name = "lambda.image"}),
      folder_(std::move(folder)),
      unpack_(unpack) {}

void Images::load() {
    images_.clear();
    digests_.clear();
    const std::size_t skipped = records_.load([this](const std::string& digest, Image_Record record) {
        const bool is_name = fs::path(record.folder).filename() == record.folder;
        if (!is_name || record.folder.empty() || record.folder == "." || record.folder == "..")
            throw Aws_Exception(Error{"InvalidRecord", "the folder is not a name"});
        for (const std::string& name : record.names) digests_[name] = digest;
        images_[digest] = std::make_shared<Image>(Image{.digest = digest,
                                                        .names = std::move(record.names),
                                                        .config = std::move(record.config),
                                                        .bytes = record.bytes,
                                                        .imported_at = record.imported_at,
                                                        .root = root_at(record.folder)});
    });
    all_readable_ = skipped == 0;
}

void Images::delete_unknown_folders() {
    if (!all_readable_) return;  // the folder of an unreadable record is unknown, so each one may be in use
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder_, ignored))
        if (!roots_.contains(entry.path().filename().string())) fs::remove_all(entry.path(), ignored);
}

void Images::clear() {
    for (const auto& [digest, image] : std::exchange(images_, {})) retire(image);
    digests_.clear();
}

std::shared_ptr<const fs::path> Images::root_at(const std::string& folder_name) {
    std::shared_ptr<Root> root = roots_[folder_name].lock();
    if (!root) {
        // A worker that was about to start a process may release the last reference, or the destructor of the loop when
        // it drops its pending tasks. In the latter case the next start deletes the folder.
        const auto on_last_release = [this, &loop = context_.loop, alive = std::weak_ptr<int>(alive_)](Root* released) {
            auto owned = std::shared_ptr<Root>(released);
            if (alive.expired()) return;
            loop.post([this, alive, owned = std::move(owned)] {
                if (alive.expired()) return;
                const auto known = roots_.find(owned->folder.filename().string());
                if (known == roots_.end() || !known->second.expired()) return;  // load() has found the image again
                roots_.erase(known);
                if (owned->retired) discard(owned->folder);
            });
        };
        const fs::path folder = folder_ / folder_name;
        root = std::shared_ptr<Root>(new Root{.folder = folder, .path = folder / "root"}, on_last_release);
        roots_[folder_name] = root;
    }
    root->retired = false;  // true if the image was removed, and the write of the removal failed
    return {root, &root->path};
}

/// Deletes a folder on a worker thread. The next start deletes files that could not be deleted now.
void Images::discard(const fs::path& folder) {
    context_.loop.run_blocking(
        [folder] {
            std::error_code ignored;
            fs::remove_all(folder, ignored);
        },
        [] {});
}

void Images::retire(const Image_Ptr& image) {
    if (const auto root = roots_[image->root->parent_path().filename().string()].lock()) root->retired = true;
    records_.erase(image->digest);
}

void Images::save(const Image& image) {
    records_.put(image.digest,
                 {image.names, image.config, image.bytes, image.imported_at, image.root->parent_path().filename()});
}

// ---- operations -----------------------------------------------------------------------------------------------------

void Images::import(const fs::path& path, const std::string& name, std::function<void(Result<Image_Ptr>)> done) {
    if (!unpack_)
        return done(
            Error{"NotImplemented", "an embedded engine cannot import images: use osbot local image import", 501});
    Unpack_Request request{.path = path, .folder = folder_ / fmt::format("{}{}", incoming_prefix, base::random_hex(8))};
    if (!name.empty()) {
        auto full = image_name(name);
        if (!full) return done(full.error());
        request.name = std::move(*full);
    }
    for (const auto& [digest, image] : images_) request.existing_digests.insert(digest);
    auto job = std::make_shared<Import>(Import{std::move(request)});
    context_.loop.run_blocking([job, unpack = unpack_] { job->run(unpack); },
                               [this, alive = std::weak_ptr<int>(alive_), job, done = std::move(done)] {
                                   if (alive.expired()) return;
                                   const auto image = adopt(*job);
                                   if (!image || !job->adopted) discard(job->request.folder);
                                   done(image);
                                   if (image && imported_) imported_();
                               });
}

Result<Image_Ptr> Images::adopt(Import& import) {
    if (!*import.unpacked) return import.unpacked->error();
    const Unpacked_Image& unpacked = **import.unpacked;
    const std::string& digest = unpacked.source.digest;
    auto image = std::make_shared<Image>();
    if (const auto existing = images_.find(digest); existing != images_.end()) {
        *image = *existing->second;
    } else {
        if (!unpacked.bytes) return Error{"BadImage", "the image was removed during the import: import it again"};
        image->digest = digest;
        image->config = unpacked.source.config;
        image->bytes = *unpacked.bytes;
        import.adopted = true;
        image->root = root_at(import.request.folder.filename().string());
    }
    image->imported_at = context_.now();
    for (const std::string& name : unpacked.source.names) {
        if (const auto other = digests_.find(name); other != digests_.end() && other->second != digest) drop_name(name);
        if (std::find(image->names.begin(), image->names.end(), name) == image->names.end())
            image->names.push_back(name);
        digests_[name] = digest;
    }
    save(*image);
    return images_[digest] = image;
}

/// Functions refer to images by digest, so an image without names stays as long as a function uses it.
void Images::drop_name(const std::string& name) {
    const auto place = digests_.find(name);
    auto changed = std::make_shared<Image>(*images_.at(place->second));
    digests_.erase(place);
    std::erase(changed->names, name);
    if (changed->names.empty() && (!users_ || users_(changed->digest).empty())) {
        retire(changed);
        images_.erase(changed->digest);
        return;
    }
    save(*changed);
    images_[changed->digest] = changed;
}

Image_Ptr Images::find(std::string_view uri) const {
    const auto by_digest = [&](const std::string& digest) {
        const auto found = images_.find(digest);
        return found == images_.end() ? nullptr : found->second;
    };
    constexpr std::string_view prefix = "sha256:";
    if (uri.starts_with(prefix)) return by_digest(std::string(uri.substr(prefix.size())));
    const auto parsed = parse_image_uri(uri);
    if (!parsed) return nullptr;
    if (!parsed->digest.empty()) return by_digest(parsed->digest);
    const auto name = find_name(parsed->repository, parsed->tag);
    return name == digests_.end() ? nullptr : by_digest(name->second);
}

std::map<std::string, std::string>::const_iterator Images::find_name(std::string_view repository,
                                                                     std::string_view tag) const {
    for (const std::string_view local_repository : {repository, without_ecr(repository)}) {
        const auto name = image_name(fmt::format("{}:{}", local_repository, tag));
        if (const auto found = name ? digests_.find(*name) : digests_.end(); found != digests_.end()) return found;
    }
    return digests_.end();
}

std::vector<Image_Ptr> Images::list() const {
    std::vector<Image_Ptr> all;
    for (const auto& [digest, image] : images_) all.push_back(image);
    return all;
}

std::vector<Image_Ptr> Images::unused() const {
    std::vector<Image_Ptr> all = list();
    std::erase_if(all, [this](const Image_Ptr& image) { return users_ && !users_(image->digest).empty(); });
    return all;
}

Result<void> Images::remove(std::string_view reference) {
    const auto full = image_name(reference);  // adds the default tag
    const auto uri = parse_image_uri(full ? std::string_view(*full) : reference);
    const auto name = uri && uri->digest.empty() ? find_name(uri->repository, uri->tag) : digests_.end();
    const Image_Ptr image = name != digests_.end() ? images_.at(name->second) : find(reference);
    if (!image) return Error{"NotFound", fmt::format("image {} not found", reference), 404};
    if (name != digests_.end() && image->names.size() > 1) {
        drop_name(std::string(name->first));
        return {};
    }
    if (const auto users = users_ ? users_(image->digest) : std::vector<std::string>{}; !users.empty()) {
        return Error{"ImageInUse",
                     fmt::format("image in use by functions: {}; delete them or change their image first",
                                 fmt::join(users, ", ")),
                     409};
    }
    for (const std::string& full_name : image->names) digests_.erase(full_name);
    retire(image);
    images_.erase(image->digest);
    return {};
}

}  // namespace osbot_aws::services
