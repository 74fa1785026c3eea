#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "engine/images/image_source.hpp"
#include "engine/images/image_unpacker.hpp"

namespace osbot_aws::engine {

/// An image in the store: unpacked, and what runs in it.
struct Image {
    std::string digest;              ///< SHA-256 of its manifest, hex digits
    std::vector<std::string> names;  ///< repository:tag; none: only its digest names it
    Image_Config config;
    std::uint64_t bytes = 0;  ///< unpacked
    base::Time imported_at{};
    std::shared_ptr<const std::filesystem::path> root;  ///< its root file system; there as long as somebody holds this
};
using Image_Ptr = std::shared_ptr<const Image>;

/// Where an image would be pulled from, taken apart: "<registry>/repo:tag@sha256:<digest>".
struct Image_Uri {
    std::string repository;  ///< with the registry
    std::string tag, digest;
};
/// Nothing for what Lambda calls no valid source image: without tag and digest, or no name at all.
std::optional<Image_Uri> parse_image_uri(std::string_view text);
/// The name under which an image of that URI is looked for here: without the registry of an account.
std::string local_image_name(std::string_view uri);

/// The images that functions of this engine can run: imported from files, kept by their digest.
///
/// There is no registry behind it: a function names an image by the URI it would have in ECR, and
/// `<account>.dkr.ecr.<region>.amazonaws.com/my-repo:latest` finds what was imported as `my-repo:latest`.
/// Loop thread only; unpacking is done by a worker.
class Images {
public:
    /// Without `unpack` it runs the images that are in the folder, and takes none in.
    Images(Context& context, std::filesystem::path folder, Image_Unpacker unpack)
        : context_(context), folder_(std::move(folder)), unpack_(unpack) {}

    /// Takes what the store holds and removes folders that nothing names: at start.
    void load();
    /// The same after a write failed.
    void reload();
    /// Forgets everything; the store is cleared by the caller (reset).
    void clear();

    /// Unpacks an OCI layout (a folder or a tar of one) or a `docker save` archive, then `done` with the image. A name
    /// that another image has moves to this one. `name` empty: the names that the archive gives.
    /// Errors: BadImage, FileError: they name the file and what is wrong with it; NotImplemented without an unpacker.
    void import(const std::filesystem::path& path, const std::string& name,
                std::function<void(Result<Image_Ptr>)> done);
    /// By name, by `sha256:<digest>`, or by an ECR URI; nullptr: not here.
    Image_Ptr find(std::string_view uri) const;
    std::vector<Image_Ptr> list() const;
    /// Those that no function runs.
    std::vector<Image_Ptr> unused() const;
    /// Takes the name away, or with a digest all of them; the image goes with its last name.
    /// Errors: NotFound; ImageInUse, naming the functions.
    Result<void> remove(std::string_view reference);
    /// Says which functions run an image.
    void set_users(std::function<std::vector<std::string>(const std::string& digest)> users) {
        users_ = std::move(users);
    }
    /// Called after an import.
    void set_imported(std::function<void()> imported) { imported_ = std::move(imported); }

private:
    struct Root;
    struct Import;

    void read_records();
    Result<Image_Ptr> adopt(Import& import);
    void save(const Image& image);
    std::shared_ptr<const std::filesystem::path> root_at(const std::string& folder_name);
    void forget(const Image_Ptr& image);
    void discard(const std::filesystem::path& folder);
    void drop_name(const std::string& name);
    /// The name under which an image is kept that a URI names by its tag; end(): none.
    std::map<std::string, std::string>::const_iterator find_name(std::string_view repository,
                                                                 std::string_view tag) const;

    Context& context_;
    std::filesystem::path folder_;
    Image_Unpacker unpack_;
    std::function<std::vector<std::string>(const std::string&)> users_;
    std::function<void()> imported_;
    std::map<std::string, Image_Ptr> images_;           ///< by digest
    std::map<std::string, std::string> digests_;        ///< by name
    std::map<std::string, std::weak_ptr<Root>> roots_;  ///< by the folder's name
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::engine
