// Roles, buckets, logs and dependencies. `self` is the Python object whose method calls the function.
#include <osbot_aws/apis/Logs.hpp>
#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/dependencies/Lambda_Dependency.hpp>
#include <osbot_aws/aws/s3/S3.hpp>
#include <osbot_aws/utils/Zip.hpp>

#include "python/lambda.hpp"
#include "python/methods.hpp"
#include "python/sessions.hpp"
#include "sdk/session_impl.hpp"

namespace osbot_aws::python {
namespace {

/// Binary data, which becomes a Python bytes object.
struct Bytes {
    std::string bytes;
};
nb::object to_python(const Bytes& data) { return nb::bytes(data.bytes.data(), data.bytes.size()); }

constexpr auto on_role = [](nb::handle self, auto call) {
    return call_to_python(self, [name = text(self, "role_name"), call = std::move(call)](const Session& session) {
        IAM_Role role(name, session);
        return call(role);
    });
};

void add_roles(nb::module_& core) {
    core.def("role_name_of",
             [](Value name) { return python::to_python(IAM_Role(text_of(name, "role_name")).role_name()); });
    add_method(core, "role_create", on_role, &IAM_Role::create, Any{});
    add_method(core, "role_create_for_lambda", on_role, &IAM_Role::create_for_lambda);
    add_method(core, "role_arn", on_role, &IAM_Role::arn);
    add_method(core, "role_info", on_role, &IAM_Role::info);
    add_method(core, "role_delete", on_role, &IAM_Role::delete_);
    add_method(
        core, "role_attach_policy", on_role,
        [](IAM_Role& role, const std::string& arn) { return role.attach_policy(arn).role_name(); }, Text{"policy_arn"});
    add_method(
        core, "role_put_policy", on_role,
        [](IAM_Role& role, const std::string& name, const Json& document) {
            return role.put_policy(name, document).role_name();
        },
        Text{"policy_name"}, Any{});
    add_method(core, "role_attached_policies", on_role, &IAM_Role::attached_policies);
    add_method(core, "role_inline_policies", on_role, &IAM_Role::inline_policies);
}

constexpr auto on_s3 = [](nb::handle self, auto call) {
    return call_to_python(self, [call = std::move(call)](const Session& session) {
        S3 s3(session);
        return call(s3);
    });
};

void add_s3(nb::module_& core) {
    constexpr Text bucket{"bucket"}, key{"key"};
    add_method(core, "s3_bucket_create", on_s3, &S3::bucket_create, bucket, Text{"region"});
    add_method(core, "s3_bucket_exists", on_s3, &S3::bucket_exists, bucket);
    add_method(core, "s3_bucket_delete", on_s3, &S3::bucket_delete, bucket);
    add_method(core, "s3_buckets", on_s3, &S3::buckets);
    add_method(core, "s3_file_upload_from_bytes", on_s3, &S3::file_upload_from_bytes, Binary{"file_bytes"}, bucket, key,
               Text{"content_type"}, Text_Map{"metadata"});
    add_method(core, "s3_file_upload_to_key", on_s3, &S3::file_upload_to_key, Text{"file"}, bucket, key);
    add_method(core, "s3_folder_upload", on_s3, &S3::folder_upload, Text{"folder"}, Text{"s3_bucket"}, Text{"s3_key"});
    add_method(
        core, "s3_file_bytes", on_s3,
        [](S3& s3, const std::string& in, const std::string& name) { return Bytes{s3.file_bytes(in, name)}; }, bucket,
        key);
    add_method(core, "s3_file_download", on_s3, &S3::file_download, bucket, key);
    add_method(core, "s3_file_exists", on_s3, &S3::file_exists, bucket, key);
    add_method(core, "s3_file_details", on_s3, &S3::file_details, bucket, key);
    add_method(core, "s3_file_metadata", on_s3, &S3::file_metadata, bucket, key);
    add_method(core, "s3_find_files", on_s3, &S3::find_files, bucket, Text{"prefix"});
    add_method(core, "s3_file_delete", on_s3, &S3::file_delete, bucket, key);
    add_method(core, "s3_files_delete", on_s3, &S3::files_delete, bucket, Texts{"keys"});
}

constexpr auto on_logs = [](nb::handle self, auto call) {
    return call_to_python(self, [name = text(self, "group_name"), call = std::move(call)](const Session& session) {
        Logs logs(name, session);
        return call(logs);
    });
};

/// Adds a method with the members of Log_Query as parameters.
template <class Call>
void add_log_query(nb::module_& core, const char* name, Call call) {
    add_method(
        core, name, on_logs,
        [call](const Logs& logs, const std::string& prefix, long long start, long long end, const std::string& pattern,
               std::size_t limit) {
            return std::invoke(call, logs,
                               Log_Query{.log_stream_prefix = prefix,
                                         .start_time = start,
                                         .end_time = end,
                                         .filter_pattern = pattern,
                                         .limit = limit});
        },
        Text{"log_stream_prefix"}, Plain<long long>{}, Plain<long long>{}, Text{"filter_pattern"},
        Plain<std::size_t>{});
}

void add_logs(nb::module_& core) {
    add_method(core, "logs_group_info", on_logs, &Logs::group_info);
    add_method(core, "logs_group_create", on_logs, &Logs::group_create);
    add_method(core, "logs_group_delete", on_logs, &Logs::delete_);
    add_method(core, "logs_streams", on_logs, &Logs::streams);
    add_log_query(core, "logs_events", &Logs::events);
    add_log_query(core, "logs_messages", &Logs::messages);
}

template <class Call>
nb::object on_dependency(nb::handle self, Call call) {
    Lambda_Dependency_Options options{.runtime = text(self, "runtime"), .architecture = text(self, "architecture")};
    return call_to_python(self, [name = text(self, "package_name"), options = std::move(options),
                                 call = std::move(call)](const Session& session) mutable {
        options.session = session;
        Lambda_Dependency dependency(name, options);
        return call(dependency);
    });
}

void add_dependencies(nb::module_& core) {
    constexpr auto on_both = [](nb::handle self, auto call) { return on_dependency(self, std::move(call)); };
    constexpr auto on_local = [](nb::handle self, auto call) {
        return on_dependency(self, [call = std::move(call)](Lambda_Dependency& d) { return call(d.dependency_local); });
    };
    constexpr auto on_bucket = [](nb::handle self, auto call) {
        return on_dependency(self, [call = std::move(call)](Lambda_Dependency& d) { return call(d.dependency_s3); });
    };
    using Local = Lambda_Dependency_Local;
    using In_S3 = Lambda_Dependency_S3;
    add_method(core, "dependency_install_and_upload", on_both, &Lambda_Dependency::install_and_upload, Plain<bool>{});
    add_method(core, "dependency_install", on_local, &Local::install);
    add_method(core, "dependency_local_exists", on_local, &Local::exists);
    add_method(core, "dependency_local_files", on_local, &Local::files);
    add_method(core, "dependency_local_zip", on_local, [](const Local& d) { return Bytes{d.files_zipped()}; });
    add_method(core, "dependency_local_delete", on_local, &Local::delete_);
    add_method(core, "dependency_local_path", on_local, &Local::path);
    add_method(core, "dependency_s3_setup", on_bucket, [](In_S3& d) { return d.setup().bucket_name(); });
    add_method(core, "dependency_s3_upload", on_bucket, &In_S3::upload, Binary{"file_bytes"});
    add_method(core, "dependency_s3_exists", on_bucket, &In_S3::exists);
    add_method(core, "dependency_s3_bytes", on_bucket, [](const In_S3& d) { return Bytes{d.bytes()}; });
    add_method(core, "dependency_s3_files", on_bucket, &In_S3::files_paths);
    add_method(core, "dependency_s3_delete", on_bucket, &In_S3::delete_);
    add_method(core, "dependency_s3_bucket", on_bucket, &In_S3::bucket_name);
    add_method(core, "dependency_s3_path", on_bucket, &In_S3::path);
}

/// Adds functions for operations that have no method in the SDK. They take the operation's AWS name and return the
/// response unchanged.
void add_calls(nb::module_& core) {
    core.def("query", [](nb::handle self, Value service, Value action, Value parameters) {
        return call_to_python(self, [service = text_of(service, "service"), action = text_of(action, "action"),
                                     fields = text_map_of(parameters, "parameters")](const Session& session) {
            return client_of(session).query(service, action, {fields.begin(), fields.end()}).value();
        });
    });
    core.def("logs", [](nb::handle self, Value operation, Value members) {
        return call_to_python(
            self, [target = "Logs_20140328." + text_of(operation, "operation"), body = json_of(members)](
                      const Session& session) { return client_of(session).json11("logs", target, body).value(); });
    });
}

void add_zips(nb::module_& core) {
    core.def("zip_folder", [](Value folder) {
        return python::to_python(run_as_job([folder = text_of(folder, "root_dir")] { return zip_folder(folder); }));
    });
    core.def("zip_folder_to_bytes", [](Value folder, Value files_to_ignore) {
        return to_python(
            run_as_job([folder = text_of(folder, "root_dir"), ignore = texts_of(files_to_ignore, "files_to_ignore")] {
                return Bytes{zip_folder_to_bytes(folder, ignore)};
            }));
    });
}

}  // namespace

void add_services(nb::module_& core) {
    add_calls(core);
    add_zips(core);
    add_roles(core);
    add_s3(core);
    add_logs(core);
    add_dependencies(core);
}

}  // namespace osbot_aws::python
