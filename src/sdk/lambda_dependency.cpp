#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependencies.hpp>
#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependency.hpp>
#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependency_Inside_Lambda.hpp>
#include <osbot_aws/aws/s3/S3.hpp>

#include "base/characters.hpp"
#include "base/environment.hpp"
#include "base/error_codes.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/local_error.hpp"
#include "base/power_failure.hpp"
#include "base/random.hpp"
#include "base/time_text.hpp"
#include "base/zip_reader.hpp"
#include "packing/package.hpp"
#include "packing/wheels.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws {
namespace fs = std::filesystem;

namespace {

// python/osbot_aws/aws/lambda_/boto3__lambda.py has the same two values: it loads the uploads.
constexpr std::string_view key_prefix = "lambdas-dependencies";
constexpr const char* inside_folder = "osbot-aws__lambda-dependencies__inside-lambda";
constexpr const char* storage_folder = "osbot-aws__lambda-dependencies-storage";
constexpr std::uint64_t unpacked_bytes_max = 10ull << 30;  // as large as /tmp can be

/// Replaces characters that are not allowed in keys and file names. Versions (`==1.2`) are allowed.
std::string safe_name(std::string name) {
    for (char& c : name) {
        if (!base::is_name_character(c) && std::string_view(". =").find(c) == std::string_view::npos) c = '_';
    }
    return name;
}

/// In a shared /tmp, the folder may belong to another user. Then this user gets a separate folder, which the other user
/// cannot change.
fs::path default_storage() {
    fs::path folder = fs::temp_directory_path() / storage_folder;
    struct stat status {};
    if (::stat(folder.c_str(), &status) == 0 && status.st_uid != ::geteuid()) folder += fmt::format("-{}", ::geteuid());
    return folder;
}

std::string key_of(const std::string& package_name) {
    return fmt::format("{}/{}.zip", key_prefix, safe_name(package_name));
}

std::string bucket_of(const Session& session) {
    if (std::string bucket = base::variable("OSBOT_LAMBDA_S3_BUCKET"); !bucket.empty()) return bucket;
    return fmt::format("{}--osbot-lambdas--{}", impl_of(session).account_id(), session.region());
}

std::vector<std::string> files_below(const fs::path& folder) {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
        if (!at->is_directory()) files.push_back(at->path().lexically_relative(folder).string());
    std::sort(files.begin(), files.end());
    return files;
}

/// Renames a folder that need not survive a power failure: /tmp of a function ends with its execution environment.
Result<void> rename_folder(const fs::path& from, const fs::path& to) {
    fs::rename(from, to);
    return {};
}

/// Creates a folder atomically: it is filled under a temporary name and then renamed.
template <class Fill>
void create_atomically(const fs::path& folder, Result<void> (*rename)(const fs::path&, const fs::path&), Fill fill) {
    fs::create_directories(folder.parent_path());
    const fs::path partial = folder.parent_path() / fmt::format(".{}", base::random_hex(16));
    try {
        fs::create_directory(partial);
        fill(partial);
        rename(partial, folder).value();
    } catch (...) {
        std::error_code ignored;
        fs::remove_all(partial, ignored);
        throw;
    }
}

}  // namespace

struct internal::Dependency {
    std::string package_name;
    Lambda_Dependency_Options options;

    std::string bucket() const { return options.s3_bucket.empty() ? bucket_of(options.session) : options.s3_bucket; }
    std::string key() const { return key_of(package_name); }
    /// Returns a separate folder for each runtime and architecture.
    fs::path path() const {
        const fs::path root = options.folder.empty() ? default_storage() : options.folder;
        return root / fmt::format("{}-{}", options.runtime, options.architecture) / safe_name(package_name);
    }
    /// Returns the file with the result of install(). It exists only if the installation is complete.
    fs::path record() const { return path().string() + ".json"; }
    S3 s3() const { return S3(options.session); }
};

// ---- local copy ----

Lambda_Dependency_Local::Lambda_Dependency_Local(std::shared_ptr<internal::Dependency> dependency)
    : dependency_(std::move(dependency)) {}

fs::path Lambda_Dependency_Local::path() const { return dependency_->path(); }

bool Lambda_Dependency_Local::exists() const { return fs::exists(dependency_->record()); }

std::vector<std::string> Lambda_Dependency_Local::files() const { return files_below(path()); }

Json Lambda_Dependency_Local::install() {
    if (exists()) return base::parse_json_or_throw(base::read_file(dependency_->record()).value());
    const auto start = std::chrono::steady_clock::now();
    delete_();  // remains of an interrupted installation
    const Lambda_Dependency_Options& options = dependency_->options;
    create_atomically(path(), base::rename_folder_durably, [&](const fs::path& folder) {
        packing::install_wheels({dependency_->package_name}, {options.runtime, options.architecture}, folder).value();
    });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    Json result{{"package_name", dependency_->package_name},
                {"target_path", path().string()},
                {"installed_files", files()},
                {"time_stamp", base::unix_ms(std::chrono::system_clock::now())},
                {"duration", took.count()}};
    base::write_file_durably(dependency_->record(), base::dump_json_lossy(result, 1)).value();
    return result;
}

std::string Lambda_Dependency_Local::files_zipped() const {
    if (!exists())
        throw Aws_Exception(local_error("NotInstalled", "{} is not installed in {}: call install()",
                                        dependency_->package_name, path().string()));
    packing::Package package;
    package.add_folder(path(), "", {.defaults = false}).value();  // installed packages are complete
    return package.zip().value().bytes;
}

bool Lambda_Dependency_Local::delete_() {
    const bool was_installed = fs::remove(dependency_->record());
    return fs::remove_all(path()) > 0 && was_installed;
}

// ---- copy in S3 ----

Lambda_Dependency_S3::Lambda_Dependency_S3(std::shared_ptr<internal::Dependency> dependency)
    : dependency_(std::move(dependency)) {}

std::string Lambda_Dependency_S3::bucket_name() const { return dependency_->bucket(); }
std::string Lambda_Dependency_S3::path() const { return dependency_->key(); }

Lambda_Dependency_S3& Lambda_Dependency_S3::setup() {
    S3 s3 = dependency_->s3();
    if (!s3.bucket_exists(bucket_name())) s3.bucket_create(bucket_name());
    return *this;
}

Json Lambda_Dependency_S3::upload(std::string_view zip_bytes) {
    const std::map<std::string, std::string> metadata{{"data_type", "zip-folder-for-lambda-function"},
                                                      {"created_by", "osbot_aws.aws.s3.S3.file_upload_from_bytes"}};
    setup();
    dependency_->s3().file_upload_from_bytes(zip_bytes, bucket_name(), path(), "application/zip", metadata);
    return {{"bucket", bucket_name()}, {"key", path()}, {"content_type", "application/zip"}, {"metadata", metadata}};
}

bool Lambda_Dependency_S3::exists() const { return dependency_->s3().file_exists(bucket_name(), path()); }

std::string Lambda_Dependency_S3::bytes() const { return dependency_->s3().file_bytes(bucket_name(), path()); }

std::vector<std::string> Lambda_Dependency_S3::files_paths() const {
    const std::string zip = bytes();
    const base::Zip_Reader reader = base::Zip_Reader::open_bytes(zip, unpacked_bytes_max).value();
    std::vector<std::string> paths;
    for (const auto& entry : reader.entries())
        if (!entry.folder) paths.push_back(entry.path);
    return paths;
}

bool Lambda_Dependency_S3::delete_() { return dependency_->s3().file_delete(bucket_name(), path()); }

// ---- both ----

Lambda_Dependency::Lambda_Dependency(std::string name, Lambda_Dependency_Options options)
    : Lambda_Dependency(
          std::make_shared<internal::Dependency>(internal::Dependency{std::move(name), std::move(options)})) {}

Lambda_Dependency::Lambda_Dependency(const std::shared_ptr<internal::Dependency>& dependency)
    : package_name(dependency->package_name), dependency_local(dependency), dependency_s3(dependency) {}

Json Lambda_Dependency::install_and_upload(bool refresh) {
    if (refresh) dependency_local.delete_();
    const Json installed = dependency_local.install();
    if (refresh || !dependency_s3.setup().exists()) dependency_s3.upload(dependency_local.files_zipped());
    return {{"local_result", installed}, {"s3_exists", dependency_s3.exists()}};
}

// ---- inside Lambda ----

namespace {

/// Downloads the zip. S3 returns 403 for a missing object if the role may not list the bucket, so 403 and 404 are the
/// same error.
std::string zip_in(const Session& session, const std::string& bucket, const std::string& key,
                   const std::string& package_name) {
    try {
        return S3(session).file_bytes(bucket, key);
    } catch (const Aws_Exception& error) {
        const int status = error.error().http_status;
        if (status != 404 && error.error().code != codes::access_denied) throw;
        throw Aws_Exception(
            {"DependencyNotFound",
             fmt::format("the package {} was not found in s3://{}/{} ({}): upload it with Lambda_Dependency",
                         package_name, bucket, key, status == 403 ? "403 Forbidden" : "404 Not Found"),
             status});
    }
}

}  // namespace

Lambda_Dependency_Inside_Lambda::Lambda_Dependency_Inside_Lambda(std::string package_name, Session session)
    : package_name_(std::move(package_name)), session_(std::move(session)) {}

fs::path Lambda_Dependency_Inside_Lambda::folder() const {
    return fs::temp_directory_path() / inside_folder / safe_name(package_name_);
}

bool Lambda_Dependency_Inside_Lambda::exists() const { return fs::is_directory(folder()); }

std::vector<std::string> Lambda_Dependency_Inside_Lambda::files() const { return files_below(folder()); }

bool Lambda_Dependency_Inside_Lambda::load() {
    if (exists()) return true;
    const std::string bucket = bucket_of(session_), key = key_of(package_name_);
    const std::string zip = zip_in(session_, bucket, key, package_name_);
    create_atomically(folder(), rename_folder, [&](const fs::path& partial) {
        base::Zip_Reader::open_bytes(zip, unpacked_bytes_max).value().extract_to(partial).value();
    });
    return true;
}

void* Lambda_Dependency_Inside_Lambda::open_shared_object(const fs::path& path_in_zip) const {
    if (void* opened = ::dlopen((folder() / path_in_zip).c_str(), RTLD_NOW | RTLD_GLOBAL)) return opened;
    throw Aws_Exception({"DependencyNotLoaded", ::dlerror(), 0});
}

std::string load_dependency(const std::string& package_name) {
    if (!base::has_variable("AWS_REGION")) return "";  // not running in Lambda; Python uses the same test
    Lambda_Dependency_Inside_Lambda(package_name).load();
    return package_name + " (loaded from S3)";
}

std::vector<std::string> load_dependencies(const std::vector<std::string>& package_names) {
    std::vector<std::string> loaded;
    loaded.reserve(package_names.size());
    for (const std::string& name : package_names) loaded.push_back(load_dependency(name));
    return loaded;
}

void Lambda_Dependencies::load_dependency(const std::string& package_name) const {
    osbot_aws::load_dependency(package_name);
}

void Lambda_Dependencies::load_dependencies(const std::vector<std::string>& package_names) const {
    osbot_aws::load_dependencies(package_names);
}

void Lambda_Dependencies::load_dependencies(const char* comma_separated_names) const {
    std::string_view names = comma_separated_names;
    constexpr std::string_view white_space = " \t";
    while (!names.empty()) {
        std::string_view name = names.substr(0, names.find(','));
        names.remove_prefix(std::min(name.size() + 1, names.size()));
        name.remove_prefix(std::min(name.find_first_not_of(white_space), name.size()));
        name = name.substr(0, name.find_last_not_of(white_space) + 1);
        if (!name.empty()) load_dependency(std::string(name));
    }
}

}  // namespace osbot_aws
