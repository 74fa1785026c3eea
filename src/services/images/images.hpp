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
#include "services/images/image_source.hpp"
#include "services/images/image_unpacker.hpp"
#include "services/state.hpp"

namespace osbot_aws::services {

/// An imported image: its unpacked root file system and its process settings.
struct Image {
    std::string digest;              ///< SHA-256 of its manifest, hex digits
    std::vector<std::string> names;  ///< repository:tag; empty: the image is found by digest only
    Image_Config config;
    std::uint64_t bytes = 0;  ///< unpacked size
    base::Time imported_at{};
    std::shared_ptr<const std::filesystem::path> root;  ///< reference-counted path of its root file system
};
using Image_Ptr = std::shared_ptr<const Image>;

struct Image_Record;

/// The parts of an image URI: "<registry>/repo:tag@sha256:<digest>".
struct Image_Uri {
    std::string repository;  ///< includes the registry
    std::string tag, digest;
};
/// Returns nothing for a URI that Lambda rejects: an invalid name, or one with neither tag nor digest.
std::optional<Image_Uri> parse_image_uri(std::string_view text);
/// Returns the name under which the engine looks up an image URI: without the ECR registry of an account.
std::string local_image_name(std::string_view uri);

/// The images that functions of this engine can run: imported from files, stored by digest.
///
/// Images are never pulled from a registry. A function refers to an image by its URI in ECR:
/// `<account>.dkr.ecr.<region>.amazonaws.com/my-repo:latest` finds the image imported as `my-repo:latest`.
/// Loop thread only; worker threads unpack.
class Images final : public State {
public:
    /// With `unpack` null, functions can run the stored images, but import() fails.
    Images(Context& context, std::filesystem::path folder, Image_Unpacker unpack);

    void load() override;
    void clear() override;
    /// Deletes folders that no record refers to. Called at start, after load().
    void delete_unknown_folders();

    /// Unpacks an OCI layout (a folder or a tar of one) or a `docker save` archive, then calls `done` with the image.
    /// If another image has the name, the name moves to this image. An empty `name` uses the names in the archive.
    /// Errors: BadImage, FileError (the message names the file and the problem); NotImplemented without an unpacker.
    void import(const std::filesystem::path& path, const std::string& name,
                std::function<void(Result<Image_Ptr>)> done);
    /// Finds an image by name, `sha256:<digest>` or ECR URI. Returns nullptr if there is no such image.
    Image_Ptr find(std::string_view uri) const;
    std::vector<Image_Ptr> list() const;
    /// Returns the images that no function uses.
    std::vector<Image_Ptr> unused() const;
    /// Removes a name of an image. Removes the image with its last name, or if `reference` is a digest.
    /// Errors: NotFound; ImageInUse (the message names the functions).
    Result<void> remove(std::string_view reference);
    /// Sets the callback that returns the functions that use an image.
    void set_users(std::function<std::vector<std::string>(const std::string& digest)> users) {
        users_ = std::move(users);
    }
    /// Sets the callback that runs after each import.
    void set_imported(std::function<void()> imported) { imported_ = std::move(imported); }

private:
    struct Root;
    struct Import;

    Result<Image_Ptr> adopt(Import& import);
    void save(const Image& image);
    std::shared_ptr<const std::filesystem::path> root_at(const std::string& folder_name);
    void retire(const Image_Ptr& image);
    void discard(const std::filesystem::path& folder);
    void drop_name(const std::string& name);
    /// Finds an image's name by the repository and tag of a URI, with or without the ECR registry.
    std::map<std::string, std::string>::const_iterator find_name(std::string_view repository,
                                                                 std::string_view tag) const;

    Context& context_;
    store::Records<Image_Record> records_;
    bool all_readable_ = true;  ///< no record was skipped by load()
    std::filesystem::path folder_;
    Image_Unpacker unpack_;
    std::function<std::vector<std::string>(const std::string&)> users_;
    std::function<void()> imported_;
    std::map<std::string, Image_Ptr> images_;           ///< by digest
    std::map<std::string, std::string> digests_;        ///< by name
    std::map<std::string, std::weak_ptr<Root>> roots_;  ///< by the folder's name
    std::shared_ptr<int> alive_ = std::make_shared<int>();
};

}  // namespace osbot_aws::services
